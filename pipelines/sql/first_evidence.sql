-- As moved_evidence.sql where nobody was placed before: there is no former evidence. view node: all of it
CREATE OR REPLACE TEMP TABLE met AS FROM node;
