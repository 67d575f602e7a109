SELECT
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN "pin"."f"
    WHEN NOT "a"."core_id" IS NULL
    THEN "a"."f"
    ELSE NULL
  END AS "value",
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN 'pin'
    WHEN NOT "a"."core_id" IS NULL
    THEN 'a'
  END AS "from",
  CASE
    WHEN NOT "a"."core_id" IS NULL
    THEN CASE
      WHEN NOT "a"."f" IS NULL OR "a"."f__at" > "a"."first_read_at"
      THEN "a"."f__at"
    END
  END AS "at"
