-- Newer links take the place of the old ones of the same core record. fresh_links: rows of meta.links
DELETE FROM meta.links WHERE (system, entity, core_id) IN (SELECT (system, entity, core_id) FROM fresh_links);
INSERT INTO meta.links SELECT * FROM fresh_links;
