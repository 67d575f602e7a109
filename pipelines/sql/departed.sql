-- Staged rows of one map that are gone: the system said so, the record no longer yields them, or a full read lacks them.
-- previous: the staged table; variables: resource, full_load (id of a full read's load, NULL when there was none)
CREATE OR REPLACE TEMP TABLE departed AS
SELECT p.source_id, coalesce(l.read_at, getvariable('now')::TIMESTAMP) AS deleted_at,
       coalesce(CASE WHEN p.source_id = p.parent_id THEN l.merged_into END, p.merged_into) AS merged_into
FROM previous AS p
LEFT JOIN last_word AS l ON l.id = p.parent_id
LEFT JOIN (SELECT DISTINCT parent_id, source_id, seq FROM candidates) AS c
    ON c.parent_id = p.parent_id AND c.source_id = p.source_id AND c.seq = l.seq
LEFT JOIN (SELECT DISTINCT parent_id, seq FROM candidates WHERE broken IS NOT NULL) AS b
    ON b.parent_id = p.parent_id AND b.seq = l.seq
WHERE p.resource = getvariable('resource') 
  -- that a record was merged away may show only after it was gone
  AND (p.deleted_at IS NULL OR (p.merged_into IS NULL AND p.source_id = p.parent_id AND l.deleted AND l.merged_into IS NOT NULL))
  AND (
    l.deleted
    OR (l.id IS NOT NULL AND c.source_id IS NULL AND b.parent_id IS NULL)
    OR (l.id IS NULL AND getvariable('full_load') IS NOT NULL)
  );
