SELECT
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN "pin"."f"
    WHEN (
      NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
    )
    AND (
      NOT (
        NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
      )
      OR COALESCE(GREATEST("a"."f__at", "a"."g__at"), CAST('1970-01-01' AS TIMESTAMP)) >= COALESCE(GREATEST("b"."f__at", "b"."g__at"), CAST('1970-01-01' AS TIMESTAMP))
    )
    THEN "a"."f"
    WHEN (
      NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
    )
    AND (
      NOT (
        NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
      )
      OR COALESCE(GREATEST("b"."f__at", "b"."g__at"), CAST('1970-01-01' AS TIMESTAMP)) > COALESCE(GREATEST("a"."f__at", "a"."g__at"), CAST('1970-01-01' AS TIMESTAMP))
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
    AND (
      NOT (
        NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
      )
      OR COALESCE(GREATEST("a"."f__at", "a"."g__at"), CAST('1970-01-01' AS TIMESTAMP)) >= COALESCE(GREATEST("b"."f__at", "b"."g__at"), CAST('1970-01-01' AS TIMESTAMP))
    )
    THEN 'a'
    WHEN (
      NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
    )
    AND (
      NOT (
        NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
      )
      OR COALESCE(GREATEST("b"."f__at", "b"."g__at"), CAST('1970-01-01' AS TIMESTAMP)) > COALESCE(GREATEST("a"."f__at", "a"."g__at"), CAST('1970-01-01' AS TIMESTAMP))
    )
    THEN 'b'
  END AS "from",
  CASE
    WHEN (
      NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
    )
    AND (
      NOT (
        NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
      )
      OR COALESCE(GREATEST("a"."f__at", "a"."g__at"), CAST('1970-01-01' AS TIMESTAMP)) >= COALESCE(GREATEST("b"."f__at", "b"."g__at"), CAST('1970-01-01' AS TIMESTAMP))
    )
    THEN GREATEST("a"."f__at", "a"."g__at")
    WHEN (
      NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
    )
    AND (
      NOT (
        NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
      )
      OR COALESCE(GREATEST("b"."f__at", "b"."g__at"), CAST('1970-01-01' AS TIMESTAMP)) > COALESCE(GREATEST("a"."f__at", "a"."g__at"), CAST('1970-01-01' AS TIMESTAMP))
    )
    THEN GREATEST("b"."f__at", "b"."g__at")
  END AS "at"
