-- People's overrides as they stand; records whose overrides came, went or changed are decided again. fresh_pins: rows of meta.pins
UPDATE fresh_pins AS p SET core_id = a.core_id FROM meta.aliases AS a WHERE a.entity = p.entity AND a.alias = p.core_id;

INSERT INTO meta.touched_core
SELECT DISTINCT entity, core_id FROM (
    (SELECT entity, core_id, field, "value", problem FROM fresh_pins EXCEPT SELECT entity, core_id, field, "value", problem FROM meta.pins)
    UNION
    (SELECT entity, core_id, field, "value", problem FROM meta.pins EXCEPT SELECT entity, core_id, field, "value", problem FROM fresh_pins)
);
DELETE FROM meta.pins;
INSERT INTO meta.pins BY NAME SELECT * FROM fresh_pins;
