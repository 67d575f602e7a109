-- What was decided now is looked at anew: its violations are those of the temporary table broke (as meta.violations).
-- Records that pointed to something that is decided now may be right again, and are decided again themselves.
-- scope: the core_ids decided now; variables: entity
INSERT INTO meta.touched_core
SELECT DISTINCT entity, core_id FROM meta.violations
WHERE refers IN (SELECT core_id FROM scope) AND entity <> getvariable('entity');

DELETE FROM meta.violations WHERE entity = getvariable('entity') AND core_id IN (SELECT core_id FROM scope);

INSERT INTO meta.violations FROM broke;
