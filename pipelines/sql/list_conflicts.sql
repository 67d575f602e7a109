-- Conflicts with their history, those that wait for a person first, then the newest.
SELECT c.*, h.history
FROM core.conflicts AS c
LEFT JOIN (
    SELECT id, list({'state': state, 'run': run, 'at': "at", 'who': who} ORDER BY "at") AS history
    FROM core.conflict_history GROUP BY id
) AS h ON h.id = c.id
ORDER BY c.settled_at IS NOT NULL, c.state <> 'waiting', c.first_seen DESC, c.entity, c.core_id, c.field, c.loser;
