-- Conflicts of the scope: those that are gone are settled, those that stand are seen again, new ones are opened.
-- found_conflicts: as models.compile.core.conflicts; scope: core_ids decided now; variables: entity, now
UPDATE core.conflicts AS c
SET state = 'settled', settled_at = getvariable('now')::TIMESTAMP
WHERE c.entity = getvariable('entity') AND c.state = 'open' AND c.core_id IN (SELECT core_id FROM scope)
  AND NOT EXISTS (
    FROM found_conflicts AS f
    WHERE f.core_id = c.core_id AND f.field = c.field AND f.loser = c.loser AND f.loser_value = c.loser_value
      AND f.winner_value IS NOT DISTINCT FROM c.winner_value
  );

UPDATE core.conflicts AS c
SET last_seen = getvariable('now')::TIMESTAMP
WHERE c.entity = getvariable('entity') AND c.state = 'open' AND c.core_id IN (SELECT core_id FROM scope);

INSERT INTO core.conflicts
SELECT getvariable('entity'), f.core_id, f.field, f.winner, f.winner_value, f.winner_at, f.loser, f.loser_value, f.loser_at,
       f.rule, 'open', getvariable('now')::TIMESTAMP, getvariable('now')::TIMESTAMP, NULL
FROM found_conflicts AS f
ANTI JOIN (FROM core.conflicts WHERE entity = getvariable('entity') AND state = 'open') AS c
    ON c.core_id = f.core_id AND c.field = f.field AND c.loser = f.loser AND c.loser_value = f.loser_value;
