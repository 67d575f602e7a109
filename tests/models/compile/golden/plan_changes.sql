SELECT
  *
  EXCLUDE ("p_person", "b_person", "p_title", "b_title", "p_starts_at", "b_starts_at")
FROM (
  SELECT
    *,
    CASE
      WHEN (
        NOT "core_deleted_at" IS NULL
      )
      AND (
        NOT "target_id" IS NULL AND "target_deleted_at" IS NULL
      )
      AND "ours"
      AND TRUE
      THEN 'delete'
      WHEN (
        NOT "core_deleted_at" IS NULL
      )
      THEN NULL
      WHEN "target_id" IS NULL
      AND TRUE
      AND (
        (
          NOT "s_person" IS NULL OR NOT "d_title" IS NULL OR NOT "d_starts_at" IS NULL
        )
        AND (
          NOT COALESCE("s_starts_at") IS NULL
          AND COALESCE("s_starts_at") >= CAST(GETVARIABLE('window_starts') AS TIMESTAMP)
        )
      )
      THEN 'create'
      WHEN NOT "target_id" IS NULL
      AND NOT "target_deleted_at" IS NULL
      AND (
        (
          NOT "s_person" IS NULL OR NOT "d_title" IS NULL OR NOT "d_starts_at" IS NULL
        )
        AND (
          NOT COALESCE("s_starts_at") IS NULL
          AND COALESCE("s_starts_at") >= CAST(GETVARIABLE('window_starts') AS TIMESTAMP)
        )
      )
      THEN 'revive'
      WHEN (
        NOT "target_id" IS NULL AND "target_deleted_at" IS NULL
      )
      AND (
        "c_person" OR "c_title" OR "c_starts_at"
      )
      THEN 'update'
    END AS "action"
  FROM (
    SELECT
      *,
      NOT "d_person" IS NULL
      AND "d_person" IS DISTINCT FROM "o_person"
      AND NOT (
        NOT "d_person" IS DISTINCT FROM "p_person"
        AND NOT "o_person" IS DISTINCT FROM "b_person"
        AND "written"
      ) AS "c_person",
      NOT "d_title" IS NULL
      AND "d_title" IS DISTINCT FROM "o_title"
      AND NOT (
        NOT "d_title" IS DISTINCT FROM "p_title"
        AND NOT "o_title" IS DISTINCT FROM "b_title"
        AND "written"
      ) AS "c_title",
      NOT "d_starts_at" IS NULL
      AND "d_starts_at" IS DISTINCT FROM "o_starts_at"
      AND NOT (
        NOT "d_starts_at" IS DISTINCT FROM "p_starts_at"
        AND NOT "o_starts_at" IS DISTINCT FROM "b_starts_at"
        AND "written"
      ) AS "c_starts_at"
    FROM (
      SELECT
        "c"."core_id",
        "c"."deleted_at" AS "core_deleted_at",
        COALESCE(
          "x"."alive",
          CASE WHEN "l"."action" <> 'delete' THEN "l"."target_id" END,
          CASE WHEN "l"."action" IS DISTINCT FROM 'delete' THEN "x"."source_id" END
        ) AS "target_id",
        "o"."deleted_at" AS "target_deleted_at",
        CASE
          WHEN NOT "l"."at" IS NULL AND (
            "o"."read_at" IS NULL OR "l"."at" >= "o"."read_at"
          )
          THEN "l"."version"
          ELSE "o"."version"
        END AS "version",
        "l"."action" = 'create' AS "ours",
        NOT "l"."at" IS NULL AS "written",
        "c"."person" AS "s_person",
        "c"."person__from" AS "f_person",
        "c"."title" AS "s_title",
        "c"."title__from" AS "f_title",
        "c"."starts_at" AS "s_starts_at",
        "c"."starts_at__from" AS "f_starts_at",
        "c"."who" AS "s_who",
        "c"."who__from" AS "f_who",
        "c"."where" AS "s_where",
        "c"."where__from" AS "f_where",
        "ref_person"."source_id" AS "d_person",
        CASE
          WHEN NOT "l"."at" IS NULL
          AND (
            "o"."read_at" IS NULL
            OR COALESCE(TRY_CAST((
              "l"."earlier" ->> '$.person'
            ) AS TIMESTAMP), "l"."at") >= "o"."read_at"
          )
          THEN CASE
            WHEN NOT JSON_TYPE("l"."observed", '$.person') IS NULL
            THEN TRY_CAST((
              "l"."observed" ->> '$.person'
            ) AS TEXT)
            ELSE "o"."person"
          END
          ELSE "o"."person"
        END AS "o_person",
        TRY_CAST((
          "l"."pushed" ->> '$.person'
        ) AS TEXT) AS "p_person",
        TRY_CAST((
          "l"."observed" ->> '$.person'
        ) AS TEXT) AS "b_person",
        "c"."title" AS "d_title",
        CASE
          WHEN NOT "l"."at" IS NULL
          AND (
            "o"."read_at" IS NULL
            OR COALESCE(TRY_CAST((
              "l"."earlier" ->> '$.title'
            ) AS TIMESTAMP), "l"."at") >= "o"."read_at"
          )
          THEN CASE
            WHEN NOT JSON_TYPE("l"."observed", '$.title') IS NULL
            THEN TRY_CAST((
              "l"."observed" ->> '$.title'
            ) AS TEXT)
            ELSE "o"."title"
          END
          ELSE "o"."title"
        END AS "o_title",
        TRY_CAST((
          "l"."pushed" ->> '$.title'
        ) AS TEXT) AS "p_title",
        TRY_CAST((
          "l"."observed" ->> '$.title'
        ) AS TEXT) AS "b_title",
        DATE_TRUNC('millisecond', "c"."starts_at") AS "d_starts_at",
        CASE
          WHEN NOT "l"."at" IS NULL
          AND (
            "o"."read_at" IS NULL
            OR COALESCE(TRY_CAST((
              "l"."earlier" ->> '$.starts_at'
            ) AS TIMESTAMP), "l"."at") >= "o"."read_at"
          )
          THEN CASE
            WHEN NOT JSON_TYPE("l"."observed", '$.starts_at') IS NULL
            THEN TRY_CAST((
              "l"."observed" ->> '$.starts_at'
            ) AS TIMESTAMP)
            ELSE "o"."starts_at"
          END
          ELSE "o"."starts_at"
        END AS "o_starts_at",
        TRY_CAST((
          "l"."pushed" ->> '$.starts_at'
        ) AS TIMESTAMP) AS "p_starts_at",
        TRY_CAST((
          "l"."observed" ->> '$.starts_at'
        ) AS TIMESTAMP) AS "b_starts_at",
        "ref_person"."source_id" AS "r_person"
      FROM (
        SELECT
          *
        FROM "core"."visit"
        WHERE
          "core_id" IN (
            SELECT
              core_id
            FROM scope
          )
      ) AS c
      LEFT JOIN (
        SELECT
          "x"."core_id",
          "x"."source_id",
          CASE
            WHEN NOT "s"."source_id" IS NULL AND "s"."deleted_at" IS NULL
            THEN "s"."source_id"
          END AS "alive"
        FROM "xref"."visit" AS x
        LEFT JOIN "staged"."order__visit" AS s
          ON s.source_id = x.source_id
        WHERE
          "x"."core_id" IN (
            SELECT
              core_id
            FROM scope
          )
          AND x.method IS DISTINCT FROM 'merged'
          AND x.system = 'order'
        QUALIFY
          ROW_NUMBER() OVER (
            PARTITION BY x.core_id
            ORDER BY s.source_id IS NULL NULLS FIRST, s.deleted_at DESC NULLS FIRST, x.source_id NULLS FIRST
          ) = 1
      ) AS x
        ON x.core_id = c.core_id
      LEFT JOIN meta.links AS l
        ON l.core_id = c.core_id AND "l"."system" = 'order' AND "l"."entity" = 'visit'
      LEFT JOIN "staged"."order__visit" AS o
        ON "o"."source_id" = COALESCE(
          "x"."alive",
          CASE WHEN "l"."action" <> 'delete' THEN "l"."target_id" END,
          CASE WHEN "l"."action" IS DISTINCT FROM 'delete' THEN "x"."source_id" END
        )
      LEFT JOIN meta.targets AS "ref_person"
        ON (
          "ref_person"."core_id" = "c"."person" AND "ref_person"."system" = 'order'
        )
        AND "ref_person"."entity" = 'person'
    ) AS aligned
  ) AS compared
) AS judged
WHERE
  NOT "action" IS NULL
ORDER BY
  "core_id"
