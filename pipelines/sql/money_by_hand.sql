-- Amounts that count and that a person set above all systems. tables: kept (money.sql)
SELECT entity, core_id, amount FROM kept WHERE said_by = 'pin' AND standing = 'counted' ORDER BY entity, core_id;
