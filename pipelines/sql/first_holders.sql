-- As holders.sql where nobody was placed before: all that there is was touched, and no key was ever common.
-- table: met (all evidence)
CREATE OR REPLACE TEMP TABLE near AS
WITH held AS (SELECT rowid AS place, system, unnest(keys) AS key FROM met),
     telling AS (SELECT key FROM held GROUP BY key HAVING min(system) <> max(system))
SELECT system, source_id, core_ref, true AS known FROM met
WHERE rowid IN (SELECT place FROM held SEMI JOIN telling USING (key));
