SELECT
  "core_id",
  "c"."field" AS "field",
  "c"."old" AS "old",
  "c"."new" AS "new",
  "c"."source" AS "source",
  "c"."at" AS "at"
FROM (
  SELECT
    "next"."core_id",
    UNNEST(
      LIST_FILTER(
        [
          CASE
            WHEN "next"."deleted_at" IS DISTINCT FROM "old"."deleted_at"
            THEN {'field': 'deleted_at', 'old': CAST("old"."deleted_at" AS TEXT), 'new': CAST("next"."deleted_at" AS TEXT), 'source': CAST(NULL AS TEXT), 'at': "next"."deleted_at"}
          END,
          CASE
            WHEN "next"."person" IS DISTINCT FROM "old"."person"
            THEN {'field': 'person', 'old': CAST("old"."person" AS TEXT), 'new': CAST("next"."person" AS TEXT), 'source': "next"."person__from", 'at': "next"."person__at"}
          END,
          CASE
            WHEN "next"."title" IS DISTINCT FROM "old"."title"
            THEN {'field': 'title', 'old': CAST("old"."title" AS TEXT), 'new': CAST("next"."title" AS TEXT), 'source': "next"."title__from", 'at': "next"."title__at"}
          END,
          CASE
            WHEN "next"."starts_at" IS DISTINCT FROM "old"."starts_at"
            THEN {'field': 'starts_at', 'old': CAST("old"."starts_at" AS TEXT), 'new': CAST("next"."starts_at" AS TEXT), 'source': "next"."starts_at__from", 'at': "next"."starts_at__at"}
          END,
          CASE
            WHEN "next"."who" IS DISTINCT FROM "old"."who"
            THEN {'field': 'who', 'old': CAST("old"."who" AS TEXT), 'new': CAST("next"."who" AS TEXT), 'source': "next"."who__from", 'at': "next"."who__at"}
          END,
          CASE
            WHEN "next"."where" IS DISTINCT FROM "old"."where"
            THEN {'field': 'where', 'old': CAST("old"."where" AS TEXT), 'new': CAST("next"."where" AS TEXT), 'source': "next"."where__from", 'at': "next"."where__at"}
          END
        ],
        LAMBDA x : NOT x IS NULL
      )
    ) AS "c"
  FROM next
  LEFT JOIN "core"."visit" AS old
    ON old.core_id = next.core_id
) AS found
