WITH "my-system" AS (
  SELECT
    "x"."core_id",
    "s"."source_id",
    "s"."first_read_at",
    "ref_person"."core_id" AS "person",
    "s"."person__at",
    "s"."title" AS "title",
    "s"."title__at",
    "s"."starts_at" AS "starts_at",
    "s"."starts_at__at"
  FROM spine AS x
  JOIN "staged"."my-system__visit" AS s
    ON s.rowid = "x"."my-system__place"
  LEFT JOIN "xref"."person" AS "ref_person"
    ON "ref_person"."system" = 'my-system' AND "ref_person"."source_id" = "s"."person"
), "order" AS (
  SELECT
    "x"."core_id",
    "s"."source_id",
    "s"."first_read_at",
    "ref_person"."core_id" AS "person",
    "s"."person__at",
    "s"."title" AS "title",
    "s"."title__at",
    "s"."starts_at" AS "starts_at",
    "s"."starts_at__at"
  FROM spine AS x
  JOIN "staged"."order__visit" AS s
    ON s.rowid = "x"."order__place"
  LEFT JOIN "xref"."person" AS "ref_person"
    ON "ref_person"."system" = 'order' AND "ref_person"."source_id" = "s"."person"
), pin AS (
  SELECT
    "core_id",
    TRY_CAST(MAX(CASE WHEN "field" = 'person' THEN "value" END) AS TEXT) AS "person",
    TRY_CAST(MAX(CASE WHEN "field" = 'title' THEN "value" END) AS TEXT) AS "title",
    TRY_CAST(MAX(CASE WHEN "field" = 'starts_at' THEN "value" END) AS TIMESTAMP) AS "starts_at"
  FROM meta.pins
  WHERE
    "entity" = 'visit' AND "problem" IS NULL
  GROUP BY
    "core_id"
), decided AS (
  SELECT
    "spine"."core_id",
    "spine"."deleted_at",
    CAST(COALESCE("pin"."person", "my-system"."person", "order"."person", CAST(NULL AS TEXT)) AS TEXT) AS "person",
    CASE
      WHEN NOT "pin"."person" IS NULL
      THEN 'pin'
      WHEN NOT "my-system"."person" IS NULL
      THEN 'my-system'
      WHEN NOT "order"."person" IS NULL
      THEN 'order'
    END AS "person__from",
    CASE
      WHEN NOT "my-system"."person" IS NULL
      THEN "my-system"."person__at"
      WHEN NOT "order"."person" IS NULL
      THEN "order"."person__at"
    END AS "person__at",
    CAST(COALESCE("pin"."title", "my-system"."title", "order"."title", CAST(NULL AS TEXT)) AS TEXT) AS "title",
    CASE
      WHEN NOT "pin"."title" IS NULL
      THEN 'pin'
      WHEN NOT "my-system"."title" IS NULL
      THEN 'my-system'
      WHEN NOT "order"."title" IS NULL
      THEN 'order'
    END AS "title__from",
    CASE
      WHEN NOT "my-system"."title" IS NULL
      THEN "my-system"."title__at"
      WHEN NOT "order"."title" IS NULL
      THEN "order"."title__at"
    END AS "title__at",
    CAST(COALESCE(
      "pin"."starts_at",
      "my-system"."starts_at",
      "order"."starts_at",
      CAST(NULL AS TIMESTAMP)
    ) AS TIMESTAMP) AS "starts_at",
    CASE
      WHEN NOT "pin"."starts_at" IS NULL
      THEN 'pin'
      WHEN NOT "my-system"."starts_at" IS NULL
      THEN 'my-system'
      WHEN NOT "order"."starts_at" IS NULL
      THEN 'order'
    END AS "starts_at__from",
    CASE
      WHEN NOT "my-system"."starts_at" IS NULL
      THEN "my-system"."starts_at__at"
      WHEN NOT "order"."starts_at" IS NULL
      THEN "order"."starts_at__at"
    END AS "starts_at__at"
  FROM spine
  LEFT JOIN pin
    ON pin.core_id = spine.core_id
  LEFT JOIN "my-system"
    ON "my-system"."core_id" = "spine"."core_id"
  LEFT JOIN "order"
    ON "order"."core_id" = "spine"."core_id"
)
SELECT
  "decided"."core_id",
  "decided"."deleted_at",
  "decided"."person" AS "person",
  "decided"."person__from" AS "person__from",
  "decided"."person__at" AS "person__at",
  "decided"."title" AS "title",
  "decided"."title__from" AS "title__from",
  "decided"."title__at" AS "title__at",
  "decided"."starts_at" AS "starts_at",
  "decided"."starts_at__from" AS "starts_at__from",
  "decided"."starts_at__at" AS "starts_at__at",
  "via_person"."name" AS "who",
  "via_person"."name__from" AS "who__from",
  "via_person"."name__at" AS "who__at",
  "via_person"."place" AS "where",
  "via_person"."place__from" AS "where__from",
  "via_person"."place__at" AS "where__at"
FROM decided
LEFT JOIN "core"."person" AS "via_person"
  ON "via_person"."core_id" = "decided"."person"
