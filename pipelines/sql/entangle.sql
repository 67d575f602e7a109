-- One step: what the evidence of the frontier leads to, and everything linked to these already.
-- views: node (evidence), crosswalk (links so far); tables: frontier, entangled, widened, touched_refs, ties;
-- variables: entity, common (a key held by more records of one system says nothing)
CREATE OR REPLACE TEMP TABLE frontier_keys AS
SELECT DISTINCT unnest(n.keys) AS key FROM node AS n JOIN frontier USING (system, source_id);

CREATE OR REPLACE TEMP TABLE holders AS
SELECT n.system, n.source_id, n.key, r.system IS NOT NULL AS touched
FROM (SELECT system, source_id, unnest(keys) AS key FROM node) AS n
JOIN frontier_keys AS k USING (key)
LEFT JOIN touched_refs AS r ON r.system = n.system AND r.source_id = n.source_id;

-- a key that became common just now still leads to those whom it tied before
CREATE OR REPLACE TEMP TABLE telling AS
SELECT key FROM (
    SELECT key, system, count(*) FILTER (WHERE NOT touched) AS others FROM holders GROUP BY key, system
)
GROUP BY key HAVING count(*) > 1 AND max(others) <= getvariable('common');

CREATE OR REPLACE TEMP TABLE near AS
SELECT DISTINCT system, source_id FROM holders JOIN telling USING (key)
UNION
SELECT n.system, n.source_id FROM node AS n JOIN frontier USING (system, source_id)
WHERE n.core_ref IS NOT NULL OR len(map_keys(coalesce(n.peers, MAP {}))) > 0
UNION
SELECT l.system, l.target_id FROM meta.links AS l JOIN frontier AS f ON f.system = l.system AND f.source_id = l.target_id
WHERE l.entity = getvariable('entity');

INSERT INTO near
SELECT t.right_system, t.right_id FROM ties AS t JOIN frontier AS f ON f.system = t.left_system AND f.source_id = t.left_id
UNION
SELECT t.left_system, t.left_id FROM ties AS t JOIN frontier AS f ON f.system = t.right_system AND f.source_id = t.right_id;

INSERT INTO near
SELECT system, source_id FROM frontier
WHERE (system, source_id) IN (SELECT (left_system, left_id) FROM ties)
   OR (system, source_id) IN (SELECT (right_system, right_id) FROM ties);

CREATE OR REPLACE TEMP TABLE frontier AS
SELECT system, source_id FROM (
    SELECT n.system, n.source_id FROM near JOIN node AS n USING (system, source_id)
    UNION
    SELECT c.system, c.source_id FROM crosswalk AS c
    WHERE c.core_id IN (SELECT x.core_id FROM crosswalk AS x JOIN near USING (system, source_id))
       OR c.core_id IN (
            SELECT coalesce(a.core_id, o.wanted) FROM (
                SELECT n.core_ref AS wanted FROM node AS n JOIN near USING (system, source_id) WHERE n.core_ref IS NOT NULL
                UNION
                SELECT l.core_id FROM meta.links AS l JOIN near AS n ON n.system = l.system AND n.source_id = l.target_id
                WHERE l.entity = getvariable('entity')
            ) AS o
            LEFT JOIN meta.aliases AS a ON a.entity = getvariable('entity') AND a.alias = o.wanted
       )
)
ANTI JOIN entangled USING (system, source_id);

INSERT INTO entangled SELECT system, source_id FROM frontier;
DELETE FROM frontier WHERE (system, source_id) IN (SELECT (system, source_id) FROM widened);
INSERT INTO widened SELECT system, source_id FROM frontier;
