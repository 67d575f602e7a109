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
    "last_edit",
    "last_read",
    "alive_at",
    "row.first" OR "row.moved" OR "person.moved" OR "title.moved" OR "starts_at.moved" AS "moved",
    "person",
    CASE
      WHEN "row.linked"
      AND "person.since"
      AND (
        "row.first" OR "person.moved"
      )
      AND "person.ours"
      THEN CAST('1970-01-01' AS TIMESTAMP)
      WHEN "row.first"
      THEN "row.stamp"
      WHEN "person.was" IS NULL
      THEN "row.beginning"
      WHEN "person.moved"
      THEN GREATEST("row.stamp", "row.after_read")
      WHEN "row.later" AND "person.rewritten" AND NOT "person.ours"
      THEN "row.after_write"
      ELSE "person.was"
    END AS "person__at",
    "title",
    CASE
      WHEN "row.linked"
      AND "title.since"
      AND (
        "row.first" OR "title.moved"
      )
      AND (
        "title.ours"
        OR (
          "title.alike"
          AND (
            "row.same"
            OR (
              "title" = UPPER("title") AND "title.old" = UPPER("title.old")
            )
            OR (
              "title" = LOWER("title") AND "title.old" = LOWER("title.old")
            )
          )
        )
      )
      THEN CAST('1970-01-01' AS TIMESTAMP)
      WHEN "row.first"
      THEN CASE WHEN "title.since" AND "title.alike" THEN "row.earliest" ELSE "row.stamp" END
      WHEN "title.was" IS NULL
      THEN "row.beginning"
      WHEN "title.moved"
      THEN GREATEST(
        CASE WHEN "title.since" AND "title.alike" THEN "row.earliest" ELSE "row.stamp" END,
        "row.after_read"
      )
      WHEN "row.later" AND "title.rewritten" AND NOT "title.alike"
      THEN "row.after_write"
      ELSE "title.was"
    END AS "title__at",
    "starts_at",
    CASE
      WHEN "row.linked"
      AND "starts_at.since"
      AND (
        "row.first" OR "starts_at.moved"
      )
      AND (
        "starts_at.ours"
        OR (
          "starts_at.alike"
          AND (
            "row.same"
            OR (
              "starts_at" = DATE_TRUNC('minute', "starts_at")
              AND "starts_at.old" = DATE_TRUNC('minute', "starts_at.old")
            )
          )
        )
      )
      THEN CAST('1970-01-01' AS TIMESTAMP)
      WHEN "row.first"
      THEN CASE
        WHEN "starts_at.since" AND "starts_at.alike"
        THEN "row.earliest"
        ELSE "row.stamp"
      END
      WHEN "starts_at.was" IS NULL
      THEN "row.beginning"
      WHEN "starts_at.moved"
      THEN GREATEST(
        CASE
          WHEN "starts_at.since" AND "starts_at.alike"
          THEN "row.earliest"
          ELSE "row.stamp"
        END,
        "row.after_read"
      )
      WHEN "row.later" AND "starts_at.rewritten" AND NOT "starts_at.alike"
      THEN "row.after_write"
      ELSE "starts_at.was"
    END AS "starts_at__at"
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
      "new"."core_ref" IS DISTINCT FROM "old"."core_ref"
      OR "new"."peers" IS DISTINCT FROM "old"."peers"
      OR CASE
        WHEN NOT "new"."deleted_at" IS NULL
        THEN COALESCE("old"."deleted_at", "new"."deleted_at")
      END IS DISTINCT FROM "old"."deleted_at" AS "row.moved",
      "old"."source_id" IS NULL AS "row.first",
      NOT "link"."at" IS NULL AS "row.linked",
      "new"."version" = "link"."version" AS "row.same",
      LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at") AS "row.stamp",
      LEAST(
        LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
        COALESCE("old"."first_read_at", "old"."read_at")
      ) AS "row.beginning",
      "old"."read_at" + INTERVAL '1' MICROSECOND AS "row.after_read",
      LEAST(
        LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
        COALESCE("old"."read_at", "link"."at")
      ) AS "row.earliest",
      "link"."at" < "new"."read_at" AND "new"."changed_at" > "link"."at" AS "row.later",
      GREATEST(
        LEAST(COALESCE("new"."changed_at", "new"."read_at"), "new"."read_at"),
        "link"."at" + INTERVAL '1' MICROSECOND
      ) AS "row.after_write",
      "new"."person",
      "new"."title",
      "new"."starts_at",
      "old"."person" AS "person.old",
      "old"."person__at" AS "person.was",
      "new"."person" IS DISTINCT FROM "old"."person" AS "person.moved",
      "old"."person__at" IS NULL
      OR "old"."person__at" <= COALESCE(TRY_CAST((
        "link"."earlier" ->> '$.person'
      ) AS TIMESTAMP), "link"."at") AS "person.since",
      COALESCE(TRY_CAST((
        "link"."earlier" ->> '$.person'
      ) AS TIMESTAMP), "link"."at") >= "old"."read_at" AS "person.rewritten",
      "new"."person" = TRY_CAST((
        "link"."observed" ->> '$.person'
      ) AS TEXT) AS "person.ours",
      "old"."title" AS "title.old",
      "old"."title__at" AS "title.was",
      "new"."title" IS DISTINCT FROM "old"."title" AS "title.moved",
      "old"."title__at" IS NULL
      OR "old"."title__at" <= COALESCE(TRY_CAST((
        "link"."earlier" ->> '$.title'
      ) AS TIMESTAMP), "link"."at") AS "title.since",
      COALESCE(TRY_CAST((
        "link"."earlier" ->> '$.title'
      ) AS TIMESTAMP), "link"."at") >= "old"."read_at" AS "title.rewritten",
      CASE
        WHEN NOT "link"."at" IS NULL
        THEN LOWER(STRIP_ACCENTS(REPLACE("new"."title", ' ', ''))) = LOWER(
          STRIP_ACCENTS(REPLACE(TRY_CAST((
            "link"."observed" ->> '$.title'
          ) AS TEXT), ' ', ''))
        )
      END AS "title.alike",
      "new"."title" = TRY_CAST((
        "link"."observed" ->> '$.title'
      ) AS TEXT) AS "title.ours",
      "old"."starts_at" AS "starts_at.old",
      "old"."starts_at__at" AS "starts_at.was",
      "new"."starts_at" IS DISTINCT FROM "old"."starts_at" AS "starts_at.moved",
      "old"."starts_at__at" IS NULL
      OR "old"."starts_at__at" <= COALESCE(TRY_CAST((
        "link"."earlier" ->> '$.starts_at'
      ) AS TIMESTAMP), "link"."at") AS "starts_at.since",
      COALESCE(TRY_CAST((
        "link"."earlier" ->> '$.starts_at'
      ) AS TIMESTAMP), "link"."at") >= "old"."read_at" AS "starts_at.rewritten",
      CASE
        WHEN NOT "link"."at" IS NULL
        THEN ABS(
          DATE_DIFF(
            'second',
            "new"."starts_at",
            TRY_CAST((
              "link"."observed" ->> '$.starts_at'
            ) AS TIMESTAMP)
          )
        ) < 60
      END AS "starts_at.alike",
      "new"."starts_at" = TRY_CAST((
        "link"."observed" ->> '$.starts_at'
      ) AS TIMESTAMP) AS "starts_at.ours"
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
  ) AS beside
) AS compared
