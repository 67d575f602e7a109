-- Conflicts of the scope: what is gone is settled, or reverted where the loser now says what we wrote; what stands is seen
-- again, in its new state; what is new is opened. Every change of a state is a row of core.conflict_history.
-- standing, gone: as sql/found.sql; written_back: (core_id, field, loser) that say what we wrote; variables: entity, run, now
CREATE OR REPLACE TEMP TABLE ended AS
SELECT g.id, g.core_id, CASE WHEN g.state = 'reverted' OR w.core_id IS NOT NULL THEN 'reverted' ELSE 'settled' END AS state
FROM gone AS g
LEFT JOIN written_back AS w ON w.core_id = g.core_id AND w.field = g.field AND w.loser = g.loser AND g.state = 'open';

INSERT INTO core.conflict_history BY NAME
SELECT id, state, getvariable('run') AS run, getvariable('now')::TIMESTAMP AS "at", NULL::VARCHAR AS who FROM ended
UNION ALL BY NAME
SELECT s.id, s.state, getvariable('run') AS run, getvariable('now')::TIMESTAMP AS "at", s.decided_by AS who
FROM standing AS s LEFT JOIN core.conflicts AS c ON c.id = s.id
WHERE c.id IS NULL OR c.settled_at IS NOT NULL OR c.state <> s.state OR c.decided_by IS DISTINCT FROM s.decided_by;

UPDATE core.conflicts AS c
SET state = e.state, settled_at = getvariable('now')::TIMESTAMP
FROM ended AS e WHERE e.id = c.id AND c.settled_at IS NULL;

UPDATE core.conflicts AS c
SET state = s.state, winner = s.winner, winner_at = s.winner_at, loser_at = s.loser_at, rule = s.rule,
    decided_by = s.decided_by, decided_why = s.decided_why, last_seen = getvariable('now')::TIMESTAMP, settled_at = NULL
FROM standing AS s WHERE s.id = c.id;

INSERT INTO core.conflicts BY NAME
SELECT s.*, getvariable('now')::TIMESTAMP AS first_seen, getvariable('now')::TIMESTAMP AS last_seen
FROM standing AS s ANTI JOIN core.conflicts AS c ON c.id = s.id;
