-- One step: what the evidence of the frontier leads to, and everything linked to these already.
-- views: node (evidence), crosswalk (links so far); tables: near (who holds the same keys), frontier, entangled, widened, ties,
-- met (evidence of all that was in the frontier); variable: entity
INSERT INTO near
SELECT n.system, n.source_id FROM met AS n JOIN frontier USING (system, source_id)
WHERE n.core_ref IS NOT NULL OR len(map_keys(coalesce(n.peers, MAP {}))) > 0
UNION
SELECT l.system, l.target_id FROM meta.links AS l JOIN frontier AS f ON f.system = l.system AND f.source_id = l.target_id
WHERE l.entity = getvariable('entity')
UNION
SELECT t.right_system, t.right_id FROM ties AS t JOIN frontier AS f ON f.system = t.left_system AND f.source_id = t.left_id
UNION
SELECT t.left_system, t.left_id FROM ties AS t JOIN frontier AS f ON f.system = t.right_system AND f.source_id = t.right_id
UNION
SELECT system, source_id FROM frontier
WHERE (system, source_id) IN (SELECT (left_system, left_id) FROM ties)
   OR (system, source_id) IN (SELECT (right_system, right_id) FROM ties);

CREATE OR REPLACE TEMP TABLE frontier AS
WITH there AS MATERIALIZED (
    SELECT n.system, n.source_id, n.core_ref FROM near JOIN node AS n USING (system, source_id)
), wanted AS (
    SELECT core_ref AS core_id FROM there WHERE core_ref IS NOT NULL
    UNION ALL
    SELECT l.core_id FROM meta.links AS l JOIN near AS n ON n.system = l.system AND n.source_id = l.target_id
    WHERE l.entity = getvariable('entity')
)
SELECT system, source_id FROM (
    SELECT system, source_id FROM there
    UNION
    SELECT c.system, c.source_id FROM crosswalk AS c
    WHERE c.core_id IN (
        SELECT x.core_id FROM crosswalk AS x JOIN near USING (system, source_id)
        UNION ALL
        SELECT coalesce(a.core_id, w.core_id)
        FROM wanted AS w LEFT JOIN meta.aliases AS a ON a.entity = getvariable('entity') AND a.alias = w.core_id
    )
)
ANTI JOIN entangled USING (system, source_id);

INSERT INTO entangled SELECT system, source_id FROM frontier;
DELETE FROM frontier WHERE (system, source_id) IN (SELECT (system, source_id) FROM widened);
INSERT INTO widened SELECT system, source_id FROM frontier;
