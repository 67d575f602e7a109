-- The raw rows of one resource in the loads that are not staged yet, in the order in which they were read.
-- variables: files (Parquet files of the resource), loads (their load ids)
CREATE OR REPLACE TEMP TABLE batch AS
SELECT id, record::JSON AS record, coalesce(deleted, false) AS deleted, read_at::TIMESTAMP AS read_at,
       _dlt_load_id AS load_id, row_number() OVER (ORDER BY _dlt_load_id, seq) AS seq
FROM read_parquet(getvariable('files'), union_by_name = true);

-- the last word on each record of the batch
CREATE OR REPLACE TEMP TABLE last_word AS
SELECT id, max(seq) AS seq, arg_max(deleted, seq) AS deleted, arg_max(read_at, seq) AS read_at,
       -- a record that was merged away leads on to its survivor, also where the system reports it as deleted besides
       arg_max(CASE WHEN deleted THEN record ->> '$.merged_into' END, seq) AS merged_into
FROM batch GROUP BY id;

CREATE OR REPLACE TEMP TABLE broken_rows (seq BIGINT);
