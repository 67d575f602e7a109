SELECT
  'my-system' AS "system",
  "source_id",
  "core_ref",
  "peers",
  CASE
    WHEN "deleted_at" IS NULL
    THEN LIST_FILTER(['1:' || (
        "of phone" || '|' || "of name"
    )], LAMBDA x : NOT x IS NULL)
    ELSE CAST([] AS TEXT[])
  END AS "keys",
  NOT "deleted_at" IS NULL AS "dead",
  "merged_into"
FROM (
  SELECT
    "s"."source_id",
    "s"."core_ref",
    "s"."peers",
    "s"."deleted_at",
    "s"."merged_into",
    NULLIF(
      CASE
        WHEN CONTAINS(CAST("s"."phone" AS TEXT), '@')
        THEN LOWER(STRIP_ACCENTS(CAST("s"."phone" AS TEXT)))
        ELSE REGEXP_REPLACE(
          LOWER(STRIP_ACCENTS(CAST("s"."phone" AS TEXT))),
          '[\x00-*,-/:-@\[-`{-©«-±´¶-¸»¿×÷\x{300}-\x{36F}\x{5BE}\x{5F3}\x{5F4}\x{60C}\x{61B}\x{61F}\x{2000}-\x{206F}\x{20A0}-\x{20CF}\x{2116}\x{2117}\x{2120}-\x{2123}\x{2190}-\x{2BFF}\x{3000}-\x{3003}\x{3008}-\x{3020}\x{FE00}-\x{FE6F}\x{1F000}-\x{1FAFF}]',
          '',
          'g'
        )
      END,
      ''
    ) AS "of phone",
    NULLIF(
      CASE
        WHEN CONTAINS(CAST("s"."name" AS TEXT), '@')
        THEN LOWER(STRIP_ACCENTS(CAST("s"."name" AS TEXT)))
        ELSE REGEXP_REPLACE(
          LOWER(STRIP_ACCENTS(CAST("s"."name" AS TEXT))),
          '[\x00-*,-/:-@\[-`{-©«-±´¶-¸»¿×÷\x{300}-\x{36F}\x{5BE}\x{5F3}\x{5F4}\x{60C}\x{61B}\x{61F}\x{2000}-\x{206F}\x{20A0}-\x{20CF}\x{2116}\x{2117}\x{2120}-\x{2123}\x{2190}-\x{2BFF}\x{3000}-\x{3003}\x{3008}-\x{3020}\x{FE00}-\x{FE6F}\x{1F000}-\x{1FAFF}]',
          '',
          'g'
        )
      END,
      ''
    ) AS "of name"
  FROM "staged"."my-system__person" AS s
  WHERE
    s.rowid IN (
      SELECT
        rowid
      FROM "staged"."my-system__person"
      WHERE
        "source_id" IN (
          SELECT
            source_id
          FROM touched_refs
          WHERE
            "system" = 'my-system'
        )
    )
) AS told
