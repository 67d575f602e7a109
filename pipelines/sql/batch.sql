-- The raw rows of one resource in the loads that are not staged yet, in the order in which they were read.
-- variables: files (Parquet files of the resource), full_loads (ids of the loads that are whole reads), now
CREATE OR REPLACE TEMP TABLE batch AS
SELECT id, record::JSON AS record, coalesce(deleted, false) AS deleted, read_at::TIMESTAMP AS read_at,
       _dlt_load_id AS load_id, row_number() OVER () AS seq
-- rows of one load stand in order nearly always: sorting them is cheap where a window with an order is not
FROM (FROM read_parquet(getvariable('files'), union_by_name = true) ORDER BY _dlt_load_id, seq);

-- the last word on each record of the batch: the system's own, or that of a whole read which lacks what was there before.
-- shown: its newest row that is a record; gone_in: the load that says that it is gone
CREATE OR REPLACE TEMP TABLE last_word AS
WITH said AS (
    SELECT id, max(seq) AS seq, max(seq) FILTER (NOT deleted) AS shown, arg_max(deleted, seq) AS told,
           arg_max(read_at, seq) AS read_at, arg_max(load_id, seq) AS load_id,
           -- a record that was merged away leads on to its survivor, also where the system reports it as deleted besides
           arg_max(CASE WHEN deleted THEN record ->> '$.merged_into' END, seq) AS merged_into
    FROM batch GROUP BY id
), judged AS (
    SELECT *, CASE WHEN told THEN load_id ELSE list_min(list_filter(getvariable('full_loads'), lambda f: f > load_id)) END AS gone_in
    FROM said
)
SELECT id, seq, shown, gone_in IS NOT NULL AS deleted, gone_in, merged_into,
       CASE WHEN told OR gone_in IS NULL THEN read_at
            ELSE coalesce((SELECT min(b.read_at) FROM batch AS b WHERE b.load_id >= gone_in), getvariable('now')::TIMESTAMP)
       END AS read_at
FROM judged;

CREATE OR REPLACE TEMP TABLE broken_rows (seq BIGINT);
