-- The keys that any record of this sync has, in itself and in the objects that a map reads from.
-- variables: objects (JSON paths); speaking: the records of this sync that live
SELECT DISTINCT place, unnest(keys) AS key
FROM (
    SELECT unnest(getvariable('objects')) AS place, unnest(found) AS keys
    FROM (
        SELECT DISTINCT json_keys(record, getvariable('objects')) AS found
        FROM speaking
    )
)
ORDER BY ALL;
