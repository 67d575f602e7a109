-- Who holds a key of the frontier: those whom a telling key ties to another system.
-- view: node (evidence); tables: frontier, asked, met (evidence of all that was in the frontier), touched_refs;
-- variable: common (a key held by more records of one system says nothing)
INSERT INTO met
SELECT * EXCLUDE (place) FROM node
WHERE place IN (SELECT place FROM node SEMI JOIN (FROM frontier ANTI JOIN met USING (system, source_id)) USING (system, source_id));

-- who holds a key that was asked for before is entangled already
CREATE OR REPLACE TEMP TABLE frontier_keys AS
SELECT DISTINCT key
FROM (SELECT unnest(n.keys) AS key FROM met AS n JOIN frontier USING (system, source_id))
ANTI JOIN asked USING (key);
INSERT INTO asked FROM frontier_keys;

CREATE OR REPLACE TEMP TABLE holders AS
SELECT n.system, n.source_id, n.core_ref, n.key, r.system IS NOT NULL AS touched
FROM (
    SELECT system, source_id, core_ref, key
    FROM (SELECT system, source_id, core_ref, unnest(keys) AS key FROM node) SEMI JOIN frontier_keys USING (key)
) AS n
LEFT JOIN touched_refs AS r ON r.system = n.system AND r.source_id = n.source_id;

-- a key that became common just now still leads to those whom it tied before
CREATE OR REPLACE TEMP TABLE telling AS
SELECT key FROM (
    SELECT key, system, count(*) FILTER (WHERE NOT touched) AS others FROM holders GROUP BY key, system
)
GROUP BY key HAVING count(*) > 1 AND max(others) <= getvariable('common');

-- near: whom the evidence leads to; known: whether there is evidence of them
CREATE OR REPLACE TEMP TABLE near AS
SELECT DISTINCT system, source_id, core_ref, true AS known FROM holders SEMI JOIN telling USING (key);
