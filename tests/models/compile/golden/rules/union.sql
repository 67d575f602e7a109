SELECT
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN "pin"."f"
    WHEN NOT "a"."f" IS NULL OR NOT "b"."f" IS NULL
    THEN LIST_SORT(
      LIST_DISTINCT(
        FLATTEN([COALESCE("a"."f", CAST([] AS TEXT[])), COALESCE("b"."f", CAST([] AS TEXT[]))])
      )
    )
    ELSE NULL
  END AS "value",
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
