-- What follows the links that moved: ids that lead elsewhere now, overrides and receipts. Tables, view and variables are
-- those of moved_links.sql
-- an id that a record has again is no alias any more; no alias leads to another one
DELETE FROM meta.aliases
WHERE entity = getvariable('entity') AND alias IN (SELECT core_id FROM new_links UNION SELECT alias FROM new_aliases);
UPDATE meta.aliases AS a SET core_id = n.core_id FROM new_aliases AS n
WHERE a.entity = getvariable('entity') AND a.core_id = n.alias;
INSERT INTO meta.aliases SELECT getvariable('entity'), alias, core_id, getvariable('now')::TIMESTAMP FROM new_aliases;

-- a person's override follows the record that it was set for
UPDATE meta.pins AS p SET core_id = n.core_id FROM new_aliases AS n
WHERE p.entity = getvariable('entity') AND p.core_id = n.alias;

-- a receipt follows its record; the one of what stood there before takes the id that is free now where its record did,
-- else it is evidence of none
CREATE OR REPLACE TEMP TABLE following AS
SELECT l.system, l.target_id, m.core_id, l.core_id AS before
FROM meta.links AS l
JOIN moved_links AS m ON m.system = l.system AND m.source_id = l.target_id
WHERE l.entity = getvariable('entity') AND m.method <> 'merged' AND l.core_id <> m.core_id;

UPDATE meta.links AS l SET core_id = (
    SELECT m.core_id FROM moved_links AS m
    WHERE m.system = l.system AND m.source_id = l.target_id AND m.core_id = f.before
)
FROM following AS f
WHERE l.entity = getvariable('entity') AND l.system = f.system AND l.core_id = f.core_id AND l.target_id <> f.target_id;
UPDATE meta.links AS l SET core_id = f.core_id FROM following AS f
WHERE l.entity = getvariable('entity') AND l.system = f.system AND l.target_id = f.target_id AND l.core_id = f.before;
