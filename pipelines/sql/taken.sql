-- core_ids that an entangled record would be given when it splits off, and that others have or had: those of records
-- outside, and aliases. An id never comes to mean something else. variables: entity, prefix
WITH wanted AS (
    SELECT getvariable('prefix') || '_' || substr(sha256(e.system || ':' || e.source_id || again), 1, 16) AS core_id
    FROM entangled AS e, (SELECT CASE WHEN n > 0 THEN '#' || n ELSE '' END AS again FROM range(10) AS r (n)) AS counted
)
SELECT c.core_id
FROM (SELECT core_id, system, source_id FROM crosswalk WHERE core_id IN (FROM wanted)) AS c
ANTI JOIN entangled USING (system, source_id)
UNION
SELECT alias FROM meta.aliases WHERE entity = getvariable('entity') AND alias IN (FROM wanted);
