-- The core record behind an entity or system name and an id. variables: wanted_kind, wanted_id
SELECT entity, core_id FROM (
    SELECT entity, core_id FROM meta.known
    WHERE (entity = getvariable('wanted_kind') OR system = getvariable('wanted_kind'))
      AND source_id = getvariable('wanted_id')
    UNION
    SELECT entity, core_id FROM meta.known
    WHERE entity = getvariable('wanted_kind') AND core_id = getvariable('wanted_id')
    UNION
    SELECT entity, core_id FROM meta.aliases
    WHERE entity = getvariable('wanted_kind') AND alias = getvariable('wanted_id')
)
ORDER BY entity, core_id;
