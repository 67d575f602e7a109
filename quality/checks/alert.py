"""What makes an alert one that somebody can act on."""

from quality.rules import any_of, not_before, rule

CHECKS = (
    rule("alert", "remedy", "remedy_given", any_of("remedy"), "Who is told of something must be told what to do."),
    rule(
        "alert",
        "over_at",
        "over_after_since",
        not_before("over_at", "since"),
        "What is over before it began hides how long somebody waited.",
        shows=("since",),
    ),
)
