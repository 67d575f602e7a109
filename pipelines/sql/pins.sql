-- People's overrides as they stand; records whose overrides came, went or changed are decided again. fresh_pins: rows of meta.pins
INSERT INTO meta.touched_core
SELECT DISTINCT entity, core_id FROM (
    (SELECT entity, core_id, field, "value", problem FROM fresh_pins EXCEPT SELECT entity, core_id, field, "value", problem FROM meta.pins)
    UNION
    (SELECT entity, core_id, field, "value", problem FROM meta.pins EXCEPT SELECT entity, core_id, field, "value", problem FROM fresh_pins)
);
DELETE FROM meta.pins;
INSERT INTO meta.pins BY NAME SELECT * FROM fresh_pins;
