-- The records to look at, and their evidence as it was. view node: evidence so far; variable: entity
CREATE OR REPLACE TEMP TABLE touched_refs AS
SELECT DISTINCT system, source_id FROM meta.touched WHERE entity = getvariable('entity');

CREATE OR REPLACE TEMP TABLE former AS
SELECT n.system, n.source_id, n.keys, n.peers, n.merged_into FROM node AS n JOIN touched_refs USING (system, source_id);
