-- A full read that returned no row: an empty batch, so that what is staged can be seen to be gone.
CREATE OR REPLACE TEMP TABLE batch (
    id VARCHAR, record JSON, deleted BOOLEAN, read_at TIMESTAMP, load_id VARCHAR, seq BIGINT
);
CREATE OR REPLACE TEMP TABLE last_word (
    id VARCHAR, seq BIGINT, shown BIGINT, deleted BOOLEAN, gone_in VARCHAR, merged_into VARCHAR, read_at TIMESTAMP
);
CREATE OR REPLACE TEMP TABLE broken_rows (seq BIGINT);
