-- What the new links change: core records to decide again. new_links: links to store; linked: links before;
-- new_aliases: ids that lead elsewhere now; variables: entity, now
CREATE OR REPLACE TEMP TABLE moved_links AS
SELECT n.system, n.source_id, n.core_id, c.core_id AS before, n.method, n.since
FROM new_links AS n LEFT JOIN linked AS c USING (system, source_id)
WHERE c.core_id IS DISTINCT FROM n.core_id OR (n.method = 'merged') IS DISTINCT FROM (c.method = 'merged');

INSERT INTO meta.touched_core
SELECT getvariable('entity'), core_id FROM moved_links
UNION SELECT getvariable('entity'), before FROM moved_links WHERE before IS NOT NULL
UNION SELECT getvariable('entity'), c.core_id FROM linked AS c JOIN touched_refs USING (system, source_id);
