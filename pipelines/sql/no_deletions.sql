-- Nothing of the scope is gone anywhere: no conflict is about a deletion. found_conflicts: as for found.sql
CREATE OR REPLACE TEMP TABLE found_deletions AS
SELECT * EXCLUDE (accepted), 'open' AS state, NULL::VARCHAR AS decided_by, NULL::VARCHAR AS decided_why
FROM found_conflicts LIMIT 0;
