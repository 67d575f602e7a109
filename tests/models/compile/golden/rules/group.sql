SELECT
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN "pin"."f"
    WHEN (
      NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
    )
    THEN "a"."f"
    WHEN (
      NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
    )
    THEN "b"."f"
    ELSE NULL
  END AS "value",
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN 'pin'
    WHEN (
      NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
    )
    THEN 'a'
    WHEN (
      NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
    )
    THEN 'b'
  END AS "from",
  CASE
    WHEN (
      NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
    )
    THEN GREATEST("a"."f__at", "a"."g__at")
    WHEN (
      NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
    )
    THEN GREATEST("b"."f__at", "b"."g__at")
  END AS "at"
