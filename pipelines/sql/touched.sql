-- Source records whose content moved: their identity and their core record are to be looked at.
-- arrived: newest versions to store, with `moved`; departed: staged rows that are gone; variables: system, entity
CREATE OR REPLACE TEMP TABLE newly_touched AS
SELECT source_id FROM arrived WHERE moved
UNION
SELECT source_id FROM departed WHERE source_id NOT IN (SELECT source_id FROM arrived);

INSERT INTO meta.touched
SELECT getvariable('system'), getvariable('entity'), source_id FROM newly_touched
ANTI JOIN (
    SELECT source_id FROM meta.touched WHERE system = getvariable('system') AND entity = getvariable('entity')
) AS already USING (source_id);
