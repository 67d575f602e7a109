SELECT
  "c0"."core_id",
  "s"."system",
  "s"."source_id",
  "s"."raw_load"
FROM "core"."visit" AS "c0"
LEFT JOIN "core"."person" AS "c1"
  ON "c1"."core_id" = "c0"."person"
JOIN (
  SELECT
    *
  FROM (
    SELECT
      "x"."core_id",
      "x"."system",
      "s"."source_id",
      "s"."raw_load",
      "s"."read_at",
      "s"."changed_at",
      "s"."deleted_at"
    FROM "staged"."order__person" AS s
    JOIN "xref"."person" AS x
      ON x.source_id = s.source_id AND x.system = 'order'
    UNION ALL
    SELECT
      "x"."core_id",
      "x"."system",
      "s"."source_id",
      "s"."raw_load",
      "s"."read_at",
      "s"."changed_at",
      "s"."deleted_at"
    FROM "staged"."my-system__person" AS s
    JOIN "xref"."person" AS x
      ON x.source_id = s.source_id AND x.system = 'my-system'
    UNION ALL
    SELECT
      "x"."core_id",
      "x"."system",
      "s"."source_id",
      "s"."raw_load",
      "s"."read_at",
      "s"."changed_at",
      "s"."deleted_at"
    FROM "staged"."say ""cheese"".com__person" AS s
    JOIN "xref"."person" AS x
      ON x.source_id = s.source_id AND x.system = 'say "cheese".com'
  ) AS found
) AS s
  ON "s"."core_id" = "c1"."core_id"
WHERE
  "c0"."core_id" IN (
    SELECT
      UNNEST(GETVARIABLE('core_ids'))
  )
ORDER BY
  "s"."deleted_at" IS NULL,
  "s"."changed_at" NULLS FIRST,
  "s"."source_id" DESC
