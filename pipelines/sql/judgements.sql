-- Decisions on deletions as they stand; their records are decided again. fresh_judgements: rows of meta.judgements
INSERT INTO meta.touched_core
SELECT DISTINCT entity, core_id FROM (FROM fresh_judgements EXCEPT FROM meta.judgements);
DELETE FROM meta.judgements;
INSERT INTO meta.judgements BY NAME SELECT * FROM fresh_judgements;
