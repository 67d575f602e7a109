-- People's verdicts as they stand; the records of those that came or changed are looked at again.
-- fresh_verdicts: rows of meta.verdicts
CREATE OR REPLACE TEMP TABLE changed_verdicts AS
(FROM fresh_verdicts EXCEPT FROM meta.verdicts) UNION ALL (FROM meta.verdicts EXCEPT FROM fresh_verdicts);

INSERT INTO meta.touched
(
    SELECT left_system, entity, left_id FROM changed_verdicts
    UNION
    SELECT right_system, entity, right_id FROM changed_verdicts
)
EXCEPT
SELECT system, entity, source_id FROM meta.touched;

DELETE FROM meta.verdicts;
INSERT INTO meta.verdicts SELECT * FROM fresh_verdicts;
