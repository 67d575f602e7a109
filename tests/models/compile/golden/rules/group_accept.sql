SELECT
  CASE
    WHEN NOT "pin"."f" IS NULL
    THEN "pin"."f"
    WHEN "taken"."f" = 'a'
    THEN "a"."f"
    WHEN "taken"."f" = 'b'
    THEN "b"."f"
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
    WHEN "taken"."f" = 'a'
    THEN 'a'
    WHEN "taken"."f" = 'b'
    THEN 'b'
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
    WHEN "taken"."f" = 'a'
    THEN GREATEST("a"."f__at", "a"."g__at")
    WHEN "taken"."f" = 'b'
    THEN GREATEST("b"."f__at", "b"."g__at")
    WHEN (
      NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
    )
    THEN GREATEST("a"."f__at", "a"."g__at")
    WHEN (
      NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
    )
    THEN GREATEST("b"."f__at", "b"."g__at")
  END AS "at",
  CASE
    WHEN CASE
      WHEN (
        NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
      )
      AND GREATEST("a"."f__at", "a"."g__at") > "a"."first_read_at"
      AND GREATEST("a"."f__at", "a"."g__at") > CASE
        WHEN (
          NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
        )
        THEN GREATEST(GREATEST("a"."f__at", "a"."g__at"), "a"."first_read_at")
        WHEN (
          NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
        )
        THEN GREATEST(GREATEST("b"."f__at", "b"."g__at"), "b"."first_read_at")
      END
      THEN GREATEST("a"."f__at", "a"."g__at")
    END = GREATEST(
      CASE
        WHEN (
          NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
        )
        AND GREATEST("a"."f__at", "a"."g__at") > "a"."first_read_at"
        AND GREATEST("a"."f__at", "a"."g__at") > CASE
          WHEN (
            NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
          )
          THEN GREATEST(GREATEST("a"."f__at", "a"."g__at"), "a"."first_read_at")
          WHEN (
            NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
          )
          THEN GREATEST(GREATEST("b"."f__at", "b"."g__at"), "b"."first_read_at")
        END
        THEN GREATEST("a"."f__at", "a"."g__at")
      END,
      CASE
        WHEN (
          NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
        )
        AND GREATEST("b"."f__at", "b"."g__at") > "b"."first_read_at"
        AND GREATEST("b"."f__at", "b"."g__at") > CASE
          WHEN (
            NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
          )
          THEN GREATEST(GREATEST("a"."f__at", "a"."g__at"), "a"."first_read_at")
          WHEN (
            NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
          )
          THEN GREATEST(GREATEST("b"."f__at", "b"."g__at"), "b"."first_read_at")
        END
        THEN GREATEST("b"."f__at", "b"."g__at")
      END
    )
    THEN 'a'
    WHEN CASE
      WHEN (
        NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
      )
      AND GREATEST("b"."f__at", "b"."g__at") > "b"."first_read_at"
      AND GREATEST("b"."f__at", "b"."g__at") > CASE
        WHEN (
          NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
        )
        THEN GREATEST(GREATEST("a"."f__at", "a"."g__at"), "a"."first_read_at")
        WHEN (
          NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
        )
        THEN GREATEST(GREATEST("b"."f__at", "b"."g__at"), "b"."first_read_at")
      END
      THEN GREATEST("b"."f__at", "b"."g__at")
    END = GREATEST(
      CASE
        WHEN (
          NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
        )
        AND GREATEST("a"."f__at", "a"."g__at") > "a"."first_read_at"
        AND GREATEST("a"."f__at", "a"."g__at") > CASE
          WHEN (
            NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
          )
          THEN GREATEST(GREATEST("a"."f__at", "a"."g__at"), "a"."first_read_at")
          WHEN (
            NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
          )
          THEN GREATEST(GREATEST("b"."f__at", "b"."g__at"), "b"."first_read_at")
        END
        THEN GREATEST("a"."f__at", "a"."g__at")
      END,
      CASE
        WHEN (
          NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
        )
        AND GREATEST("b"."f__at", "b"."g__at") > "b"."first_read_at"
        AND GREATEST("b"."f__at", "b"."g__at") > CASE
          WHEN (
            NOT "a"."f" IS NULL OR NOT "a"."g" IS NULL
          )
          THEN GREATEST(GREATEST("a"."f__at", "a"."g__at"), "a"."first_read_at")
          WHEN (
            NOT "b"."f" IS NULL OR NOT "b"."g" IS NULL
          )
          THEN GREATEST(GREATEST("b"."f__at", "b"."g__at"), "b"."first_read_at")
        END
        THEN GREATEST("b"."f__at", "b"."g__at")
      END
    )
    THEN 'b'
  END AS "taken"
