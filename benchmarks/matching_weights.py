"""Makes the shipped weights of the matcher: ``python -m benchmarks.matching_weights`` writes models/weights/*.json.

Each comparison carries two chances: that a true pair looks like this (m) and that two strangers do (u). They are set
by hand, from what a field-service company's customers share with each other, and are the same for every company.
``tests/pipelines/test_matching_accuracy.py`` holds them against labelled records that nobody here made.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

# (condition, chance among true pairs, chance among strangers)
Level = tuple[str, float, float]


def typo(column: str, edits: int) -> str:
    return f"damerau_levenshtein({column}_l, {column}_r) <= {edits}"


def alike(column: str, share: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {share}"


def crossed(column: str, other: str) -> str:
    """Two parts of an address stand in each other's place."""
    return " OR ".join(
        f"coalesce(jaro_winkler_similarity({column}_{a}, {other}_{b}) >= 0.9, false)" for a, b in ("lr", "rl")
    )


def same(column: str) -> str:
    return f"{column}_l = {column}_r"


def comparison(
    column: str, levels: list[Level], other: tuple[float, float], first: list[Level] | None = None
) -> dict[str, Any]:
    """One compared column: ``first``, nothing said where either side is empty, the levels, all others."""
    before, known = [
        [
            {"sql_condition": condition, "label_for_charts": condition, "m_probability": m, "u_probability": u}
            for condition, m, u in part
        ]
        for part in (first or [], levels)
    ]
    absent = {
        "sql_condition": f"{column}_l IS NULL OR {column}_r IS NULL",
        "label_for_charts": "absent",
        "is_null_level": True,
    }
    rest = {"sql_condition": "ELSE", "label_for_charts": "other", "m_probability": other[0], "u_probability": other[1]}
    return {"output_column_name": column, "comparison_levels": [*before, absent, *known, rest]}


def settings(comparisons: list[dict[str, Any]], blocks: list[str], prior: float) -> dict[str, Any]:
    return {
        "link_type": "dedupe_only",
        "sql_dialect": "duckdb",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": prior,
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": " AND ".join(same_block(part) for part in block.split("+")), "sql_dialect": "duckdb"}
            for block in blocks
        ],
    }


def same_block(part: str) -> str:
    left, _, right = part.partition("=")
    return (
        f"l.{left} = r.{right or left}" if "(" not in left else f"{left.replace('@', 'l')} = {left.replace('@', 'r')}"
    )


# What a person does not share with the household: with one of these equal, a differing name is a slip of the pen.
OF_ONE_PERSON = " OR ".join(
    f"coalesce({condition}, false)"
    for condition in (same("birth_date"), same("person_id"), same("email"), typo("birth_date", 1), typo("person_id", 1))
)


def name_levels(column: str, swapped: str) -> list[Level]:
    return [
        (same(column), 0.75, 0.006),
        (alike(column, 0.92), 0.10, 0.003),
        (alike(column, 0.80), 0.06, 0.02),
        (f"{column}_l = {swapped}_r OR {column}_r = {swapped}_l", 0.04, 0.001),
        (f"starts_with({column}_l, {column}_r) OR starts_with({column}_r, {column}_l)", 0.02, 0.004),
        (OF_ONE_PERSON, 0.05, 0.96),
    ]


def given_name_levels() -> list[Level]:
    """As every name, and short forms (Sue, Susan) where the whole is spelt right."""
    exact, *others = name_levels("given_name", "family_name")
    return [exact, ("list_has_any(given_names_l, given_names_r)", 0.05, 0.003), *others]


def papers_of_person() -> list[dict[str, Any]]:
    return [
        comparison(
            "birth_date",
            [
                (same("birth_date"), 0.9, 0.0001),
                (typo("birth_date", 1), 0.06, 0.001),
                (typo("birth_date", 2), 0.02, 0.01),
            ],
            (0.02, 0.98),
        ),
        comparison(
            "person_id",
            [
                (same("person_id"), 0.9, 0.000001),
                (typo("person_id", 1), 0.06, 0.00001),
                (typo("person_id", 2), 0.02, 0.0005),
            ],
            (0.02, 0.98),
        ),
    ]


def reach_of_person() -> list[dict[str, Any]]:
    return [
        comparison(
            "email",
            [
                (same("email"), 0.8, 0.0001),
                ("split_part(email_l, '@', 1) = split_part(email_r, '@', 1)", 0.05, 0.0005),
                (alike("email", 0.92), 0.05, 0.001),
            ],
            (0.1, 0.99),
        ),
        comparison("phone", [(same("phone"), 0.8, 0.0005), (typo("phone", 1), 0.05, 0.0005)], (0.15, 0.99)),
    ]


