"""What holds for an offer."""

from quality.rules import CURRENCY, at_least, matches, not_before, rule

CHECKS = (
    rule("estimate", "total", "total_not_negative", at_least("total", 0), "An offer asks for money, it gives none."),
    rule(
        "estimate",
        "expires_on",
        "expires_after_issue",
        not_before("expires_on", "issued_on"),
        "An offer that expired before it was made cannot be accepted.",
        shows=("issued_on",),
    ),
    rule("estimate", "currency", "currency_form", matches("currency", CURRENCY), "A currency is a code of ISO 4217."),
)
