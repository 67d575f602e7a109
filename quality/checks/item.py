"""What holds for the price book."""

from quality.rules import at_least, rule

CHECKS = (
    rule(
        "item", "unit_price", "price_not_negative", at_least("unit_price", 0), "Nothing in the book costs less than 0."
    ),
)
