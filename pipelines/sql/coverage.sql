-- What is watched for double bookings: a row for each calendar, each technician in no calendar, and each kind of entry that
-- could not be read. calendar_owners: as calendar_owners.sql; why: the reason for which time in it is not seen; NULL where it is.
WITH watched AS (
    SELECT technician FROM calendar_owners WHERE technician IS NOT NULL
    UNION SELECT technician FROM core.busy WHERE deleted_at IS NULL AND technician IS NOT NULL
)
SELECT 'calendar' AS what, o.system, o.calendar, t.name AS technician, o.entries,
       CASE WHEN o.technician IS NULL THEN 'it belongs to no technician: none has its address as e-mail' END AS why
FROM calendar_owners AS o LEFT JOIN core.technician AS t ON t.core_id = o.technician
UNION ALL
SELECT 'technician', NULL, NULL, name, 0, 'no calendar with busy time is known; share one, or there is nothing in it'
FROM core.technician
WHERE deleted_at IS NULL AND active IS DISTINCT FROM false AND core_id NOT IN (FROM watched)
UNION ALL
SELECT 'entries set aside', system, NULL, NULL, count(*), reason
FROM quarantine.records WHERE entity = 'busy' GROUP BY system, reason
ORDER BY ALL
