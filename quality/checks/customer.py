"""What a company expects of its customer records."""

from quality.rules import CURRENCY, E164, EMAIL, any_of, given_with, matches, rule

CHECKS = (
    rule(
        "customer",
        "family_name",
        "has_a_name",
        any_of("given_name", "family_name", "company_name"),
        "A customer without any name cannot be told apart, billed or greeted.",
        shows=("given_name", "company_name"),
    ),
    rule(
        "customer",
        "email",
        "can_be_reached",
        any_of("email", "phone", "street"),
        "A customer without e-mail, phone and address gets no bill and no visit.",
        shows=("phone", "street"),
    ),
    rule("customer", "email", "email_form", matches("email", EMAIL), "Mail to a text that is no address is lost."),
    rule("customer", "phone", "phone_form", matches("phone", E164), "Systems match and dial numbers in E.164 alone."),
    rule("customer", "currency", "currency_form", matches("currency", CURRENCY), "A currency is a code of ISO 4217."),
    rule(
        "customer",
        "balance",
        "balance_has_currency",
        given_with("balance", "currency"),
        "An amount without its currency cannot be added up.",
        shows=("currency",),
    ),
)
