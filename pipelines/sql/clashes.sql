-- For each coming assignment (or its appointment) what it meets, seen from that one's side; outside a shift it meets nothing.
-- variables: system, entity (assignment or appointment); standing: the other one is in that system already
WITH sides AS (
    SELECT b.*, "first" AS mine, "second" AS other, second_kind AS other_kind FROM core.double_bookings AS b WHERE first_kind = 'assignment'
    UNION ALL
    SELECT b.*, "second", "first", first_kind FROM core.double_bookings AS b WHERE second_kind = 'assignment'
), keyed AS (
    SELECT core_id, CASE WHEN getvariable('entity') = 'appointment' THEN appointment ELSE core_id END AS key FROM core.assignment
), standing AS (
    SELECT core_id FROM meta.links
    WHERE system = getvariable('system') AND entity = getvariable('entity') AND action <> 'delete' AND core_id IS NOT NULL
    UNION
    SELECT core_id FROM xref.appointment WHERE system = getvariable('system') AND getvariable('entity') = 'appointment'
)
SELECT m.key, o.key AS other_key, s.*, s.other_kind IS DISTINCT FROM 'assignment' AS elsewhere,
       o.key IN (SELECT core_id FROM standing) AS standing,
       (SELECT min(since) FROM xref.assignment AS x WHERE x.core_id = s.mine) AS made
FROM sides AS s
JOIN keyed AS m ON m.core_id = s.mine
LEFT JOIN keyed AS o ON o.core_id = s.other
WHERE NOT s.allowed
ORDER BY m.key, elsewhere DESC, s.first_starts, s.other