# Customers of one company live in a few towns: that two strangers share one says little.
def address_of_person() -> list[dict[str, Any]]:
    return [
        comparison(
            "street_number", [(same("street_number"), 0.85, 0.02), (typo("street_number", 1), 0.08, 0.1)], (0.07, 0.88)
        ),
        comparison(
            "street_name",
            [
                (same("street_name"), 0.75, 0.003),
                (alike("street_name", 0.9), 0.15, 0.003),
                (crossed("street_name", "locality"), 0.03, 0.003),
                (alike("street_name", 0.8), 0.03, 0.02),
            ],
            (0.07, 0.97),
        ),
        comparison(
            "locality",
            [
                (same("locality"), 0.8, 0.01),
                (alike("locality", 0.85), 0.1, 0.02),
                (crossed("locality", "street_name"), 0.03, 0.003),
            ],
            (0.1, 0.9),
        ),
        comparison("city", [(same("city"), 0.8, 0.1), (alike("city", 0.85), 0.1, 0.02)], (0.1, 0.9)),
        comparison("state", [(same("state"), 0.9, 0.4)], (0.1, 0.6)),
        comparison(
            "postal_code", [(same("postal_code"), 0.85, 0.03), (typo("postal_code", 1), 0.08, 0.03)], (0.07, 0.9)
        ),
    ]


PEOPLE_BLOCKS = [
    "person_id",
    "left(@.person_id, 4)+state",
    "email",
    "phone",
    "birth_date",
    "given_name+family_name",
    "given_name=family_name+family_name=given_name",
    "street_name+street_number",
    "locality",
    "street_number+postal_code",
    "street_number+city",
    "given_name+street_name",
    "family_name+street_name",
    "given_name+street_number",
    "family_name+street_number",
    "left(@.street_name, 4)+postal_code",
    "left(@.street_name, 4)+street_number",
    "left(@.street_name, 4)+left(@.family_name, 3)",
    "left(@.family_name, 3)+postal_code",
    "left(@.family_name, 3)+left(@.birth_date, 4)",
]


def person() -> dict[str, Any]:
    """People: names, birth date and number of a person where known, phone, e-mail, address."""
    unnamed = f"(given_name_l IS NULL OR given_name_r IS NULL) AND NOT ({OF_ONE_PERSON})"
    comparisons = [
        # a family shares all of this but the first name: without that, or with another, it is not known who is meant
        comparison("given_name", given_name_levels(), (1e-9, 0.96), [(unnamed, 1e-7, 1.0)]),
        comparison("family_name", name_levels("family_name", "given_name"), (1e-5, 0.96)),
        *papers_of_person(),
        *reach_of_person(),
        *address_of_person(),
    ]
    return settings(comparisons, PEOPLE_BLOCKS, 1e-5)


def name_of_company(column: str = "name") -> dict[str, Any]:
    shared = "list_intersect(name_words_l, name_words_r)"
    least = "least(len(name_words_l), len(name_words_r))"
    levels: list[Level] = [
        (f"{same(column)} OR {same('name_words')}", 0.72, 0.0005),
        (f"{alike(column, 0.92)} OR len({shared}) = {least}", 0.14, 0.003),
        (f"{alike(column, 0.8)} OR len({shared}) * 2 >= {least}", 0.1, 0.03),
    ]
    return comparison(column, levels, (2e-6, 0.966))


def street_of_company() -> list[dict[str, Any]]:
    return [
        comparison(
            "street_number", [(same("street_number"), 0.88, 0.01), (typo("street_number", 1), 0.04, 0.08)], (0.08, 0.91)
        ),
        comparison(
            "street_name",
            [
                (same("street_name"), 0.7, 0.01),
                (alike("street_name", 0.9), 0.15, 0.01),
                (alike("street_name", 0.75), 0.1, 0.05),
            ],
            (0.05, 0.93),
        ),
        comparison("city", [(same("city"), 0.7, 0.15), (alike("city", 0.85), 0.1, 0.03)], (0.2, 0.82)),
        comparison("state", [(same("state"), 0.95, 0.4)], (0.05, 0.6)),
        comparison(
            "postal_code", [(same("postal_code"), 0.85, 0.03), (typo("postal_code", 1), 0.08, 0.05)], (0.07, 0.92)
        ),
    ]


def company() -> dict[str, Any]:
    """Companies: name, phone, e-mail, address. Two businesses behind one phone differ in their name."""
    comparisons = [
        name_of_company(),
        comparison("phone", [(same("phone"), 0.85, 0.0002), (typo("phone", 1), 0.03, 0.0005)], (0.12, 0.999)),
        comparison(
            "email",
            [(same("email"), 0.7, 0.0002), ("split_part(email_l, '@', 2) = split_part(email_r, '@', 2)", 0.15, 0.02)],
            (0.15, 0.98),
        ),
        *street_of_company(),
    ]
    blocks = [
        "phone",
        "email",
        "name",
        "name_words",
        "street_name+street_number",
        "street_number+postal_code",
        "name_words[1]=name_words[1]+street_number",
        "street_number+city",
    ]
    return settings(comparisons, blocks, 1e-4)


def place() -> dict[str, Any]:
    """Places of one customer (``parent``): the address decides, the name helps."""
    return settings([name_of_company(), *street_of_company()], ["parent"], 0.05)


if __name__ == "__main__":
    for kind, made in (("person", person()), ("company", company()), ("place", place())):
        path = ROOT / "models" / "weights" / f"{kind}.json"
        path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        sys.stdout.write(f"{path.name}\n")
