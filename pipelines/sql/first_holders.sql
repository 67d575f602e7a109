-- As holders.sql where nobody was placed before: all that there is was touched, and no key was ever common.
-- table: met (all evidence)
CREATE OR REPLACE TEMP TABLE near AS
WITH held AS (SELECT system, source_id, unnest(keys) AS key FROM met),
     telling AS (SELECT key FROM held GROUP BY key HAVING min(system) <> max(system))
SELECT DISTINCT system, source_id FROM held SEMI JOIN telling USING (key);
