SELECT
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN "pin"."f"
    WHEN NOT "a"."f" IS NULL
    AND (
      NOT NOT "b"."f" IS NULL
      OR COALESCE("a"."f__at", CAST('1970-01-01' AS TIMESTAMP)) >= COALESCE("b"."f__at", CAST('1970-01-01' AS TIMESTAMP))
    )
    THEN "a"."f"
    WHEN NOT "b"."f" IS NULL
    AND (
      NOT NOT "a"."f" IS NULL
      OR COALESCE("b"."f__at", CAST('1970-01-01' AS TIMESTAMP)) > COALESCE("a"."f__at", CAST('1970-01-01' AS TIMESTAMP))
    )
    THEN "b"."f"
    ELSE NULL
  END AS "value",
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN 'pin'
    WHEN NOT "a"."f" IS NULL
    AND (
      NOT NOT "b"."f" IS NULL
      OR COALESCE("a"."f__at", CAST('1970-01-01' AS TIMESTAMP)) >= COALESCE("b"."f__at", CAST('1970-01-01' AS TIMESTAMP))
    )
    THEN 'a'
    WHEN NOT "b"."f" IS NULL
    AND (
      NOT NOT "a"."f" IS NULL
      OR COALESCE("b"."f__at", CAST('1970-01-01' AS TIMESTAMP)) > COALESCE("a"."f__at", CAST('1970-01-01' AS TIMESTAMP))
    )
    THEN 'b'
  END AS "from",
  CASE
    WHEN NOT "a"."f" IS NULL
    AND (
      NOT NOT "b"."f" IS NULL
      OR COALESCE("a"."f__at", CAST('1970-01-01' AS TIMESTAMP)) >= COALESCE("b"."f__at", CAST('1970-01-01' AS TIMESTAMP))
    )
    THEN "a"."f__at"
    WHEN NOT "b"."f" IS NULL
    AND (
      NOT NOT "a"."f" IS NULL
      OR COALESCE("b"."f__at", CAST('1970-01-01' AS TIMESTAMP)) > COALESCE("a"."f__at", CAST('1970-01-01' AS TIMESTAMP))
    )
    THEN "b"."f__at"
  END AS "at"
