-- Coming assignments that meet another one, the way to it, busy time, or the end of a shift, by technician.
-- calendar_owners: as calendar_owners.sql
-- variables: travel (minutes between two places), zone (the company's), since (UTC; what ended before is past), now
-- slots: what takes a technician's time, as instants; whole days run from midnight to midnight where the technician works
CREATE OR REPLACE TEMP MACRO midnight(day, zone) AS timezone('UTC', timezone(zone, day::TIMESTAMP));

CREATE OR REPLACE TEMP TABLE slots AS
WITH worker AS (
    SELECT core_id, name, CASE WHEN time_zone IN (SELECT name FROM meta.zones) THEN time_zone ELSE getvariable('zone') END AS zone
    FROM core.technician WHERE deleted_at IS NULL
), taken AS (
    SELECT 'assignment' AS kind, core_id AS id, technician, title, starts_at, ends_at, starts_on, ends_on,
           lower(place) AS place, appointment, coalesce(overlap_allowed, false) AS allowed, NULL AS system
    FROM core.assignment
    WHERE deleted_at IS NULL AND status IS DISTINCT FROM 'canceled' AND status IS DISTINCT FROM 'completed'
    UNION ALL
    SELECT coalesce(b.kind, 'event'), b.core_id, coalesce(b.technician, c.technician), b.title, b.starts_at, b.ends_at,
           b.starts_on, b.ends_on, NULL, NULL, false, b.starts_at__from
    FROM core.busy AS b
    LEFT JOIN calendar_owners AS c ON c.system = b.calendar__from AND c.calendar = b.calendar
    WHERE b.deleted_at IS NULL AND b.blocks IS DISTINCT FROM false
), placed AS (
    SELECT t.* EXCLUDE (starts_at, ends_at, starts_on, ends_on), w.name AS technician_name,
           coalesce(t.starts_at, midnight(t.starts_on, w.zone)) AS starts,
           CASE WHEN t.starts_at IS NULL THEN midnight(coalesce(t.ends_on, t.starts_on) + 1, w.zone)
                ELSE greatest(t.starts_at, coalesce(t.ends_at, t.starts_at)) END AS ends
    FROM taken AS t JOIN worker AS w ON w.core_id = t.technician
)
SELECT * FROM placed WHERE ends >= getvariable('since')::TIMESTAMP;

-- stretches of a day that nothing interrupts keep the pairs few: only what lies in the same stretch can meet
CREATE OR REPLACE TEMP TABLE found_bookings AS
WITH reaching AS (
    SELECT *, ends + to_minutes(getvariable('travel')) AS reach FROM slots WHERE kind <> 'shift'
), ordered AS (
    SELECT *, max(reach) OVER earlier AS reached FROM reaching
    WINDOW earlier AS (PARTITION BY technician ORDER BY starts, ends, kind, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), stretches AS (
    SELECT *, sum((coalesce(starts >= reached, true))::INTEGER) OVER so_far AS stretch,
           row_number() OVER so_far AS place_in_line
    FROM ordered
    WINDOW so_far AS (PARTITION BY technician ORDER BY starts, ends, kind, id ROWS UNBOUNDED PRECEDING)
), met AS (
    SELECT a.technician, a.technician_name, a.kind AS first_kind, a.id AS "first", a.title AS first_title,
           a.starts AS first_starts, a.ends AS first_ends, b.kind AS second_kind, b.id AS "second", b.title AS second_title,
           b.starts AS second_starts, b.ends AS second_ends, a.allowed OR b.allowed AS allowed,
           coalesce(a.system, b.system) AS system, b.starts < a.ends AS meets,
           a.kind = 'assignment' AND b.kind = 'assignment' AND a.place <> b.place AS apart
    FROM stretches AS a
    JOIN stretches AS b
        ON b.technician = a.technician AND b.stretch = a.stretch AND b.place_in_line > a.place_in_line AND b.starts < a.reach
    WHERE (a.kind = 'assignment' OR b.kind = 'assignment')
      AND a.appointment IS DISTINCT FROM b.appointment
      -- another integration's copy of the same visit is no second visit
      AND NOT (a.kind <> b.kind AND a.starts = b.starts AND a.ends = b.ends AND coalesce(lower(a.title) = lower(b.title), false))
), shifts AS (
    SELECT technician, starts, ends, min(starts) OVER mine AS first_known, max(ends) OVER mine AS last_known
    FROM slots WHERE kind = 'shift' WINDOW mine AS (PARTITION BY technician)
), outside AS (
    SELECT a.technician, any_value(a.technician_name) AS technician_name, a.id, any_value(a.title) AS title,
           any_value(a.starts) AS starts, any_value(a.ends) AS ends, any_value(a.allowed) AS allowed,
           date_diff('minute', any_value(a.starts), any_value(a.ends))
               - coalesce(sum(date_diff('minute', greatest(a.starts, s.starts), least(a.ends, s.ends)))
                   FILTER (WHERE s.starts < a.ends AND s.ends > a.starts), 0) AS minutes
    FROM slots AS a JOIN shifts AS s ON s.technician = a.technician
    WHERE a.kind = 'assignment' AND a.starts >= s.first_known AND a.ends <= s.last_known
    GROUP BY a.technician, a.id
)
SELECT technician, technician_name,
       CASE WHEN NOT meets THEN 'travel' WHEN first_kind = second_kind THEN 'assignment'
            WHEN first_kind = 'assignment' THEN second_kind ELSE first_kind END AS kind,
       CASE WHEN meets THEN date_diff('minute', second_starts, least(first_ends, second_ends))
            ELSE getvariable('travel') - date_diff('minute', first_ends, second_starts) END::BIGINT AS minutes,
       first_kind, "first", first_title, first_starts, first_ends,
       second_kind, "second", second_title, second_starts, second_ends, allowed, system
FROM met WHERE meets OR coalesce(apart, false)
UNION ALL
SELECT technician, technician_name, 'outside_shift', minutes::BIGINT, 'assignment', id, title, starts, ends,
       NULL, NULL, NULL, NULL, NULL, allowed, NULL
FROM outside WHERE minutes > 0;

-- what was seen before keeps the instant at which it was first seen
CREATE OR REPLACE TEMP TABLE next_bookings AS
SELECT f.*, coalesce(o.since, getvariable('now')::TIMESTAMP) AS since
FROM found_bookings AS f
LEFT JOIN core.double_bookings AS o
    ON o."first" = f."first" AND o."second" IS NOT DISTINCT FROM f."second" AND o.kind = f.kind;
