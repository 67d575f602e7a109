SELECT
  COALESCE("pin"."f", "a"."f", "b"."f", NULL) AS "value",
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN 'pin'
    WHEN NOT "a"."f" IS NULL
    THEN 'a'
    WHEN NOT "b"."f" IS NULL
    THEN 'b'
  END AS "from",
  CASE
    WHEN NOT "a"."f" IS NULL
    THEN "a"."f__at"
    WHEN NOT "b"."f" IS NULL
    THEN "b"."f__at"
  END AS "at"
