-- Few records: all of them are resolved one by one, which gives the same as plain.sql. singles: as singles.sql
CREATE OR REPLACE TEMP TABLE plain AS FROM singles LIMIT 0;
