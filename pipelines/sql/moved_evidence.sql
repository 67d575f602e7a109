-- The touched records as they are now, and those whose keys or peers are not what they were.
-- former: their evidence before; view node: now; variable: entity. met: the evidence of all records looked at, read once
CREATE OR REPLACE TEMP TABLE met AS SELECT n.* FROM node AS n JOIN touched_refs USING (system, source_id);

INSERT INTO meta.moved_evidence
SELECT getvariable('entity'), n.system, n.source_id
FROM former AS f
JOIN met AS n USING (system, source_id)
WHERE f.keys IS DISTINCT FROM n.keys OR f.peers IS DISTINCT FROM n.peers OR f.merged_into IS DISTINCT FROM n.merged_into
EXCEPT
SELECT * FROM meta.moved_evidence;
