-- What became of the batch: read = staged + quarantined, per load. variables: system, resource, run, now
INSERT INTO meta.staging
SELECT getvariable('system'), getvariable('resource'), b.load_id, getvariable('run'), count(*),
       count(*) FILTER (WHERE r.seq IS NULL), count(*) FILTER (WHERE r.seq IS NOT NULL), count(*) FILTER (WHERE b.deleted),
       getvariable('now')::TIMESTAMP
FROM batch AS b
LEFT JOIN (SELECT DISTINCT seq FROM broken_rows) AS r ON r.seq = b.seq
GROUP BY b.load_id;
