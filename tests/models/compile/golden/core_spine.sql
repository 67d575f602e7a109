SELECT
  "known"."core_id",
  CASE
    WHEN (
      NOT "known"."deleted_at" IS NULL
      AND "known"."edited_at" > "known"."alive_at"
      AND COALESCE("word"."choice", 'ask') <> 'delete'
    ) IS DISTINCT FROM TRUE
    THEN "known"."deleted_at"
  END AS "deleted_at",
  NOT "known"."deleted_at" IS NULL
  AND "known"."edited_at" > "known"."alive_at"
  AND COALESCE("word"."choice", 'ask') <> 'delete' AS "kept",
  CASE
    WHEN "known"."order__deleted_at" IS NULL OR NOT "known"."deleted_at" IS NULL
    THEN "known"."order__place"
  END AS "order__place",
  CASE
    WHEN "known"."my-system__deleted_at" IS NULL OR NOT "known"."deleted_at" IS NULL
    THEN "known"."my-system__place"
  END AS "my-system__place",
  CASE
    WHEN "known"."say ""cheese"".com__deleted_at" IS NULL
    OR NOT "known"."deleted_at" IS NULL
    THEN "known"."say ""cheese"".com__place"
  END AS "say ""cheese"".com__place"
FROM (
  SELECT
    "core_id",
    CASE
      WHEN NOT "order__place" IS NULL
      THEN "order__deleted_at"
      WHEN NOT "my-system__place" IS NULL
      THEN "my-system__deleted_at"
      WHEN NOT "say ""cheese"".com__place" IS NULL
      THEN "say ""cheese"".com__deleted_at"
    END AS "deleted_at",
    CASE
      WHEN NOT "order__place" IS NULL
      THEN "order__alive_at"
      WHEN NOT "my-system__place" IS NULL
      THEN "my-system__alive_at"
      WHEN NOT "say ""cheese"".com__place" IS NULL
      THEN "say ""cheese"".com__alive_at"
    END AS "alive_at",
    CASE
      WHEN NOT "order__place" IS NULL
      THEN 'order'
      WHEN NOT "my-system__place" IS NULL
      THEN 'my-system'
      WHEN NOT "say ""cheese"".com__place" IS NULL
      THEN 'say "cheese".com'
    END AS "system",
    GREATEST(
      CASE WHEN "order__deleted_at" IS NULL THEN "order__edited_at" END,
      CASE WHEN "my-system__deleted_at" IS NULL THEN "my-system__edited_at" END,
      CASE
        WHEN "say ""cheese"".com__deleted_at" IS NULL
        THEN "say ""cheese"".com__edited_at"
      END
    ) AS "edited_at",
    "order__place",
    "order__deleted_at",
    "my-system__place",
    "my-system__deleted_at",
    "say ""cheese"".com__place",
    "say ""cheese"".com__deleted_at"
  FROM (
    SELECT
      core_id,
      MAX(place) FILTER(WHERE
        system = 'order') AS "order__place",
      MAX(deleted_at) FILTER(WHERE
        system = 'order') AS "order__deleted_at",
      MAX(alive_at) FILTER(WHERE
        system = 'order') AS "order__alive_at",
      MAX(edited_at) FILTER(WHERE
        system = 'order') AS "order__edited_at",
      MAX(place) FILTER(WHERE
        system = 'my-system') AS "my-system__place",
      MAX(deleted_at) FILTER(WHERE
        system = 'my-system') AS "my-system__deleted_at",
      MAX(alive_at) FILTER(WHERE
        system = 'my-system') AS "my-system__alive_at",
      MAX(edited_at) FILTER(WHERE
        system = 'my-system') AS "my-system__edited_at",
      MAX(place) FILTER(WHERE
        system = 'say "cheese".com') AS "say ""cheese"".com__place",
      MAX(deleted_at) FILTER(WHERE
        system = 'say "cheese".com') AS "say ""cheese"".com__deleted_at",
      MAX(alive_at) FILTER(WHERE
        system = 'say "cheese".com') AS "say ""cheese"".com__alive_at",
      MAX(edited_at) FILTER(WHERE
        system = 'say "cheese".com') AS "say ""cheese"".com__edited_at"
    FROM placed
    WHERE
      NOT behind
    GROUP BY
      core_id
  ) AS beside
  WHERE
    NOT "order__place" IS NULL
    OR NOT "my-system__place" IS NULL
    OR NOT "say ""cheese"".com__place" IS NULL
) AS known
LEFT JOIN meta.judgements AS word
  ON "word"."entity" = 'person'
  AND "word"."core_id" = "known"."core_id"
  AND "word"."system" = "known"."system"
  AND "word"."at" >= GREATEST("known"."deleted_at", "known"."edited_at")
