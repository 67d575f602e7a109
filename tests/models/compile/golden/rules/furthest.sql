SELECT
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN "pin"."f"
    WHEN NOT "a"."f" IS NULL
    AND (
      NOT NOT "b"."f" IS NULL
      OR COALESCE(LIST_POSITION(['new', 'working', 'done'], "a"."f"), 0) >= COALESCE(LIST_POSITION(['new', 'working', 'done'], "b"."f"), 0)
    )
    THEN "a"."f"
    WHEN NOT "b"."f" IS NULL
    AND (
      NOT NOT "a"."f" IS NULL
      OR COALESCE(LIST_POSITION(['new', 'working', 'done'], "b"."f"), 0) > COALESCE(LIST_POSITION(['new', 'working', 'done'], "a"."f"), 0)
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
      OR COALESCE(LIST_POSITION(['new', 'working', 'done'], "a"."f"), 0) >= COALESCE(LIST_POSITION(['new', 'working', 'done'], "b"."f"), 0)
    )
    THEN 'a'
    WHEN NOT "b"."f" IS NULL
    AND (
      NOT NOT "a"."f" IS NULL
      OR COALESCE(LIST_POSITION(['new', 'working', 'done'], "b"."f"), 0) > COALESCE(LIST_POSITION(['new', 'working', 'done'], "a"."f"), 0)
    )
    THEN 'b'
  END AS "from",
  CASE
    WHEN NOT "a"."f" IS NULL
    AND (
      NOT NOT "b"."f" IS NULL
      OR COALESCE(LIST_POSITION(['new', 'working', 'done'], "a"."f"), 0) >= COALESCE(LIST_POSITION(['new', 'working', 'done'], "b"."f"), 0)
    )
    THEN "a"."f__at"
    WHEN NOT "b"."f" IS NULL
    AND (
      NOT NOT "a"."f" IS NULL
      OR COALESCE(LIST_POSITION(['new', 'working', 'done'], "b"."f"), 0) > COALESCE(LIST_POSITION(['new', 'working', 'done'], "a"."f"), 0)
    )
    THEN "b"."f__at"
  END AS "at"
