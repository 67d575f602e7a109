"""Item: a product or service that can be sold."""

from models.ownership import prefer
from models.schema import Entity, Field, Type

ENTITY = Entity(
    name="item",
    title="Item",
    description="A product or service of the price book.",
    prefix="itm",
    owner=prefer("accounting", "scheduling", "files"),
    keys=(("name",),),
    fields=(
        Field("name", description="Name in the price book.", required=True),
        Field("description", description="What the customer reads."),
        Field("sku", description="Stock keeping unit."),
        Field("unit_price", Type.MONEY, description="Price of one."),
        Field("taxable", Type.FLAG, description="Whether sales tax applies."),
        Field("active", Type.FLAG, description="Whether it may still be sold."),
        Field("kind", description="service, product or other.", one_of=("service", "product", "other")),
    ),
)
