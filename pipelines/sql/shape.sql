-- Of which JSON type what stands at each place is, over the records that this sync read.
-- variables: places (JSON paths that a map reads); speaking: the records of this sync that live
SELECT place,
       CASE WHEN type IS NULL THEN 'absent' WHEN type = 'NULL' THEN 'null' WHEN type = 'VARCHAR' THEN 'text'
            WHEN type = 'BOOLEAN' THEN 'flag' WHEN type = 'OBJECT' THEN 'object' WHEN type = 'ARRAY' THEN 'list'
            ELSE 'number' END AS type,
       count(*) AS records
FROM (
    SELECT unnest(getvariable('places')) AS place, unnest(json_type(record, getvariable('places'))) AS type
    FROM speaking
)
GROUP BY ALL;
