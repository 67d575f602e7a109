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
), found AS (
  SELECT
    "spine"."core_id" AS "core_id",
    UNNEST(
      LIST_FILTER(
        [
          CASE
            WHEN NOT "my-system"."person" IS NULL
            AND "my-system"."person" IS DISTINCT FROM "next"."person"
            AND (
              "my-system"."person" IS DISTINCT FROM TRY_CAST((
                "link_my-system"."observed" ->> '$.person'
              ) AS TEXT)
              OR "my-system"."person__at" > COALESCE(
                TRY_CAST((
                  "link_my-system"."earlier" ->> '$.person'
                ) AS TIMESTAMP),
                "link_my-system"."at"
              )
            )
            THEN {'field': 'person', 'winner': "next"."person__from", 'winner_value': CAST("next"."person" AS TEXT), 'winner_at': "next"."person__at", 'loser': 'my-system', 'loser_value': CAST("my-system"."person" AS TEXT), 'loser_at': "my-system"."person__at", 'rule': 'prefer(my-system, order)', 'accepted': FALSE}
          END,
          CASE
            WHEN NOT "order"."person" IS NULL
            AND "order"."person" IS DISTINCT FROM "next"."person"
            AND (
              "order"."person" IS DISTINCT FROM TRY_CAST((
                "link_order"."observed" ->> '$.person'
              ) AS TEXT)
              OR "order"."person__at" > COALESCE(
                TRY_CAST((
                  "link_order"."earlier" ->> '$.person'
                ) AS TIMESTAMP),
                "link_order"."at"
              )
            )
            THEN {'field': 'person', 'winner': "next"."person__from", 'winner_value': CAST("next"."person" AS TEXT), 'winner_at': "next"."person__at", 'loser': 'order', 'loser_value': CAST("order"."person" AS TEXT), 'loser_at': "order"."person__at", 'rule': 'prefer(my-system, order)', 'accepted': FALSE}
          END,
          CASE
            WHEN NOT "my-system"."title" IS NULL
            AND "my-system"."title" IS DISTINCT FROM "next"."title"
            AND (
              "my-system"."title" IS DISTINCT FROM TRY_CAST((
                "link_my-system"."observed" ->> '$.title'
              ) AS TEXT)
              OR "my-system"."title__at" > COALESCE(
                TRY_CAST((
                  "link_my-system"."earlier" ->> '$.title'
                ) AS TIMESTAMP),
                "link_my-system"."at"
              )
            )
            THEN {'field': 'title', 'winner': "next"."title__from", 'winner_value': CAST("next"."title" AS TEXT), 'winner_at': "next"."title__at", 'loser': 'my-system', 'loser_value': CAST("my-system"."title" AS TEXT), 'loser_at': "my-system"."title__at", 'rule': 'prefer(my-system, order)', 'accepted': FALSE}
          END,
          CASE
            WHEN NOT "order"."title" IS NULL
            AND "order"."title" IS DISTINCT FROM "next"."title"
            AND (
              "order"."title" IS DISTINCT FROM TRY_CAST((
                "link_order"."observed" ->> '$.title'
              ) AS TEXT)
              OR "order"."title__at" > COALESCE(
                TRY_CAST((
                  "link_order"."earlier" ->> '$.title'
                ) AS TIMESTAMP),
                "link_order"."at"
              )
            )
            THEN {'field': 'title', 'winner': "next"."title__from", 'winner_value': CAST("next"."title" AS TEXT), 'winner_at': "next"."title__at", 'loser': 'order', 'loser_value': CAST("order"."title" AS TEXT), 'loser_at': "order"."title__at", 'rule': 'prefer(my-system, order)', 'accepted': FALSE}
          END,
          CASE
            WHEN NOT "my-system"."starts_at" IS NULL
            AND "my-system"."starts_at" IS DISTINCT FROM "next"."starts_at"
            AND (
              "my-system"."starts_at" IS DISTINCT FROM TRY_CAST((
                "link_my-system"."observed" ->> '$.starts_at'
              ) AS TIMESTAMP)
              OR "my-system"."starts_at__at" > COALESCE(
                TRY_CAST((
                  "link_my-system"."earlier" ->> '$.starts_at'
                ) AS TIMESTAMP),
                "link_my-system"."at"
              )
            )
            THEN {'field': 'starts_at', 'winner': "next"."starts_at__from", 'winner_value': CAST("next"."starts_at" AS TEXT), 'winner_at': "next"."starts_at__at", 'loser': 'my-system', 'loser_value': CAST("my-system"."starts_at" AS TEXT), 'loser_at': "my-system"."starts_at__at", 'rule': 'prefer(my-system, order)', 'accepted': FALSE}
          END,
          CASE
            WHEN NOT "order"."starts_at" IS NULL
            AND "order"."starts_at" IS DISTINCT FROM "next"."starts_at"
            AND (
              "order"."starts_at" IS DISTINCT FROM TRY_CAST((
                "link_order"."observed" ->> '$.starts_at'
              ) AS TIMESTAMP)
              OR "order"."starts_at__at" > COALESCE(
                TRY_CAST((
                  "link_order"."earlier" ->> '$.starts_at'
                ) AS TIMESTAMP),
                "link_order"."at"
              )
            )
            THEN {'field': 'starts_at', 'winner': "next"."starts_at__from", 'winner_value': CAST("next"."starts_at" AS TEXT), 'winner_at': "next"."starts_at__at", 'loser': 'order', 'loser_value': CAST("order"."starts_at" AS TEXT), 'loser_at': "order"."starts_at__at", 'rule': 'prefer(my-system, order)', 'accepted': FALSE}
          END
        ],
        LAMBDA x : NOT x IS NULL
      )
    ) AS "c"
  FROM spine
  LEFT JOIN pin
    ON pin.core_id = spine.core_id
  LEFT JOIN "my-system"
    ON "my-system"."core_id" = "spine"."core_id"
  LEFT JOIN "order"
    ON "order"."core_id" = "spine"."core_id"
  JOIN "next"
    ON next.core_id = spine.core_id
  LEFT JOIN (
    SELECT
      *
    FROM meta.links
    WHERE
      "system" = 'my-system' AND "entity" = 'visit'
    QUALIFY
      ROW_NUMBER() OVER (PARTITION BY "target_id" ORDER BY "receipt" DESC) = 1
  ) AS "link_my-system"
    ON "link_my-system"."target_id" = "my-system"."source_id"
  LEFT JOIN (
    SELECT
      *
    FROM meta.links
    WHERE
      "system" = 'order' AND "entity" = 'visit'
    QUALIFY
      ROW_NUMBER() OVER (PARTITION BY "target_id" ORDER BY "receipt" DESC) = 1
  ) AS "link_order"
    ON "link_order"."target_id" = "order"."source_id"
  WHERE
    spine.deleted_at IS NULL
    AND (
      FALSE
      OR (
        NOT "my-system"."person" IS NULL
        AND "my-system"."person" IS DISTINCT FROM "next"."person"
      )
      OR (
        NOT "order"."person" IS NULL
        AND "order"."person" IS DISTINCT FROM "next"."person"
      )
      OR (
        NOT "my-system"."title" IS NULL
        AND "my-system"."title" IS DISTINCT FROM "next"."title"
      )
      OR (
        NOT "order"."title" IS NULL AND "order"."title" IS DISTINCT FROM "next"."title"
      )
      OR (
        NOT "my-system"."starts_at" IS NULL
        AND "my-system"."starts_at" IS DISTINCT FROM "next"."starts_at"
      )
      OR (
        NOT "order"."starts_at" IS NULL
        AND "order"."starts_at" IS DISTINCT FROM "next"."starts_at"
      )
    )
)
SELECT
  "core_id",
  "c"."field" AS "field",
  "c"."winner" AS "winner",
  "c"."winner_value" AS "winner_value",
  "c"."winner_at" AS "winner_at",
  "c"."loser" AS "loser",
  "c"."loser_value" AS "loser_value",
  "c"."loser_at" AS "loser_at",
  "c"."rule" AS "rule",
  "c"."accepted" AS "accepted"
FROM found
