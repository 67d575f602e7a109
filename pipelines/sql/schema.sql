-- Tables that do not depend on the model. Each statement may run again.
CREATE SCHEMA IF NOT EXISTS staged;
CREATE SCHEMA IF NOT EXISTS xref;
CREATE SCHEMA IF NOT EXISTS core;
CREATE SCHEMA IF NOT EXISTS meta;
CREATE SCHEMA IF NOT EXISTS quarantine;

-- zones: the IANA zone names that a row may use
CREATE TABLE IF NOT EXISTS meta.zones (name VARCHAR);

-- loads: raw loads that are staged; staging: what became of their rows (read = staged + quarantined)
CREATE TABLE IF NOT EXISTS meta.loads (system VARCHAR, load_id VARCHAR, staged_at TIMESTAMP);
CREATE TABLE IF NOT EXISTS meta.staging (
    system VARCHAR, resource VARCHAR, load_id VARCHAR, run VARCHAR,
    read BIGINT, staged BIGINT, quarantined BIGINT, deleted BIGINT, staged_at TIMESTAMP
);

-- reread: of each resource the last whole read of which nothing was set aside, and a hash of its rows
CREATE TABLE IF NOT EXISTS meta.reread (system VARCHAR, resource VARCHAR, load_id VARCHAR, fingerprint VARCHAR);

-- shapes: what the records of a resource have at a path: the JSON types of its first values, and in how many of the records
-- since it was first there (the path '' is the record itself); drift: what was told of a change of that, the value or
-- types it is about, and how what reads it pauses meanwhile (all of it, or only what is unreadable); until is empty while it stands
CREATE TABLE IF NOT EXISTS meta.shapes (
    system VARCHAR, resource VARCHAR, path VARCHAR, types VARCHAR, records BIGINT, had BIGINT
);
CREATE TABLE IF NOT EXISTS meta.drift (
    system VARCHAR, resource VARCHAR, path VARCHAR, kind VARCHAR, what VARCHAR, hold VARCHAR, since TIMESTAMP, until TIMESTAMP
);

-- compiled: the SQL that a table was last built with; a change rebuilds it
CREATE TABLE IF NOT EXISTS meta.compiled (name VARCHAR, hash VARCHAR);

-- compared: handoffs with the entities of which they hear, the SQL with which they were compared last, and the window then;
-- unequal: what was to be written then; stirred: records that moved since
CREATE TABLE IF NOT EXISTS meta.compared (handoff VARCHAR, hears VARCHAR[], hash VARCHAR, starts TIMESTAMP, ends TIMESTAMP);
CREATE TABLE IF NOT EXISTS meta.unequal (handoff VARCHAR, core_id VARCHAR);
CREATE TABLE IF NOT EXISTS meta.stirred (handoff VARCHAR, entity VARCHAR, core_id VARCHAR);
-- a handoff that nobody compares any more does not gather for ever
DELETE FROM meta.compared WHERE handoff IN (SELECT handoff FROM meta.stirred GROUP BY handoff HAVING count(*) > 50000);
DELETE FROM meta.stirred WHERE handoff NOT IN (SELECT handoff FROM meta.compared);
DROP TABLE IF EXISTS meta.resting;

-- statements: compiled SQL by name, under the fingerprint of what it was compiled from
CREATE TABLE IF NOT EXISTS meta.statements (fingerprint VARCHAR, name VARCHAR, text VARCHAR);

-- violations: records that broke a check which warns when they were last looked at; refers: what they point to that is
-- not there
CREATE TABLE IF NOT EXISTS meta.violations (entity VARCHAR, core_id VARCHAR, check_name VARCHAR, refers VARCHAR);

-- touched: source records whose content moved and whose identity is not looked at yet;
-- touched_core: core records that are to be decided again
CREATE TABLE IF NOT EXISTS meta.touched (system VARCHAR, entity VARCHAR, source_id VARCHAR);
CREATE TABLE IF NOT EXISTS meta.touched_core (entity VARCHAR, core_id VARCHAR);

