-- What records are compared by, as it changes: only records whose compared values moved are compared again.
-- prepared: touched living records as they are compared; view trait: those known so far; touched_refs; variable: entity
CREATE OR REPLACE TEMP TABLE fresh_traits AS SELECT * FROM prepared EXCEPT SELECT * FROM trait;

CREATE OR REPLACE TEMP TABLE stale_traits AS
SELECT t.unique_id, r.system, r.source_id
FROM trait AS t
JOIN touched_refs AS r ON t.unique_id = r.system || chr(31) || r.source_id
WHERE t.unique_id NOT IN (SELECT unique_id FROM prepared) OR t.unique_id IN (SELECT unique_id FROM fresh_traits);

INSERT INTO meta.moved_evidence
SELECT getvariable('entity'), system, source_id FROM stale_traits
EXCEPT
SELECT * FROM meta.moved_evidence;
