-- core_ids that an entangled record would be given when it splits off, and that others have or had: those of records
-- outside, and aliases. An id never comes to mean something else. variables: entity, prefix
SELECT DISTINCT used.core_id
FROM (
    SELECT core_id FROM crosswalk ANTI JOIN entangled USING (system, source_id)
    UNION ALL
    SELECT alias FROM meta.aliases WHERE entity = getvariable('entity')
) AS used
WHERE used.core_id IN (
    SELECT getvariable('prefix') || '_' || substr(sha256(e.system || ':' || e.source_id || again), 1, 16)
    FROM entangled AS e, (SELECT CASE WHEN n > 0 THEN '#' || n ELSE '' END AS again FROM range(10) AS r (n)) AS counted
);
