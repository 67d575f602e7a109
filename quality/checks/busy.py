"""What makes a block of time one that a scheduler can respect."""

from quality.rules import after, any_of, known_zone, not_before, rule, timed_or_all_day

CHECKS = (
    rule("busy", "calendar", "calendar_given", any_of("calendar"), "Busy time of nobody blocks nobody."),
    rule(
        "busy",
        "ends_at",
        "ends_after_start",
        after("ends_at", "starts_at"),
        "Time that ends before it starts blocks nothing.",
        shows=("starts_at",),
    ),
    rule(
        "busy",
        "ends_on",
        "days_in_order",
        not_before("ends_on", "starts_on"),
        "The last day cannot lie before the first.",
        shows=("starts_on",),
    ),
    rule(
        "busy",
        "starts_at",
        "timed_or_all_day",
        timed_or_all_day,
        "Busy time has times or whole days, not both.",
        shows=("starts_on", "all_day"),
    ),
    rule(
        "busy",
        "time_zone",
        "time_zone_known",
        known_zone("time_zone"),
        "An unknown zone would have to be guessed, and the block would shift.",
    ),
)
