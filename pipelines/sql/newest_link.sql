-- The number of the newest receipt of a target that the warehouse knows of; 0 when it knows none.
SELECT coalesce(max(receipt), 0) FROM meta.links WHERE system = ? AND entity = ?
