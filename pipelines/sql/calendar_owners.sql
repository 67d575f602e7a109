-- Calendars in which busy time was read, and whose they are: the one under the technician's address, or the one in which
-- that technician's assignments stand; technician is NULL where nobody is known.
WITH seen AS (
    SELECT calendar__from AS system, calendar, count(*) AS entries
    FROM core.busy WHERE deleted_at IS NULL AND technician IS NULL AND calendar IS NOT NULL GROUP BY ALL
), addressed AS (
    SELECT s.calendar, min(t.core_id) AS technician
    FROM seen AS s
    JOIN core.technician AS t ON t.deleted_at IS NULL AND (
        lower(t.email) = lower(s.calendar)
        OR (contains(s.calendar, '/') AND regexp_extract(rtrim(lower(s.calendar), '/'), '[^/]+$')
            = trim(regexp_replace(lower(strip_accents(split_part(t.email, '@', 1))), '[^a-z0-9]+', '-', 'g'), '-'))
    )
    GROUP BY s.calendar HAVING count(DISTINCT t.core_id) = 1
), written AS (
    SELECT l.system, rtrim(regexp_extract(l.target_id, '^.*/'), '/') AS calendar, arg_max(a.technician, l.receipt) AS technician
    FROM meta.links AS l JOIN core.assignment AS a ON a.core_id = l.core_id
    WHERE l.entity = 'assignment' AND l.action <> 'delete' AND contains(l.target_id, '/') GROUP BY ALL
)
SELECT s.system, s.calendar, s.entries, coalesce(d.technician, w.technician) AS technician
FROM seen AS s
LEFT JOIN addressed AS d ON d.calendar = s.calendar
LEFT JOIN written AS w ON w.system = s.system AND w.calendar = rtrim(s.calendar, '/')
ORDER BY ALL
