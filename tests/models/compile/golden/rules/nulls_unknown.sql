SELECT
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN "pin"."f"
    WHEN NOT "a"."core_id" IS NULL
    THEN "a"."f"
    WHEN NOT "b"."f" IS NULL
    THEN "b"."f"
    ELSE NULL
  END AS "value",
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN 'pin'
    WHEN NOT "a"."core_id" IS NULL
    THEN 'a'
    WHEN NOT "b"."f" IS NULL
    THEN 'b'
  END AS "from",
  CASE
    WHEN NOT "a"."core_id" IS NULL
    THEN "a"."f__at"
    WHEN NOT "b"."f" IS NULL
    THEN "b"."f__at"
  END AS "at"
