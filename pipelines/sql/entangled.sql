-- The records that have to be looked at together begin with the touched ones; `entangle` widens them until nothing is
-- added. table: touched_refs (system, source_id)
CREATE OR REPLACE TEMP TABLE entangled (system VARCHAR, source_id VARCHAR);
CREATE OR REPLACE TEMP TABLE frontier AS SELECT system, source_id FROM touched_refs;
CREATE OR REPLACE TEMP TABLE widened AS SELECT system, source_id FROM touched_refs;
