"""Location: a place where work is done."""

from models.ownership import prefer
from models.schema import Entity, Field, Type

ENTITY = Entity(
    name="location",
    title="Location",
    description="A service address of a customer.",
    prefix="loc",
    owner=prefer("scheduling", "crm", "files"),
    keys=(("street", "postal_code", "customer"),),
    fields=(
        Field("customer", ref="customer", description="Whose place it is."),
        Field("name", description="What people call the place."),
        Field("street", description="Street and unit.", group="address", personal=True),
        Field("city", description="City.", group="address"),
        Field("state", description="State or province.", group="address"),
        Field("postal_code", description="Postal code.", group="address"),
        Field("country", description="Country, ISO 3166-1 alpha-2.", group="address"),
        Field("latitude", Type.NUMBER, description="Degrees north, WGS 84.", group="position", unit="degrees"),
        Field("longitude", Type.NUMBER, description="Degrees east, WGS 84.", group="position", unit="degrees"),
    ),
)
