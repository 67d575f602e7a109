-- A coming visit of one technician that stands in the technician's calendar: the assignment and the visit's own id.
SELECT a.core_id, x.source_id AS visit
FROM core.assignment AS a
JOIN meta.links AS l ON l.system = 'google_calendar' AND l.entity = 'assignment' AND l.core_id = a.core_id
JOIN xref.appointment AS x ON x.core_id = a.appointment AND x.system = 'jobber'
WHERE a.deleted_at IS NULL AND a.status = 'scheduled' AND a.starts_at IS NOT NULL
  AND (SELECT count(*) FROM core.assignment AS b WHERE b.appointment = a.appointment AND b.deleted_at IS NULL) = 1
ORDER BY a.starts_at DESC, a.core_id
LIMIT 1;
