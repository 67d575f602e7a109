SELECT
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN "pin"."f"
    WHEN (
      NOT "a"."f" IS NULL OR "a"."f__at" > "a"."first_read_at"
    )
    THEN "a"."f"
    WHEN NOT "b"."f" IS NULL
    THEN "b"."f"
    ELSE NULL
  END AS "value",
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN 'pin'
    WHEN (
      NOT "a"."f" IS NULL OR "a"."f__at" > "a"."first_read_at"
    )
    THEN 'a'
    WHEN NOT "b"."f" IS NULL
    THEN 'b'
  END AS "from",
  CASE
    WHEN (
      NOT "a"."f" IS NULL OR "a"."f__at" > "a"."first_read_at"
    )
    THEN CASE
      WHEN NOT "a"."f" IS NULL OR "a"."f__at" > "a"."first_read_at"
      THEN "a"."f__at"
    END
    WHEN NOT "b"."f" IS NULL
    THEN "b"."f__at"
  END AS "at"
