"""Codecs for addresses: a street that vendors keep in several lines, a country that each spells its own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from models.fields import Codec, text
from models.paths import call, literal, trimmed_at

# ISO 3166-1: alpha-2 -> alpha-3 and the names that people and vendors use, for the countries in which the systems
# that we know are sold. What is not on this short list is kept as it stands.
COUNTRIES: Mapping[str, tuple[str, ...]] = {
    "US": ("USA", "United States", "United States of America", "America"),
    "CA": ("CAN", "Canada"),
    "MX": ("MEX", "Mexico", "México"),
    "PR": ("PRI", "Puerto Rico"),
    "GB": ("GBR", "UK", "United Kingdom", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland"),
    "IE": ("IRL", "Ireland", "Republic of Ireland"),
    "AU": ("AUS", "Australia"),
    "NZ": ("NZL", "New Zealand", "Aotearoa"),
    "ZA": ("ZAF", "South Africa"),
    "DE": ("DEU", "Germany", "Deutschland"),
    "AT": ("AUT", "Austria", "Österreich"),
    "CH": ("CHE", "Switzerland", "Schweiz", "Suisse", "Svizzera"),
    "FR": ("FRA", "France"),
    "BE": ("BEL", "Belgium", "België", "Belgique"),
    "NL": ("NLD", "Netherlands", "The Netherlands", "Nederland"),
    "LU": ("LUX", "Luxembourg"),
    "ES": ("ESP", "Spain", "España"),
    "PT": ("PRT", "Portugal"),
    "IT": ("ITA", "Italy", "Italia"),
    "DK": ("DNK", "Denmark", "Danmark"),
    "SE": ("SWE", "Sweden", "Sverige"),
    "NO": ("NOR", "Norway", "Norge"),
    "FI": ("FIN", "Finland", "Suomi"),
    "PL": ("POL", "Poland", "Polska"),
    "CZ": ("CZE", "Czech Republic", "Czechia"),
    "BR": ("BRA", "Brazil", "Brasil"),
    "IN": ("IND", "India"),
    "SG": ("SGP", "Singapore"),
    "JP": ("JPN", "Japan"),
    "AE": ("ARE", "UAE", "United Arab Emirates"),
}
_KNOWN = {name.upper(): code for code, names in COUNTRIES.items() for name in (code, *names)}


def street(*parts: str) -> Codec:
    """Lines of a street as one text, joined by a comma; written as the first, so that the others have to be emptied."""
    value = call("nullif", call("concat_ws", literal(", "), *map(trimmed_at, parts)), literal(""))
    return replace(text(parts[0]), kind="street", paths=parts, read=lambda _: value.copy(), raw=None)


def country(path: str, *, max: int | None = None) -> Codec:
    """A country as its ISO 3166-1 alpha-2 code; a text that does not name one that we know is kept as it stands."""
    return coded(text(path, max=max))


def coded(codec: Codec) -> Codec:
    """A text as the country that it names, for places that no path says."""
    spellings, codes = (exp.array(*map(literal, some)) for some in (_KNOWN.keys(), _KNOWN.values()))

    def code(said: exp.Expr) -> exp.Expr:
        key = call("upper", call("replace", said, literal("."), literal("")))
        return call("coalesce", call("map_extract_value", call("map", spellings, codes), key), said)

    return replace(codec, kind="country", read=lambda context: code(codec.read(context)))
