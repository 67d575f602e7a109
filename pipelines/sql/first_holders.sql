-- As holders.sql where nobody was placed before: all that there is was touched, and no key was ever common.
-- table: met (all evidence)
-- keys are compared by their hashes: where those of two are the same, more is looked at, and nothing is decided
CREATE OR REPLACE TEMP TABLE near AS
WITH held AS (
    SELECT rowid AS place, hash(system) AS system, unnest(list_transform(keys, lambda key: hash(key))) AS mark FROM met
),
telling AS (SELECT mark FROM held GROUP BY mark HAVING min(system) <> max(system))
SELECT system, source_id, core_ref, true AS known FROM met
WHERE rowid IN (SELECT place FROM held SEMI JOIN telling USING (mark));