-- links: the newest receipt of each target record, derived from the ledger, without a core_id where another record took
-- that; its action says whether the record is there because we made it (create), whether we only wrote to it (update), or
-- whether we removed it (delete); earlier: when fields were last written that this receipt did not write; pins: people's overrides
CREATE TABLE IF NOT EXISTS meta.links (
    system VARCHAR, entity VARCHAR, core_id VARCHAR, target_id VARCHAR, action VARCHAR, version VARCHAR,
    pushed JSON, observed JSON, change_id VARCHAR, "at" TIMESTAMP,
    receipt BIGINT, earlier JSON
);
ALTER TABLE meta.links ADD COLUMN IF NOT EXISTS earlier JSON;
-- (problem: why an override is set aside; until_source: it ends when the owner changes its value after "at")
CREATE TABLE IF NOT EXISTS meta.pins (
    entity VARCHAR, core_id VARCHAR, field VARCHAR, "value" VARCHAR, who VARCHAR, why VARCHAR, "at" TIMESTAMP,
    until TIMESTAMP, until_source BOOLEAN, problem VARCHAR
);

-- judgements: people's decisions on deletions (keep or delete), the newest of each record and system
CREATE TABLE IF NOT EXISTS meta.judgements (
    entity VARCHAR, core_id VARCHAR, system VARCHAR, choice VARCHAR, "at" TIMESTAMP, who VARCHAR, why VARCHAR
);

-- aliases: core_ids that were merged away
CREATE TABLE IF NOT EXISTS meta.aliases (entity VARCHAR, alias VARCHAR, core_id VARCHAR, "at" TIMESTAMP);

-- verdicts: what people decided of pairs, the newest word on each, derived from the ledger;
-- moved_evidence: records whose evidence changed since they were linked, so that the link is evidence of its own
CREATE TABLE IF NOT EXISTS meta.verdicts (
    entity VARCHAR, left_system VARCHAR, left_id VARCHAR, right_system VARCHAR, right_id VARCHAR, same BOOLEAN
);
CREATE TABLE IF NOT EXISTS meta.moved_evidence (entity VARCHAR, system VARCHAR, source_id VARCHAR);

CREATE TABLE IF NOT EXISTS quarantine.records (
    system VARCHAR, entity VARCHAR, resource VARCHAR, raw_id VARCHAR, source_id VARCHAR, reason VARCHAR,
    record JSON, raw_load VARCHAR, read_at TIMESTAMP
);

-- changes: events, one canonical field change each; backfill ones never trigger anything
CREATE TABLE IF NOT EXISTS core.changes (
    entity VARCHAR, core_id VARCHAR, field VARCHAR, old VARCHAR, "new" VARCHAR, source VARCHAR,
    source_at TIMESTAMP, run VARCHAR, "at" TIMESTAMP, backfill BOOLEAN
);
-- conflicts: a system says something else than core, about a field, or (field deleted_at) about being there at all.
-- state: open (the rule decides, the loser is kept), accepted (the loser's word is taken over), waiting (for a person),
-- reverted (the loser was put right), settled (they agree); settled_at is empty while it stands.
-- The id is made of what it is about, so that the same disagreement has the same id whenever it comes back.
CREATE TABLE IF NOT EXISTS core.conflicts (
    id VARCHAR, entity VARCHAR, core_id VARCHAR, field VARCHAR, winner VARCHAR, winner_value VARCHAR, winner_at TIMESTAMP,
    loser VARCHAR, loser_value VARCHAR, loser_at TIMESTAMP, rule VARCHAR,
    state VARCHAR, first_seen TIMESTAMP, last_seen TIMESTAMP, settled_at TIMESTAMP, decided_by VARCHAR, decided_why VARCHAR
);
-- conflict_history: every change of a conflict's state, with the run and, where a person decided, who
CREATE TABLE IF NOT EXISTS core.conflict_history (id VARCHAR, state VARCHAR, run VARCHAR, "at" TIMESTAMP, who VARCHAR);

-- double_bookings: coming assignments that meet something else in the technician's time: another assignment, the way
-- between two places (kind travel), busy time (kind of the entry), or the end of the shift (kind outside_shift, no second);
-- system: where the busy time was read; allowed: a person agreed
CREATE TABLE IF NOT EXISTS core.double_bookings (
    technician VARCHAR, technician_name VARCHAR, kind VARCHAR, minutes BIGINT,
    first_kind VARCHAR, "first" VARCHAR, first_title VARCHAR, first_starts TIMESTAMP, first_ends TIMESTAMP,
    second_kind VARCHAR, "second" VARCHAR, second_title VARCHAR, second_starts TIMESTAMP, second_ends TIMESTAMP,
    allowed BOOLEAN, system VARCHAR, since TIMESTAMP
);
