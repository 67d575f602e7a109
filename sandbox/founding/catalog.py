"""What the company sells: heating and cooling, plumbing and electrical work, parts and contracts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal

from sandbox.company import InvoiceLine, Product

# name, description, unit price in dollars, taxable
_OFFER = (
    ("Diagnostic visit", "Trip and first hour of fault finding", "89.00", False),
    ("HVAC labor hour", "Licensed HVAC technician, per hour", "125.00", False),
    ("Furnace tune-up", "Safety check, burner cleaning, filter", "149.00", False),
    ("AC tune-up", "Coil cleaning and charge check", "139.00", False),
    ("Refrigerant R-410A, lb", "Refrigerant, per pound", "85.50", True),
    ("Run capacitor 45/5", "Dual run capacitor, fitted", "187.25", True),
    ("Contactor, 2 pole", "Condenser contactor, fitted", "212.40", True),
    ("Blower motor", "ECM blower motor", "684.99", True),
    ("Smart thermostat", "Wi-Fi thermostat, fitted and paired", "289.95", True),
    ("MERV 11 filter", "Pleated filter, 16x25x1", "18.49", True),
    ("Condensate pump", "Pump with safety switch", "246.30", True),
    ("Plumbing labor hour", "Licensed plumber, per hour", "118.00", False),
    ("Drain cleaning", "Main line up to 100 feet", "229.00", False),
    ("Water heater flush", "Flush and anode check", "119.00", False),
    ("Water heater, 50 gal", "Gas water heater, 50 gallons", "1189.00", True),
    ("Garbage disposal", "3/4 HP disposal", "219.99", True),
    ("Kitchen faucet", "Pull-down faucet, brushed nickel", "264.75", True),
    ("Toilet rebuild kit", "Fill valve, flapper and supply line", "46.85", True),
    ("Pressure regulator", "Whole-house pressure regulator", "173.60", True),
    ("Electrical labor hour", "Licensed electrician, per hour", "122.00", False),
    ("Panel inspection", "Thermal and torque check of the panel", "159.00", False),
    ("GFCI outlet", "20 A GFCI outlet, fitted", "98.45", True),
    ("EV charger circuit", "50 A circuit up to 30 feet", "945.00", True),
    ("Surge protector", "Whole-home surge protector", "324.10", True),
    ("Maintenance plan, quarter", "Three months of the maintenance plan", "74.97", False),
)


def products() -> tuple[Product, ...]:
    """All products and services, prices to the cent."""
    return tuple(
        Product(key=f"product-{n:02}", name=name, description=text, unit_price=Decimal(price), taxable=taxable)
        for n, (name, text, price, taxable) in enumerate(_OFFER, start=1)
    )


def line(product: Product, quantity: Decimal) -> InvoiceLine:
    """One line; quantities are whole, except hours of labor, which come in halves of an even price."""
    amount = (product.unit_price * quantity).quantize(Decimal("0.01"))
    return InvoiceLine(
        product=product.key,
        description=product.description,
        quantity=quantity,
        unit_price=product.unit_price,
        amount=amount,
    )


def pick_lines(rng: random.Random, offer: Sequence[Product]) -> tuple[InvoiceLine, ...]:
    """One to four lines of different products."""
    chosen = rng.sample(list(offer), rng.choice((1, 1, 2, 2, 3, 4)))
    return tuple(line(product, _quantity(rng, product)) for product in chosen)


def _quantity(rng: random.Random, product: Product) -> Decimal:
    if "hour" in product.name:
        return Decimal(rng.randrange(2, 13)) / 2
    return Decimal(rng.choice((1, 1, 1, 2, 3)))
