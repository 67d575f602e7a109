-- The core record behind an entity or system name and an id. variables: wanted_kind, wanted_id
SELECT entity, core_id, exact FROM (
    SELECT entity, core_id, source_id = getvariable('wanted_id') AS exact
    FROM meta.known
    WHERE (entity = getvariable('wanted_kind') OR system = getvariable('wanted_kind'))
      AND (source_id = getvariable('wanted_id') OR ends_with(source_id, '/' || getvariable('wanted_id')))
    UNION
    SELECT entity, core_id, true FROM meta.known
    WHERE entity = getvariable('wanted_kind') AND core_id = getvariable('wanted_id')
    UNION
    SELECT entity, core_id, true FROM meta.aliases
    WHERE entity = getvariable('wanted_kind') AND alias = getvariable('wanted_id')
)
ORDER BY exact DESC, entity, core_id;
