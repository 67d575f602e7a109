-- core_ids that records outside the entangled ones have, and that an entangled one would be given when it splits off.
-- variable: prefix
SELECT DISTINCT c.core_id
FROM crosswalk AS c
ANTI JOIN entangled USING (system, source_id)
WHERE c.core_id IN (
    SELECT getvariable('prefix') || '_' || substr(sha256(e.system || ':' || e.source_id || again), 1, 16)
    FROM entangled AS e, (SELECT CASE WHEN n > 0 THEN '#' || n ELSE '' END AS again FROM range(10) AS r (n)) AS counted
);
