-- Touched records that nothing ties to another: each is a thing of its own, with the core_id of its first record.
-- linked: the links of the touched records so far; variables: prefix, now
CREATE OR REPLACE TEMP TABLE singles AS
SELECT getvariable('prefix') || '_' || substr(sha256(r.system || ':' || r.source_id), 1, 16) AS core_id,
       r.system, r.source_id, 'first' AS method, getvariable('now')::TIMESTAMP AS since
FROM touched_refs AS r
ANTI JOIN entangled USING (system, source_id)
ANTI JOIN linked USING (system, source_id);
