-- The records that have to be looked at together: touched ones with evidence that leads to another record or to one of
-- our core_ids, what that evidence leads to, and everything linked to these already.
-- views: node (evidence), crosswalk (links so far); table: touched_refs (system, source_id); variables: entity
CREATE OR REPLACE TEMP TABLE touched_keys AS
SELECT DISTINCT unnest(n.keys) AS key FROM node AS n JOIN touched_refs USING (system, source_id);

CREATE OR REPLACE TEMP TABLE holders AS
SELECT n.system, n.source_id, k.key
FROM (SELECT system, source_id, unnest(keys) AS key FROM node) AS n
JOIN touched_keys AS k USING (key);

CREATE OR REPLACE TEMP TABLE near AS
SELECT h.system, h.source_id
FROM holders AS h
WHERE h.key IN (SELECT key FROM holders GROUP BY key HAVING count(DISTINCT system) > 1)
UNION
SELECT n.system, n.source_id FROM node AS n JOIN touched_refs USING (system, source_id)
WHERE n.core_ref IS NOT NULL OR len(map_keys(coalesce(n.peers, MAP {}))) > 0
UNION
SELECT l.system, l.target_id FROM meta.links AS l JOIN touched_refs AS r ON r.system = l.system AND r.source_id = l.target_id
WHERE l.entity = getvariable('entity');

INSERT INTO near
SELECT p.system, p.source_id
FROM (
    SELECT unnest(map_keys(n.peers)) AS system, unnest(map_values(n.peers)) AS source_id
    FROM node AS n JOIN near USING (system, source_id) WHERE n.peers IS NOT NULL
) AS p
JOIN node AS known USING (system, source_id);

CREATE OR REPLACE TEMP TABLE entangled AS
SELECT DISTINCT system, source_id FROM near
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
   );
