WITH linked AS (
  SELECT
    "core_id",
    "system",
    "source_id",
    "method"
  FROM "xref"."person"
  WHERE
    core_id IN (
      SELECT
        core_id
      FROM scope
    )
)
SELECT
  "x"."core_id",
  "x"."system",
  "x"."source_id",
  s.rowid AS "place",
  "x"."method" IS NOT DISTINCT FROM 'merged' AS "behind",
  "s"."changed_at",
  "s"."deleted_at",
  "s"."alive_at",
  "s"."edited_at"
FROM linked AS x
JOIN "staged"."order__person" AS s
  ON s.source_id = x.source_id AND x.system = 'order'
UNION ALL
SELECT
  "x"."core_id",
  "x"."system",
  "x"."source_id",
  s.rowid AS "place",
  "x"."method" IS NOT DISTINCT FROM 'merged' AS "behind",
  "s"."changed_at",
  "s"."deleted_at",
  "s"."alive_at",
  "s"."edited_at"
FROM linked AS x
JOIN "staged"."my-system__person" AS s
  ON s.source_id = x.source_id AND x.system = 'my-system'
UNION ALL
SELECT
  "x"."core_id",
  "x"."system",
  "x"."source_id",
  s.rowid AS "place",
  "x"."method" IS NOT DISTINCT FROM 'merged' AS "behind",
  "s"."changed_at",
  "s"."deleted_at",
  "s"."alive_at",
  "s"."edited_at"
FROM linked AS x
JOIN "staged"."say ""cheese"".com__person" AS s
  ON s.source_id = x.source_id AND x.system = 'say "cheese".com'
