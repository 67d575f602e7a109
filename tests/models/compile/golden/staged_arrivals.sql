SELECT
  "source_id",
  "parent_id",
  "resource",
  "raw_load",
  "read_at",
  "changed_at",
  "deleted_at",
  "merged_into",
  "version",
  "core_ref",
  "peers",
  "warnings",
  "first_read_at",
  CASE
    WHEN GREATEST("person__at", "title__at", "starts_at__at") > "last_read"
    THEN CAST(GETVARIABLE('now') AS TIMESTAMP)
    ELSE "last_edit"
  END AS "edited_at",
  "alive_at",
  "person",
  "person__at",
  "title",
  "title__at",
  "starts_at",
  "starts_at__at",
  "moved" OR GREATEST("person__at", "title__at", "starts_at__at") > "last_read" AS "moved"
FROM (
  SELECT
    "new"."source_id",
    "new"."parent_id",
    "new"."resource",
    "new"."raw_load",
    "new"."read_at",
    "new"."changed_at",
    CASE
      WHEN NOT "new"."deleted_at" IS NULL
      THEN COALESCE("old"."deleted_at", "new"."deleted_at")
    END AS "deleted_at",
    "new"."merged_into",
    "new"."version",
    "new"."core_ref",
    "new"."peers",
    "new"."warnings",
    COALESCE("old"."first_read_at", "old"."read_at", "new"."read_at") AS "first_read_at",
    "old"."edited_at" AS "last_edit",
    "old"."read_at" AS "last_read",
    CASE
      WHEN "new"."deleted_at" IS NULL
      THEN CAST(NULL AS TIMESTAMP)
      WHEN NOT "old"."deleted_at" IS NULL
      THEN "old"."alive_at"
      WHEN NOT "old"."source_id" IS NULL
      THEN CAST(GETVARIABLE('looked') AS TIMESTAMP)
    END AS "alive_at",
    "new"."person",
    CASE
      WHEN (
        "old"."source_id" IS NULL OR "new"."person" IS DISTINCT FROM "old"."person"
      )
      AND (
        (
          NOT "link"."at" IS NULL
          AND (
            "new"."person" = TRY_CAST((
              "link"."observed" ->> '$.person'
            ) AS TEXT)
          )
        )
        AND (
          "old"."person__at" IS NULL
          OR "old"."person__at" <= COALESCE(TRY_CAST((
            "link"."earlier" ->> '$.person'
          ) AS TIMESTAMP), "link"."at")
        )
      )
      THEN CAST('1970-01-01' AS TIMESTAMP)
      WHEN "old"."source_id" IS NULL
      THEN LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at")
      WHEN NOT "old"."source_id" IS NULL AND "old"."person__at" IS NULL
      THEN LEAST(
        LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
        COALESCE("old"."first_read_at", "old"."read_at")
      )
      WHEN "new"."person" IS DISTINCT FROM "old"."person"
      THEN GREATEST(
        LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
        "old"."read_at" + INTERVAL '1' MICROSECOND
      )
      WHEN COALESCE(TRY_CAST((
        "link"."earlier" ->> '$.person'
      ) AS TIMESTAMP), "link"."at") >= "old"."read_at"
      AND "link"."at" < "new"."read_at"
      AND "new"."changed_at" > "link"."at"
      AND "new"."person" <> TRY_CAST((
        "link"."observed" ->> '$.person'
      ) AS TEXT)
      THEN GREATEST(
        LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
        "link"."at" + INTERVAL '1' MICROSECOND
      )
      ELSE "old"."person__at"
    END AS "person__at",
    "new"."title",
    CASE
      WHEN (
        "old"."source_id" IS NULL OR "new"."title" IS DISTINCT FROM "old"."title"
      )
      AND (
        (
          NOT "link"."at" IS NULL
          AND (
            "new"."title" = TRY_CAST((
              "link"."observed" ->> '$.title'
            ) AS TEXT)
            OR (
              "new"."version" = "link"."version"
              AND LOWER(STRIP_ACCENTS(REPLACE("new"."title", ' ', ''))) = LOWER(
                STRIP_ACCENTS(REPLACE(TRY_CAST((
                  "link"."observed" ->> '$.title'
                ) AS TEXT), ' ', ''))
              )
            )
            OR (
              "new"."title" = UPPER(TRY_CAST((
                "link"."observed" ->> '$.title'
              ) AS TEXT))
              AND "old"."title" = UPPER("old"."title")
            )
            OR (
              "new"."title" = LOWER(TRY_CAST((
                "link"."observed" ->> '$.title'
              ) AS TEXT))
              AND "old"."title" = LOWER("old"."title")
            )
          )
        )
        AND (
          "old"."title__at" IS NULL
          OR "old"."title__at" <= COALESCE(TRY_CAST((
            "link"."earlier" ->> '$.title'
          ) AS TIMESTAMP), "link"."at")
        )
      )
      THEN CAST('1970-01-01' AS TIMESTAMP)
      WHEN "old"."source_id" IS NULL
      THEN CASE
        WHEN NOT "link"."at" IS NULL
        AND (
          "old"."title__at" IS NULL
          OR "old"."title__at" <= COALESCE(TRY_CAST((
            "link"."earlier" ->> '$.title'
          ) AS TIMESTAMP), "link"."at")
        )
        AND LOWER(STRIP_ACCENTS(REPLACE("new"."title", ' ', ''))) = LOWER(
          STRIP_ACCENTS(REPLACE(TRY_CAST((
            "link"."observed" ->> '$.title'
          ) AS TEXT), ' ', ''))
        )
        THEN LEAST(
          LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
          COALESCE("old"."read_at", "link"."at")
        )
        ELSE LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at")
      END
      WHEN NOT "old"."source_id" IS NULL AND "old"."title__at" IS NULL
      THEN LEAST(
        LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
        COALESCE("old"."first_read_at", "old"."read_at")
      )
      WHEN "new"."title" IS DISTINCT FROM "old"."title"
      THEN GREATEST(
        CASE
          WHEN NOT "link"."at" IS NULL
          AND (
            "old"."title__at" IS NULL
            OR "old"."title__at" <= COALESCE(TRY_CAST((
              "link"."earlier" ->> '$.title'
            ) AS TIMESTAMP), "link"."at")
          )
          AND LOWER(STRIP_ACCENTS(REPLACE("new"."title", ' ', ''))) = LOWER(
            STRIP_ACCENTS(REPLACE(TRY_CAST((
              "link"."observed" ->> '$.title'
            ) AS TEXT), ' ', ''))
          )
          THEN LEAST(
            LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
            COALESCE("old"."read_at", "link"."at")
          )
          ELSE LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at")
        END,
        "old"."read_at" + INTERVAL '1' MICROSECOND
      )
      WHEN COALESCE(TRY_CAST((
        "link"."earlier" ->> '$.title'
      ) AS TIMESTAMP), "link"."at") >= "old"."read_at"
      AND "link"."at" < "new"."read_at"
      AND "new"."changed_at" > "link"."at"
      AND NOT (
        LOWER(STRIP_ACCENTS(REPLACE("new"."title", ' ', ''))) = LOWER(
          STRIP_ACCENTS(REPLACE(TRY_CAST((
            "link"."observed" ->> '$.title'
          ) AS TEXT), ' ', ''))
        )
      )
      THEN GREATEST(
        LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
        "link"."at" + INTERVAL '1' MICROSECOND
      )
      ELSE "old"."title__at"
    END AS "title__at",
    "new"."starts_at",
    CASE
      WHEN (
        "old"."source_id" IS NULL OR "new"."starts_at" IS DISTINCT FROM "old"."starts_at"
      )
      AND (
        (
          NOT "link"."at" IS NULL
          AND (
            "new"."starts_at" = TRY_CAST((
              "link"."observed" ->> '$.starts_at'
            ) AS TIMESTAMP)
            OR (
              "new"."version" = "link"."version"
              AND ABS(
                DATE_DIFF(
                  'second',
                  "new"."starts_at",
                  TRY_CAST((
                    "link"."observed" ->> '$.starts_at'
                  ) AS TIMESTAMP)
                )
              ) < 60
            )
            OR (
              "new"."starts_at" = DATE_TRUNC('minute', TRY_CAST((
                "link"."observed" ->> '$.starts_at'
              ) AS TIMESTAMP))
              AND "old"."starts_at" = DATE_TRUNC('minute', "old"."starts_at")
            )
          )
        )
        AND (
          "old"."starts_at__at" IS NULL
          OR "old"."starts_at__at" <= COALESCE(TRY_CAST((
            "link"."earlier" ->> '$.starts_at'
          ) AS TIMESTAMP), "link"."at")
        )
      )
      THEN CAST('1970-01-01' AS TIMESTAMP)
      WHEN "old"."source_id" IS NULL
      THEN CASE
        WHEN NOT "link"."at" IS NULL
        AND (
          "old"."starts_at__at" IS NULL
          OR "old"."starts_at__at" <= COALESCE(TRY_CAST((
            "link"."earlier" ->> '$.starts_at'
          ) AS TIMESTAMP), "link"."at")
        )
        AND ABS(
          DATE_DIFF(
            'second',
            "new"."starts_at",
            TRY_CAST((
              "link"."observed" ->> '$.starts_at'
            ) AS TIMESTAMP)
          )
        ) < 60
        THEN LEAST(
          LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
          COALESCE("old"."read_at", "link"."at")
        )
        ELSE LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at")
      END
      WHEN NOT "old"."source_id" IS NULL AND "old"."starts_at__at" IS NULL
      THEN LEAST(
        LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
        COALESCE("old"."first_read_at", "old"."read_at")
      )
      WHEN "new"."starts_at" IS DISTINCT FROM "old"."starts_at"
      THEN GREATEST(
        CASE
          WHEN NOT "link"."at" IS NULL
          AND (
            "old"."starts_at__at" IS NULL
            OR "old"."starts_at__at" <= COALESCE(TRY_CAST((
              "link"."earlier" ->> '$.starts_at'
            ) AS TIMESTAMP), "link"."at")
          )
          AND ABS(
            DATE_DIFF(
              'second',
              "new"."starts_at",
              TRY_CAST((
                "link"."observed" ->> '$.starts_at'
              ) AS TIMESTAMP)
            )
          ) < 60
          THEN LEAST(
            LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
            COALESCE("old"."read_at", "link"."at")
          )
          ELSE LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at")
        END,
        "old"."read_at" + INTERVAL '1' MICROSECOND
      )
      WHEN COALESCE(TRY_CAST((
        "link"."earlier" ->> '$.starts_at'
      ) AS TIMESTAMP), "link"."at") >= "old"."read_at"
      AND "link"."at" < "new"."read_at"
      AND "new"."changed_at" > "link"."at"
      AND NOT (
        ABS(
          DATE_DIFF(
            'second',
            "new"."starts_at",
            TRY_CAST((
              "link"."observed" ->> '$.starts_at'
            ) AS TIMESTAMP)
          )
        ) < 60
      )
      THEN GREATEST(
        LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
        "link"."at" + INTERVAL '1' MICROSECOND
      )
      ELSE "old"."starts_at__at"
    END AS "starts_at__at",
    "old"."source_id" IS NULL
    OR "new"."core_ref" IS DISTINCT FROM "old"."core_ref"
    OR "new"."peers" IS DISTINCT FROM "old"."peers"
    OR "new"."person" IS DISTINCT FROM "old"."person"
    OR "new"."title" IS DISTINCT FROM "old"."title"
    OR "new"."starts_at" IS DISTINCT FROM "old"."starts_at"
    OR CASE
      WHEN NOT "new"."deleted_at" IS NULL
      THEN COALESCE("old"."deleted_at", "new"."deleted_at")
    END IS DISTINCT FROM "old"."deleted_at" AS "moved"
  FROM (
    SELECT
      *
    FROM passed
    WHERE
      NOT row__number IN (
        SELECT
          row__number
        FROM passed
        WHERE
          "source_id" IN (
            SELECT
              source_id
            FROM candidates
            GROUP BY
              source_id
            HAVING
              COUNT(*) > 1
          )
        QUALIFY
          ROW_NUMBER() OVER (PARTITION BY "source_id" ORDER BY "changed_at" DESC, "seq" DESC) > 1
      )
  ) AS new
  LEFT JOIN (
    SELECT
      *
    FROM "staged"."order__visit"
    WHERE
      rowid IN (
        SELECT
          rowid
        FROM "staged"."order__visit"
        WHERE
          source_id IN (
            SELECT
              source_id
            FROM candidates
          )
      )
  ) AS old
    ON old.source_id = new.source_id
  LEFT JOIN (
    SELECT
      *
    FROM meta.links
    WHERE
      "system" = 'order' AND "entity" = 'visit'
    QUALIFY
      ROW_NUMBER() OVER (PARTITION BY "target_id" ORDER BY "receipt" DESC) = 1
  ) AS link
    ON "link"."target_id" = "new"."source_id"
  WHERE
    "old"."changed_at" IS NULL
    OR "new"."changed_at" IS NULL
    OR "new"."changed_at" >= "old"."changed_at"
) AS compared
