WITH asked AS MATERIALIZED (
  SELECT
    "led"."core_id",
    "x"."system",
    "x"."source_id"
  FROM (
    SELECT
      "c0"."core_id",
      "c1"."core_id" AS "last"
    FROM "core"."visit" AS "c0"
    LEFT JOIN "core"."person" AS "c1"
      ON "c1"."core_id" = "c0"."person"
    WHERE
      "c0"."core_id" IN (
        SELECT
          UNNEST(GETVARIABLE('core_ids'))
      )
  ) AS led
  JOIN "xref"."person" AS x
    ON "x"."core_id" = "led"."last"
)
SELECT
  "s"."core_id",
  "s"."system",
  "s"."source_id",
  "s"."raw_load"
FROM (
  SELECT
    "x"."core_id",
    "x"."system",
    "x"."source_id",
    "s"."raw_load",
    "s"."read_at",
    "s"."changed_at",
    "s"."deleted_at"
  FROM asked AS x
  JOIN "staged"."order__person" AS s
    ON s.source_id = x.source_id AND x.system = 'order'
  UNION ALL
  SELECT
    "x"."core_id",
    "x"."system",
    "x"."source_id",
    "s"."raw_load",
    "s"."read_at",
    "s"."changed_at",
    "s"."deleted_at"
  FROM asked AS x
  JOIN "staged"."my-system__person" AS s
    ON s.source_id = x.source_id AND x.system = 'my-system'
  UNION ALL
  SELECT
    "x"."core_id",
    "x"."system",
    "x"."source_id",
    "s"."raw_load",
    "s"."read_at",
    "s"."changed_at",
    "s"."deleted_at"
  FROM asked AS x
  JOIN "staged"."say ""cheese"".com__person" AS s
    ON s.source_id = x.source_id AND x.system = 'say "cheese".com'
) AS s
ORDER BY
  "s"."deleted_at" IS NULL,
  "s"."changed_at" NULLS FIRST,
  "s"."source_id" DESC
