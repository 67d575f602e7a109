WITH source AS (
  SELECT
    record,
    NULLIF(TRIM(record ->> '$.id'), '') AS "source_id",
    "id" AS "parent_id",
    "load_id" AS "raw_load",
    "read_at",
    "seq",
    CASE
      WHEN TIMEZONE('UTC', TRY_CAST(NULLIF(TRIM(record ->> '$.changed'), '') AS TIMESTAMPTZ)) >= CAST('0001-01-01' AS TIMESTAMP)
      AND TIMEZONE('UTC', TRY_CAST(NULLIF(TRIM(record ->> '$.changed'), '') AS TIMESTAMPTZ)) < CAST('10000-01-01' AS TIMESTAMP)
      THEN TIMEZONE('UTC', TRY_CAST(NULLIF(TRIM(record ->> '$.changed'), '') AS TIMESTAMPTZ))
    END AS "changed_at",
    CAST(CASE
      WHEN TRY_CAST(NULLIF(TRIM(record ->> '$.gone'), '') AS BOOLEAN)
      THEN "read_at"
    END AS TIMESTAMP) AS "deleted_at",
    CAST(NULL AS TEXT) AS "merged_into",
    record ->> '$.etag' AS "version",
    NULLIF(TRIM(record ->> '$.mark'), '') AS "core_ref",
    MAP(['my-system'], [NULLIF(TRIM(record ->> '$.twin'), '')]) AS "peers"
  FROM (
    SELECT
      *
    FROM batch
    WHERE
      NOT "deleted"
  ) AS batch
), raw AS (
  SELECT
    *,
    NULLIF(TRIM(record ->> '$.name'), '') AS "name__raw",
    NULLIF(TRIM(record ->> '$.email'), '') AS "email__raw",
    NULLIF(TRIM(record ->> '$.phone'), '') AS "phone__raw",
    NULLIF(TRIM(record ->> '$.address.street'), '') AS "street__raw",
    NULLIF(TRIM(record ->> '$.address.city'), '') AS "city__raw",
    NULLIF(TRIM(record ->> '$.address.state'), '') AS "state__raw",
    NULLIF(TRIM(record ->> '$.status'), '') AS "status__raw",
    NULLIF(TRIM(record ->> '$.note'), '') AS "note__raw",
    NULLIF(TRIM(record ->> '$.tags'), '') AS "tags__raw",
    NULLIF(TRIM(record ->> '$.group'), '') AS "group__raw"
  FROM source
), values_ AS (
  SELECT
    *,
    CAST("name__raw" AS TEXT) AS "name",
    CAST(CASE
      WHEN REGEXP_FULL_MATCH(LOWER("email__raw"), '[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+')
      THEN LOWER("email__raw")
    END AS TEXT) AS "email",
    CAST(CASE
      WHEN REGEXP_FULL_MATCH("phone__raw", '(\+?1)?[ ().-]*[2-9][0-9]{2}[ ().-]*[2-9][0-9]{2}[ .-]*[0-9]{4}')
      THEN '+1' || RIGHT(
        REPLACE(
          REPLACE(REPLACE(REPLACE(REPLACE("phone__raw", ' ', ''), '(', ''), ')', ''), '.', ''),
          '-',
          ''
        ),
        10
      )
      ELSE PHONE_E164("phone__raw", 'US')
    END AS TEXT) AS "phone",
    CAST("street__raw" AS TEXT) AS "street",
    CAST("city__raw" AS TEXT) AS "city",
    CAST("state__raw" AS TEXT) AS "state",
    CAST(CASE
      WHEN LOWER("status__raw") = 'n'
      THEN 'new'
      WHEN LOWER("status__raw") = 'w'
      THEN 'working'
      WHEN LOWER("status__raw") = 'd'
      THEN 'done'
    END AS TEXT) AS "status",
    CAST("note__raw" AS TEXT) AS "note",
    CAST(LIST_SORT(LIST_DISTINCT(TRY_CAST(record -> '$.tags' AS TEXT[]))) AS TEXT[]) AS "tags",
    CAST("group__raw" AS TEXT) AS "group"
  FROM raw
)
SELECT
  "source_id",
  "parent_id",
  "raw_load",
  "read_at",
  "seq",
  "changed_at",
  "deleted_at",
  "merged_into",
  "version",
  "core_ref",
  "peers",
  'people' AS "resource",
  "name" AS "name",
  "email" AS "email",
  "phone" AS "phone",
  "street" AS "street",
  "city" AS "city",
  "state" AS "state",
  "status" AS "status",
  "note" AS "note",
  "tags" AS "tags",
  "group" AS "group",
  LIST_FILTER(
    [
      CASE
        WHEN NOT "email__raw" IS NULL AND "email" IS NULL
        THEN CONCAT(
          'email: ',
          CHR(39),
          LEFT("email__raw", 80),
          CHR(39),
          ' cannot be read as email (field email)'
        )
      END,
      CASE
        WHEN NOT "phone__raw" IS NULL AND "phone" IS NULL
        THEN CONCAT(
          'phone: ',
          CHR(39),
          LEFT("phone__raw", 80),
          CHR(39),
          ' cannot be read as phone (field phone)'
        )
      END
    ],
    LAMBDA x : NOT x IS NULL
  ) AS "warnings",
  'order person: ' || NULLIF(
    ARRAY_TO_STRING(
      LIST_FILTER(
        [
          CASE WHEN "source_id" IS NULL THEN 'the record has no id' END,
          CASE
            WHEN NOT "status__raw" IS NULL AND "status" IS NULL
            THEN CONCAT(
              'status: ',
              CHR(39),
              LEFT("status__raw", 80),
              CHR(39),
              ' cannot be read as choice (field status)'
            )
          END
        ],
        LAMBDA x : NOT x IS NULL
      ),
      '; '
    ),
    ''
  ) AS "broken"
FROM values_
