-- Field changes become events. moved_fields: as models.compile.core.changes; variables: entity, run, now, backfill,
-- newcomers (systems whose records were all there before we read them: what they say is no edit of today)
INSERT INTO core.changes
SELECT getvariable('entity'), core_id, field, old, "new", source, "at", getvariable('run'), getvariable('now')::TIMESTAMP,
       getvariable('backfill')::BOOLEAN OR coalesce(source IN (SELECT unnest(getvariable('newcomers')::VARCHAR[])), false)
FROM moved_fields;
