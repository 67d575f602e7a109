SELECT
  'my-system' AS "system",
  "s"."source_id",
  "s"."core_ref",
  "s"."peers",
  CASE
    WHEN "s"."deleted_at" IS NULL
    THEN LIST_FILTER(
      [
        '1:' || (
          NULLIF(
            CASE
              WHEN CONTAINS(LOWER(STRIP_ACCENTS(CAST("s"."phone" AS TEXT))), '@')
              THEN LOWER(STRIP_ACCENTS(CAST("s"."phone" AS TEXT)))
              ELSE REGEXP_REPLACE(LOWER(STRIP_ACCENTS(CAST("s"."phone" AS TEXT))), '[^\p{L}\p{N}+]', '', 'g')
            END,
            ''
          ) || '|' || NULLIF(
            CASE
              WHEN CONTAINS(LOWER(STRIP_ACCENTS(CAST("s"."name" AS TEXT))), '@')
              THEN LOWER(STRIP_ACCENTS(CAST("s"."name" AS TEXT)))
              ELSE REGEXP_REPLACE(LOWER(STRIP_ACCENTS(CAST("s"."name" AS TEXT))), '[^\p{L}\p{N}+]', '', 'g')
            END,
            ''
          )
        )
      ],
      LAMBDA x : NOT x IS NULL
    )
    ELSE CAST([] AS TEXT[])
  END AS "keys",
  NOT "s"."deleted_at" IS NULL AS "dead",
  "s"."merged_into"
FROM "staged"."my-system__person" AS s
WHERE
  s.source_id IN (
    SELECT
      source_id
    FROM touched
  )
