-- The conflicts of the scope as they stand now, and those that stood and are gone.
-- found_conflicts: as models.compile.conflicts.fields; found_deletions; scope; variable: entity
CREATE OR REPLACE TEMP TABLE standing AS
SELECT 'con_' || left(sha256(concat_ws('|', getvariable('entity'), f.core_id, f.field, f.loser, f.loser_value,
                                       coalesce('=' || f.winner_value, '-'))), 16) AS id,
       getvariable('entity') AS entity, f.*
FROM (
    SELECT * EXCLUDE (accepted), CASE WHEN accepted THEN 'accepted' ELSE 'open' END AS state,
           NULL::VARCHAR AS decided_by, NULL::VARCHAR AS decided_why
    FROM found_conflicts
    UNION ALL BY NAME
    FROM found_deletions
) AS f;

CREATE OR REPLACE TEMP TABLE gone AS
SELECT c.id, c.core_id, c.field, c.loser, c.state
FROM core.conflicts AS c
WHERE c.entity = getvariable('entity') AND c.settled_at IS NULL AND c.core_id IN (SELECT core_id FROM scope)
  AND c.id NOT IN (SELECT id FROM standing);

CREATE OR REPLACE TEMP TABLE written_back (core_id VARCHAR, field VARCHAR, loser VARCHAR);
