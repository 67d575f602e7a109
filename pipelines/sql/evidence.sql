-- Every entangled record with its evidence. own is only a core_id that exists here: a marker from elsewhere says nothing.
SELECT n.system, n.source_id, n.keys, n.peers, coalesce(n.dead, false) AS dead, n.merged_into, c.core_id AS known,
       m.system IS NOT NULL AS moved,
       coalesce(f.core_id, linked.core_id, a.core_id, marked.core_id) AS own
FROM met AS n
JOIN entangled USING (system, source_id)
LEFT JOIN linked AS c USING (system, source_id)
LEFT JOIN (
    SELECT system, target_id, arg_max(core_id, receipt) AS core_id
    FROM meta.links WHERE entity = getvariable('entity') GROUP BY ALL
) AS linked ON linked.system = n.system AND linked.target_id = n.source_id
LEFT JOIN meta.aliases AS f ON f.entity = getvariable('entity') AND f.alias = linked.core_id
LEFT JOIN meta.aliases AS a ON a.entity = getvariable('entity') AND a.alias = n.core_ref
LEFT JOIN (
    SELECT DISTINCT core_id FROM crosswalk WHERE core_id IN (SELECT core_ref FROM met WHERE core_ref IS NOT NULL)
) AS marked ON marked.core_id = n.core_ref
LEFT JOIN meta.moved_evidence AS m ON m.entity = getvariable('entity') AND m.system = n.system AND m.source_id = n.source_id
ORDER BY n.system, n.source_id;
