-- One step: what the evidence of the frontier leads to, and everything linked to these already.
-- views: node (evidence), crosswalk (links so far); tables: near (who holds the same keys), frontier, entangled, widened, ties,
-- met (evidence of all that was in the frontier), linked and gathered (core_ids of which all links were read); variable: entity
CREATE OR REPLACE TEMP TABLE led AS
SELECT system, source_id FROM (
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
       OR (system, source_id) IN (SELECT (right_system, right_id) FROM ties)
)
ANTI JOIN near USING (system, source_id);

INSERT INTO near
SELECT l.system, l.source_id, coalesce(m.core_ref, n.core_ref), m.system IS NOT NULL OR n.system IS NOT NULL
FROM led AS l
LEFT JOIN met AS m USING (system, source_id)
LEFT JOIN (
    SELECT n.system, n.source_id, n.core_ref FROM node AS n SEMI JOIN (FROM led ANTI JOIN met USING (system, source_id)) AS unmet
    ON unmet.system = n.system AND unmet.source_id = n.source_id
) AS n ON n.system = l.system AND n.source_id = l.source_id;

-- most of them were touched, or stand for the same as one that was: only who was not met yet is looked up
INSERT INTO linked
SELECT c.core_id, c.system, c.source_id, c.method FROM crosswalk AS c
SEMI JOIN (FROM near ANTI JOIN linked USING (system, source_id)) AS n ON n.system = c.system AND n.source_id = c.source_id;

CREATE OR REPLACE TEMP TABLE meant AS
WITH named AS (
    SELECT core_ref AS core_id FROM near WHERE known AND core_ref IS NOT NULL
    UNION ALL
    SELECT l.core_id FROM meta.links AS l JOIN near AS n ON n.system = l.system AND n.source_id = l.target_id
    WHERE l.entity = getvariable('entity')
)
SELECT l.core_id FROM linked AS l SEMI JOIN near USING (system, source_id)
UNION
SELECT coalesce(a.core_id, w.core_id)
FROM named AS w LEFT JOIN meta.aliases AS a ON a.entity = getvariable('entity') AND a.alias = w.core_id;

INSERT INTO linked
SELECT c.core_id, c.system, c.source_id, c.method
FROM (
    SELECT * FROM crosswalk WHERE core_id IN (FROM meant ANTI JOIN gathered USING (core_id))
) AS c
ANTI JOIN linked USING (system, source_id);
INSERT INTO gathered FROM meant ANTI JOIN gathered USING (core_id);

CREATE OR REPLACE TEMP TABLE gained AS
SELECT system, source_id FROM (
    SELECT system, source_id FROM near WHERE known
    UNION
    SELECT system, source_id FROM linked SEMI JOIN meant USING (core_id)
)
ANTI JOIN entangled USING (system, source_id);

INSERT INTO entangled FROM gained;
CREATE OR REPLACE TEMP TABLE frontier AS FROM gained ANTI JOIN widened USING (system, source_id);
INSERT INTO widened FROM frontier;
