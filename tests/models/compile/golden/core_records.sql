WITH "order" AS (
  SELECT
    "x"."core_id",
    "s"."source_id",
    "s"."first_read_at",
    "s"."name" AS "name",
    "s"."name__at",
    "s"."email" AS "email",
    "s"."email__at",
    "s"."phone" AS "phone",
    "s"."phone__at",
    "s"."street" AS "street",
    "s"."street__at",
    "s"."city" AS "city",
    "s"."city__at",
    "s"."state" AS "state",
    "s"."state__at",
    "s"."status" AS "status",
    "s"."status__at",
    "s"."note" AS "note",
    "s"."note__at",
    "s"."tags" AS "tags",
    "s"."tags__at",
    "s"."group" AS "group",
    "s"."group__at"
  FROM spine AS x
  JOIN "staged"."order__person" AS s
    ON s.rowid = "x"."order__place"
), "my-system" AS (
  SELECT
    "x"."core_id",
    "s"."source_id",
    "s"."first_read_at",
    "s"."name" AS "name",
    "s"."name__at",
    "s"."phone" AS "phone",
    "s"."phone__at",
    "s"."street" AS "street",
    "s"."street__at",
    "s"."city" AS "city",
    "s"."city__at",
    "s"."status" AS "status",
    "s"."status__at",
    "s"."note" AS "note",
    "s"."note__at",
    "s"."tags" AS "tags",
    "s"."tags__at"
  FROM spine AS x
  JOIN "staged"."my-system__person" AS s
    ON s.rowid = "x"."my-system__place"
), "say ""cheese"".com" AS (
  SELECT
    "x"."core_id",
    "s"."source_id",
    "s"."first_read_at",
    "s"."name" AS "name",
    "s"."name__at",
    "s"."city" AS "city",
    "s"."city__at",
    "s"."balance" AS "balance",
    "s"."balance__at"
  FROM spine AS x
  JOIN "staged"."say ""cheese"".com__person" AS s
    ON s.rowid = "x"."say ""cheese"".com__place"
), pin AS (
  SELECT
    "core_id",
    TRY_CAST(MAX(CASE WHEN "field" = 'name' THEN "value" END) AS TEXT) AS "name",
    TRY_CAST(MAX(CASE WHEN "field" = 'email' THEN "value" END) AS TEXT) AS "email",
    TRY_CAST(MAX(CASE WHEN "field" = 'phone' THEN "value" END) AS TEXT) AS "phone",
    TRY_CAST(MAX(CASE WHEN "field" = 'street' THEN "value" END) AS TEXT) AS "street",
    TRY_CAST(MAX(CASE WHEN "field" = 'city' THEN "value" END) AS TEXT) AS "city",
    TRY_CAST(MAX(CASE WHEN "field" = 'state' THEN "value" END) AS TEXT) AS "state",
    TRY_CAST(MAX(CASE WHEN "field" = 'status' THEN "value" END) AS TEXT) AS "status",
    TRY_CAST(MAX(CASE WHEN "field" = 'note' THEN "value" END) AS TEXT) AS "note",
    TRY_CAST(MAX(CASE WHEN "field" = 'tags' THEN "value" END) AS TEXT[]) AS "tags",
    TRY_CAST(MAX(CASE WHEN "field" = 'balance' THEN "value" END) AS DECIMAL(19, 4)) AS "balance",
    TRY_CAST(MAX(CASE WHEN "field" = 'group' THEN "value" END) AS TEXT) AS "group"
  FROM meta.pins
  WHERE
    "entity" = 'person' AND "problem" IS NULL
  GROUP BY
    "core_id"
), decided AS (
  SELECT
    "spine"."core_id",
    "spine"."deleted_at",
    CAST(COALESCE(
      "pin"."name",
      "order"."name",
      "my-system"."name",
      "say ""cheese"".com"."name",
      CAST(NULL AS TEXT)
    ) AS TEXT) AS "name",
    CASE
      WHEN NOT "pin"."name" IS NULL
      THEN 'pin'
      WHEN NOT "order"."name" IS NULL
      THEN 'order'
      WHEN NOT "my-system"."name" IS NULL
      THEN 'my-system'
      WHEN NOT "say ""cheese"".com"."name" IS NULL
      THEN 'say "cheese".com'
    END AS "name__from",
    CASE
      WHEN NOT "order"."name" IS NULL
      THEN "order"."name__at"
      WHEN NOT "my-system"."name" IS NULL
      THEN "my-system"."name__at"
      WHEN NOT "say ""cheese"".com"."name" IS NULL
      THEN "say ""cheese"".com"."name__at"
    END AS "name__at",
    CAST(COALESCE("pin"."email", "order"."email", CAST(NULL AS TEXT)) AS TEXT) AS "email",
    CASE
      WHEN NOT "pin"."email" IS NULL
      THEN 'pin'
      WHEN NOT "order"."email" IS NULL
      THEN 'order'
    END AS "email__from",
    CASE WHEN NOT "order"."email" IS NULL THEN "order"."email__at" END AS "email__at",
    CAST(COALESCE("pin"."phone", "my-system"."phone", "order"."phone", CAST(NULL AS TEXT)) AS TEXT) AS "phone",
    CASE
      WHEN NOT "pin"."phone" IS NULL
      THEN 'pin'
      WHEN NOT "my-system"."phone" IS NULL
      THEN 'my-system'
      WHEN NOT "order"."phone" IS NULL
      THEN 'order'
    END AS "phone__from",
    CASE
      WHEN NOT "my-system"."phone" IS NULL
      THEN "my-system"."phone__at"
      WHEN NOT "order"."phone" IS NULL
      THEN "order"."phone__at"
    END AS "phone__at",
    CAST(CASE
      WHEN NOT "pin"."street" IS NULL
      THEN "pin"."street"
      WHEN (
        NOT "order"."street" IS NULL
        OR NOT "order"."city" IS NULL
        OR NOT "order"."state" IS NULL
      )
      THEN "order"."street"
      WHEN (
        NOT "my-system"."street" IS NULL OR NOT "my-system"."city" IS NULL
      )
      THEN "my-system"."street"
      WHEN (
        NOT "say ""cheese"".com"."city" IS NULL
      )
      THEN CAST(NULL AS TEXT)
      ELSE CAST(NULL AS TEXT)
    END AS TEXT) AS "street",
    CASE
      WHEN NOT "pin"."street" IS NULL
      THEN 'pin'
      WHEN (
        NOT "order"."street" IS NULL
        OR NOT "order"."city" IS NULL
        OR NOT "order"."state" IS NULL
      )
      THEN 'order'
      WHEN (
        NOT "my-system"."street" IS NULL OR NOT "my-system"."city" IS NULL
      )
      THEN 'my-system'
      WHEN (
        NOT "say ""cheese"".com"."city" IS NULL
      )
      THEN 'say "cheese".com'
    END AS "street__from",
    CASE
      WHEN (
        NOT "order"."street" IS NULL
        OR NOT "order"."city" IS NULL
        OR NOT "order"."state" IS NULL
      )
      THEN GREATEST("order"."street__at", "order"."city__at", "order"."state__at")
      WHEN (
        NOT "my-system"."street" IS NULL OR NOT "my-system"."city" IS NULL
      )
      THEN GREATEST("my-system"."street__at", "my-system"."city__at")
      WHEN (
        NOT "say ""cheese"".com"."city" IS NULL
      )
      THEN CAST(NULL AS TIMESTAMP)
    END AS "street__at",
    CAST(CASE
      WHEN NOT "pin"."city" IS NULL
      THEN "pin"."city"
      WHEN (
        NOT "order"."street" IS NULL
        OR NOT "order"."city" IS NULL
        OR NOT "order"."state" IS NULL
      )
      THEN "order"."city"
      WHEN (
        NOT "my-system"."street" IS NULL OR NOT "my-system"."city" IS NULL
      )
      THEN "my-system"."city"
      WHEN (
        NOT "say ""cheese"".com"."city" IS NULL
      )
      THEN "say ""cheese"".com"."city"
      ELSE CAST(NULL AS TEXT)
    END AS TEXT) AS "city",
    CASE
      WHEN NOT "pin"."city" IS NULL
      THEN 'pin'
      WHEN (
        NOT "order"."street" IS NULL
        OR NOT "order"."city" IS NULL
        OR NOT "order"."state" IS NULL
      )
      THEN 'order'
      WHEN (
        NOT "my-system"."street" IS NULL OR NOT "my-system"."city" IS NULL
      )
      THEN 'my-system'
      WHEN (
        NOT "say ""cheese"".com"."city" IS NULL
      )
      THEN 'say "cheese".com'
    END AS "city__from",
    CASE
      WHEN (
        NOT "order"."street" IS NULL
        OR NOT "order"."city" IS NULL
        OR NOT "order"."state" IS NULL
      )
      THEN GREATEST("order"."street__at", "order"."city__at", "order"."state__at")
      WHEN (
        NOT "my-system"."street" IS NULL OR NOT "my-system"."city" IS NULL
      )
      THEN GREATEST("my-system"."street__at", "my-system"."city__at")
      WHEN (
        NOT "say ""cheese"".com"."city" IS NULL
      )
      THEN GREATEST("say ""cheese"".com"."city__at")
    END AS "city__at",
    CAST(CASE
      WHEN NOT "pin"."state" IS NULL
      THEN "pin"."state"
      WHEN (
        NOT "order"."street" IS NULL
        OR NOT "order"."city" IS NULL
        OR NOT "order"."state" IS NULL
      )
      THEN "order"."state"
      WHEN (
        NOT "my-system"."street" IS NULL OR NOT "my-system"."city" IS NULL
      )
      THEN CAST(NULL AS TEXT)
      WHEN (
        NOT "say ""cheese"".com"."city" IS NULL
      )
      THEN CAST(NULL AS TEXT)
      ELSE CAST(NULL AS TEXT)
    END AS TEXT) AS "state",
    CASE
      WHEN NOT "pin"."state" IS NULL
      THEN 'pin'
      WHEN (
        NOT "order"."street" IS NULL
        OR NOT "order"."city" IS NULL
        OR NOT "order"."state" IS NULL
      )
      THEN 'order'
      WHEN (
        NOT "my-system"."street" IS NULL OR NOT "my-system"."city" IS NULL
      )
      THEN 'my-system'
      WHEN (
        NOT "say ""cheese"".com"."city" IS NULL
      )
      THEN 'say "cheese".com'
    END AS "state__from",
    CASE
      WHEN (
        NOT "order"."street" IS NULL
        OR NOT "order"."city" IS NULL
        OR NOT "order"."state" IS NULL
      )
      THEN GREATEST("order"."street__at", "order"."city__at", "order"."state__at")
      WHEN (
        NOT "my-system"."street" IS NULL OR NOT "my-system"."city" IS NULL
      )
      THEN CAST(NULL AS TIMESTAMP)
      WHEN (
        NOT "say ""cheese"".com"."city" IS NULL
      )
      THEN CAST(NULL AS TIMESTAMP)
    END AS "state__at",
    CAST(CASE
      WHEN NOT "pin"."status" IS NULL
      THEN "pin"."status"
      WHEN NOT "order"."status" IS NULL
      AND (
        NOT NOT "my-system"."status" IS NULL
        OR COALESCE(LIST_POSITION(['new', 'working', 'done'], "order"."status"), 0) >= COALESCE(LIST_POSITION(['new', 'working', 'done'], "my-system"."status"), 0)
      )
      THEN "order"."status"
      WHEN NOT "my-system"."status" IS NULL
      AND (
        NOT NOT "order"."status" IS NULL
        OR COALESCE(LIST_POSITION(['new', 'working', 'done'], "my-system"."status"), 0) > COALESCE(LIST_POSITION(['new', 'working', 'done'], "order"."status"), 0)
      )
      THEN "my-system"."status"
      ELSE CAST(NULL AS TEXT)
    END AS TEXT) AS "status",
    CASE
      WHEN NOT "pin"."status" IS NULL
      THEN 'pin'
      WHEN NOT "order"."status" IS NULL
      AND (
        NOT NOT "my-system"."status" IS NULL
        OR COALESCE(LIST_POSITION(['new', 'working', 'done'], "order"."status"), 0) >= COALESCE(LIST_POSITION(['new', 'working', 'done'], "my-system"."status"), 0)
      )
      THEN 'order'
      WHEN NOT "my-system"."status" IS NULL
      AND (
        NOT NOT "order"."status" IS NULL
        OR COALESCE(LIST_POSITION(['new', 'working', 'done'], "my-system"."status"), 0) > COALESCE(LIST_POSITION(['new', 'working', 'done'], "order"."status"), 0)
      )
      THEN 'my-system'
    END AS "status__from",
    CASE
      WHEN NOT "order"."status" IS NULL
      AND (
        NOT NOT "my-system"."status" IS NULL
        OR COALESCE(LIST_POSITION(['new', 'working', 'done'], "order"."status"), 0) >= COALESCE(LIST_POSITION(['new', 'working', 'done'], "my-system"."status"), 0)
      )
      THEN "order"."status__at"
      WHEN NOT "my-system"."status" IS NULL
      AND (
        NOT NOT "order"."status" IS NULL
        OR COALESCE(LIST_POSITION(['new', 'working', 'done'], "my-system"."status"), 0) > COALESCE(LIST_POSITION(['new', 'working', 'done'], "order"."status"), 0)
      )
      THEN "my-system"."status__at"
    END AS "status__at",
    CAST(CASE
      WHEN NOT "pin"."note" IS NULL
      THEN "pin"."note"
      WHEN NOT "order"."note" IS NULL
      AND (
        NOT NOT "my-system"."note" IS NULL
        OR COALESCE("order"."note__at", CAST('1970-01-01' AS TIMESTAMP)) >= COALESCE("my-system"."note__at", CAST('1970-01-01' AS TIMESTAMP))
      )
      THEN "order"."note"
      WHEN NOT "my-system"."note" IS NULL
      AND (
        NOT NOT "order"."note" IS NULL
        OR COALESCE("my-system"."note__at", CAST('1970-01-01' AS TIMESTAMP)) > COALESCE("order"."note__at", CAST('1970-01-01' AS TIMESTAMP))
      )
      THEN "my-system"."note"
      ELSE CAST(NULL AS TEXT)
    END AS TEXT) AS "note",
    CASE
      WHEN NOT "pin"."note" IS NULL
      THEN 'pin'
      WHEN NOT "order"."note" IS NULL
      AND (
        NOT NOT "my-system"."note" IS NULL
        OR COALESCE("order"."note__at", CAST('1970-01-01' AS TIMESTAMP)) >= COALESCE("my-system"."note__at", CAST('1970-01-01' AS TIMESTAMP))
      )
      THEN 'order'
      WHEN NOT "my-system"."note" IS NULL
      AND (
        NOT NOT "order"."note" IS NULL
        OR COALESCE("my-system"."note__at", CAST('1970-01-01' AS TIMESTAMP)) > COALESCE("order"."note__at", CAST('1970-01-01' AS TIMESTAMP))
      )
      THEN 'my-system'
    END AS "note__from",
    CASE
      WHEN NOT "order"."note" IS NULL
      AND (
        NOT NOT "my-system"."note" IS NULL
        OR COALESCE("order"."note__at", CAST('1970-01-01' AS TIMESTAMP)) >= COALESCE("my-system"."note__at", CAST('1970-01-01' AS TIMESTAMP))
      )
      THEN "order"."note__at"
      WHEN NOT "my-system"."note" IS NULL
      AND (
        NOT NOT "order"."note" IS NULL
        OR COALESCE("my-system"."note__at", CAST('1970-01-01' AS TIMESTAMP)) > COALESCE("order"."note__at", CAST('1970-01-01' AS TIMESTAMP))
      )
      THEN "my-system"."note__at"
    END AS "note__at",
    CAST(CASE
      WHEN NOT "pin"."tags" IS NULL
      THEN "pin"."tags"
      WHEN NOT "order"."tags" IS NULL OR NOT "my-system"."tags" IS NULL
      THEN LIST_SORT(
        LIST_DISTINCT(
          FLATTEN(
            [
              COALESCE("order"."tags", CAST([] AS TEXT[])),
              COALESCE("my-system"."tags", CAST([] AS TEXT[]))
            ]
          )
        )
      )
      ELSE CAST(NULL AS TEXT[])
    END AS TEXT[]) AS "tags",
    CASE
      WHEN NOT "pin"."tags" IS NULL
      THEN 'pin'
      WHEN NOT "order"."tags" IS NULL
      THEN 'order'
      WHEN NOT "my-system"."tags" IS NULL
      THEN 'my-system'
    END AS "tags__from",
    CASE
      WHEN NOT "order"."tags" IS NULL
      THEN "order"."tags__at"
      WHEN NOT "my-system"."tags" IS NULL
      THEN "my-system"."tags__at"
    END AS "tags__at",
    CAST(CASE
      WHEN NOT "pin"."balance" IS NULL
      THEN "pin"."balance"
      WHEN NOT "say ""cheese"".com"."core_id" IS NULL
      THEN "say ""cheese"".com"."balance"
      ELSE CAST(NULL AS DECIMAL(19, 4))
    END AS DECIMAL(19, 4)) AS "balance",
    CASE
      WHEN NOT "pin"."balance" IS NULL
      THEN 'pin'
      WHEN NOT "say ""cheese"".com"."core_id" IS NULL
      THEN 'say "cheese".com'
    END AS "balance__from",
    CASE
      WHEN NOT "say ""cheese"".com"."core_id" IS NULL
      THEN "say ""cheese"".com"."balance__at"
    END AS "balance__at",
    CAST(COALESCE("pin"."group", "order"."group", CAST(NULL AS TEXT)) AS TEXT) AS "group",
    CASE
      WHEN NOT "pin"."group" IS NULL
      THEN 'pin'
      WHEN NOT "order"."group" IS NULL
      THEN 'order'
    END AS "group__from",
    CASE WHEN NOT "order"."group" IS NULL THEN "order"."group__at" END AS "group__at"
  FROM spine
  LEFT JOIN pin
    ON pin.core_id = spine.core_id
  LEFT JOIN "order"
    ON "order"."core_id" = "spine"."core_id"
  LEFT JOIN "my-system"
    ON "my-system"."core_id" = "spine"."core_id"
  LEFT JOIN "say ""cheese"".com"
    ON "say ""cheese"".com"."core_id" = "spine"."core_id"
)
SELECT
  "decided"."core_id",
  "decided"."deleted_at",
  "decided"."name" AS "name",
  "decided"."name__from" AS "name__from",
  "decided"."name__at" AS "name__at",
  "decided"."email" AS "email",
  "decided"."email__from" AS "email__from",
  "decided"."email__at" AS "email__at",
  "decided"."phone" AS "phone",
  "decided"."phone__from" AS "phone__from",
  "decided"."phone__at" AS "phone__at",
  "decided"."street" AS "street",
  "decided"."street__from" AS "street__from",
  "decided"."street__at" AS "street__at",
  "decided"."city" AS "city",
  "decided"."city__from" AS "city__from",
  "decided"."city__at" AS "city__at",
  "decided"."state" AS "state",
  "decided"."state__from" AS "state__from",
  "decided"."state__at" AS "state__at",
  NULLIF(CONCAT_WS(', ', "decided"."street", "decided"."city"), '') AS "place",
  COALESCE("decided"."street__from", "decided"."city__from") AS "place__from",
  GREATEST("decided"."street__at", "decided"."city__at") AS "place__at",
  "decided"."status" AS "status",
  "decided"."status__from" AS "status__from",
  "decided"."status__at" AS "status__at",
  "decided"."note" AS "note",
  "decided"."note__from" AS "note__from",
  "decided"."note__at" AS "note__at",
  "decided"."tags" AS "tags",
  "decided"."tags__from" AS "tags__from",
  "decided"."tags__at" AS "tags__at",
  "decided"."balance" AS "balance",
  "decided"."balance__from" AS "balance__from",
  "decided"."balance__at" AS "balance__at",
  "decided"."group" AS "group",
  "decided"."group__from" AS "group__from",
  "decided"."group__at" AS "group__at"
FROM decided
