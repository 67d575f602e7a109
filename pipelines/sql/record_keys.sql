-- The keys that any record of this sync has, in itself and in the objects that a map reads from.
-- variables: objects (JSON paths), fresh (loads of this sync)
SELECT DISTINCT place, unnest(keys) AS key
FROM (
    SELECT unnest(getvariable('objects')) AS place, unnest(found) AS keys
    FROM (
        SELECT DISTINCT json_keys(record, getvariable('objects')) AS found
        FROM batch WHERE NOT deleted AND list_contains(getvariable('fresh'), load_id)
    )
)
ORDER BY ALL;
