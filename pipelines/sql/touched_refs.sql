-- The records to look at, their evidence as it was, and where they stand so far.
-- views: node (evidence so far), crosswalk; variable: entity
CREATE OR REPLACE TEMP TABLE touched_refs AS
SELECT DISTINCT system, source_id FROM meta.touched WHERE entity = getvariable('entity');

-- found by the number of the row: by system and id, all keys of a million records would be read for a few
CREATE OR REPLACE TEMP TABLE former AS
SELECT * FROM node WHERE place IN (SELECT place FROM node SEMI JOIN touched_refs USING (system, source_id));

-- linked: the rows of the crosswalk of all that is looked at and of what stands for the same things, read once
CREATE OR REPLACE TEMP TABLE linked AS
SELECT c.core_id, c.system, c.source_id, c.method FROM crosswalk AS c SEMI JOIN touched_refs USING (system, source_id);
