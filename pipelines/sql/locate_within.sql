-- The same where the id is the last part of a longer one (a record inside a calendar or folder): nothing shortens this
-- search, so that it is made when the whole id is not known. variables: wanted_kind, wanted_id
SELECT DISTINCT entity, core_id FROM meta.known
WHERE (entity = getvariable('wanted_kind') OR system = getvariable('wanted_kind'))
  AND ends_with(source_id, '/' || getvariable('wanted_id'))
ORDER BY entity, core_id;
