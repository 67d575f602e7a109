-- Touched records whose keys or peers are not what they were.
-- former: their evidence before; met: now; variable: entity
INSERT INTO meta.moved_evidence
SELECT getvariable('entity'), n.system, n.source_id
FROM former AS f
JOIN met AS n USING (system, source_id)
WHERE f.keys IS DISTINCT FROM n.keys OR f.peers IS DISTINCT FROM n.peers OR f.merged_into IS DISTINCT FROM n.merged_into
EXCEPT
SELECT * FROM meta.moved_evidence;
