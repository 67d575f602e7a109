"""Customer: a person or company that we work for and that pays us."""

from models.ownership import prefer, union
from models.schema import Entity, Field, Type

ENTITY = Entity(
    name="customer",
    title="Customer",
    description="A person or company that work is done for; the same one in CRM, scheduling and accounting.",
    prefix="cus",
    owner=prefer("crm", "scheduling", "accounting", "payments", "files"),
    keys=(
        ("email",),
        ("phone", "family_name"),
        ("phone", "company_name"),
        ("family_name", "given_name", "street", "postal_code"),
        ("company_name", "street", "postal_code"),
    ),
    fields=(
        Field("given_name", description="First name of the person, or of the contact at a company.", personal=True),
        Field("family_name", description="Last name of the person, or of the contact at a company.", personal=True),
        Field("company_name", description="Name of the company; empty for a private person."),
        Field("email", description="Main e-mail address, lower case.", personal=True),
        Field("phone", description="Main phone number, E.164.", owner=prefer("scheduling", "crm"), personal=True),
        Field("street", description="Billing address: street and unit.", group="address", personal=True),
        Field("city", description="Billing address: city.", group="address"),
        Field("state", description="Billing address: state or province.", group="address"),
        Field("postal_code", description="Billing address: postal code.", group="address"),
        Field("country", description="Billing address: country, ISO 3166-1 alpha-2.", group="address"),
        Field("status", description="Where the customer stands.", one_of=("lead", "active", "inactive")),
        Field("tags", Type.TAGS, description="Labels.", owner=union("crm", "scheduling")),
        Field(
            "balance", Type.MONEY, description="What the customer owes, as accounting says.", owner=prefer("accounting")
        ),
        Field("currency", description="Currency of the balance, ISO 4217.", owner=prefer("accounting")),
    ),
)
