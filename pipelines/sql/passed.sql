-- One map's rows of the batch, sorted into those that pass and those that are set aside.
-- candidates: every row of the map, with `broken` (why it may not pass)
-- variables: system, entity, resource, each (whether the map takes list elements), full_load
INSERT INTO broken_rows SELECT DISTINCT seq FROM candidates WHERE broken IS NOT NULL;

-- of a record that yields several rows only the newest version counts: elements that left the list are gone;
-- what one load shows and takes away again was never there, what a later one takes away was, and is gone.
-- a view, because it is read once as a whole; row__number: its place in candidates
CREATE OR REPLACE TEMP VIEW passed AS
SELECT c.rowid AS row__number, c.* EXCLUDE (broken) REPLACE (
    coalesce(c.deleted_at, CASE WHEN l.deleted THEN l.read_at END) AS deleted_at,
    coalesce(c.merged_into, CASE WHEN c.source_id = c.parent_id THEN l.merged_into END) AS merged_into
)
FROM candidates AS c
JOIN last_word AS l ON l.id = c.parent_id
WHERE c.broken IS NULL AND (NOT l.deleted OR c.raw_load < l.gone_in) AND (NOT getvariable('each') OR c.seq = l.shown);

DELETE FROM quarantine.records AS q
WHERE q.system = getvariable('system') AND q.entity = getvariable('entity') AND q.resource = getvariable('resource')
  AND (
    q.raw_id IN (SELECT id FROM last_word)
    -- a record without an id is known by its content; a full read has them all again
    OR (q.raw_id IS NULL AND q.record::VARCHAR IN (SELECT record::VARCHAR FROM batch WHERE id IS NULL))
    OR q.raw_load < getvariable('full_load')
  );

-- a record without an id has no newest version: each of its rows stands for itself
INSERT INTO quarantine.records
SELECT getvariable('system'), getvariable('entity'), getvariable('resource'), c.parent_id, c.source_id, c.broken,
       b.record, c.raw_load, c.read_at
FROM candidates AS c
JOIN batch AS b ON b.seq = c.seq
LEFT JOIN last_word AS l ON l.id = c.parent_id
WHERE c.broken IS NOT NULL AND (c.parent_id IS NULL OR (l.seq = c.seq AND NOT l.deleted))
QUALIFY row_number() OVER (PARTITION BY coalesce(c.parent_id, c.seq::VARCHAR), c.source_id ORDER BY c.seq DESC) = 1;
