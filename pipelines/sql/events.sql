-- Field changes become events. moved_fields: as models.compile.core.changes; variables: entity, run, now, backfill
INSERT INTO core.changes
SELECT getvariable('entity'), core_id, field, old, "new", source, "at", getvariable('run'), getvariable('now')::TIMESTAMP,
       getvariable('backfill')::BOOLEAN
FROM moved_fields;
