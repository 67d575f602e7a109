-- What the raw rows of a batch say, as one text, in whatever order they came.
SELECT count(*) || ':' || coalesce(sum(hash(id, record::VARCHAR, deleted)), 0) FROM batch;
