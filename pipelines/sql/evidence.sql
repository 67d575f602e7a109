-- Every entangled record with its evidence. own is only a core_id that exists here: a marker from elsewhere says nothing.
SELECT n.system, n.source_id, n.keys, n.peers, c.core_id AS known,
       coalesce(linked.core_id, a.core_id, marked.core_id) AS own
FROM node AS n
JOIN entangled USING (system, source_id)
LEFT JOIN crosswalk AS c USING (system, source_id)
LEFT JOIN (
    SELECT system, target_id, any_value(core_id) AS core_id FROM meta.links WHERE entity = getvariable('entity') GROUP BY ALL
) AS linked ON linked.system = n.system AND linked.target_id = n.source_id
LEFT JOIN meta.aliases AS a ON a.entity = getvariable('entity') AND a.alias = n.core_ref
LEFT JOIN (SELECT DISTINCT core_id FROM crosswalk) AS marked ON marked.core_id = n.core_ref
ORDER BY n.system, n.source_id;
