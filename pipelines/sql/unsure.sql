-- Core records that may be one with a record that the target has: making them there might make them twice.
-- variables: entity, system (the target)
SELECT core_id, arg_max(other, probability) AS other, max(probability) AS probability FROM (
    SELECT left_core AS core_id, right_id AS other, probability FROM xref.candidates
    WHERE entity = getvariable('entity') AND right_system = getvariable('system')
    UNION ALL
    SELECT right_core, left_id, probability FROM xref.candidates
    WHERE entity = getvariable('entity') AND left_system = getvariable('system')
)
GROUP BY core_id;
