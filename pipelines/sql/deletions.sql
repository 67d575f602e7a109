-- Conflicts about deletions: a record that is gone in one system and there in another. Made into rows of found_conflicts.
-- deleted_rows, living_rows, lives: as models.compile.conflicts; variables: entity, policy (ask, delete or keep)
CREATE OR REPLACE TEMP TABLE found_deletions AS
WITH lost AS (
    SELECT d.*, count(*) OVER (PARTITION BY d.core_id, d.system) AS times
    FROM deleted_rows AS d
    ANTI JOIN living_rows AS l ON l.core_id = d.core_id AND l.system = d.system
    QUALIFY row_number() OVER (PARTITION BY d.core_id, d.system ORDER BY d.deleted_at DESC, d.source_id) = 1
), there AS (
    SELECT core_id, arg_min(system, rank) AS system, min(rank) AS rank, max(edited_at) AS edited_at FROM living_rows GROUP BY core_id
), disagreed AS (
    -- the owner's deletion is contested by an edit since it was last seen alive; any other system's by the owner
    SELECT l.*, t.system AS keeper, c.deleted_at AS core_deleted_at, l.rank < t.rank AS owned, t.edited_at
    FROM lost AS l JOIN there AS t ON t.core_id = l.core_id JOIN lives AS c ON c.core_id = l.core_id
    WHERE CASE WHEN l.rank < t.rank THEN t.edited_at > l.alive_at ELSE c.deleted_at IS NULL END
)
SELECT d.core_id, 'deleted_at' AS field, d.keeper AS winner, 'there' AS winner_value, d.edited_at AS winner_at,
       d.system AS loser, 'deleted' AS loser_value, d.deleted_at AS loser_at,
       'when_deleted: ' || getvariable('policy') AS rule,
       -- what is undone comes back once: whoever deletes it again is asked
       CASE coalesce(j.choice, CASE WHEN getvariable('policy') = 'keep' AND d.times > 1 THEN 'ask' ELSE getvariable('policy') END)
           WHEN 'keep' THEN 'reverted' WHEN 'delete' THEN 'accepted' ELSE 'waiting' END AS state,
       j.who AS decided_by, j.why AS decided_why
FROM disagreed AS d
LEFT JOIN meta.judgements AS j
    ON j.entity = getvariable('entity') AND j.core_id = d.core_id AND j.system = d.system
    AND j."at" >= greatest(d.deleted_at, CASE WHEN d.owned THEN d.edited_at END);
