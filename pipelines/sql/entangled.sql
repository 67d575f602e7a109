-- The records that have to be looked at together begin with the touched ones; `entangle` widens them until nothing is
-- added. table: touched_refs (system, source_id); views: node, pair; variables: entity, least (bits)
CREATE OR REPLACE TEMP TABLE entangled (system VARCHAR, source_id VARCHAR);
CREATE OR REPLACE TEMP TABLE frontier AS SELECT system, source_id FROM touched_refs;
CREATE OR REPLACE TEMP TABLE widened AS SELECT system, source_id FROM touched_refs;
CREATE OR REPLACE TEMP TABLE asked (key VARCHAR);
CREATE OR REPLACE TEMP TABLE gathered (core_id VARCHAR);

-- references between systems, merges, likeness and decisions lead both ways
CREATE OR REPLACE TEMP TABLE ties AS
SELECT n.system AS left_system, n.source_id AS left_id, n.peer.key AS right_system, n.peer.value AS right_id
FROM (SELECT system, source_id, unnest(map_entries(peers)) AS peer FROM node WHERE peers IS NOT NULL) AS n
UNION ALL
SELECT system, source_id, system, merged_into FROM node WHERE merged_into IS NOT NULL
UNION ALL
SELECT left_system, left_id, right_system, right_id FROM pair WHERE weight >= getvariable('least')
UNION ALL
SELECT left_system, left_id, right_system, right_id FROM meta.verdicts WHERE entity = getvariable('entity');
