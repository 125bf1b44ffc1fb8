-- Runs on SQLite and on PostgreSQL. Rows that are deleted though their files still have them, and what is left of what was dropped.

-- Deletes whose files are not all rewritten, so that a measurement without any costs queries nothing.
ALTER TABLE measurements ADD COLUMN pending_deletes BIGINT NOT NULL DEFAULT 0;

-- One row a delete, named by what it was asked for, since a history outlives what it is of. ended_micros is 0 while files are left.
CREATE TABLE deletes (
  delete_id VARCHAR(64) PRIMARY KEY,
  organisation VARCHAR(64) NOT NULL,
  database_name VARCHAR(64) NOT NULL,
  measurement VARCHAR(128) NOT NULL,
  measurement_id BIGINT NOT NULL,
  predicate TEXT NOT NULL,
  whole_times INTEGER NOT NULL,
  matching_rows BIGINT NOT NULL,
  commit_sequence BIGINT NOT NULL,
  began_micros BIGINT NOT NULL,
  ended_micros BIGINT NOT NULL
);

CREATE INDEX deletes_by_organisation ON deletes (organisation, began_micros);

CREATE INDEX deletes_by_measurement ON deletes (measurement_id, ended_micros);

CREATE INDEX deletes_by_end ON deletes (ended_micros);

-- The files a delete applies to: those that were there when it was committed, and no others. state is FileOutcome.
CREATE TABLE delete_files (
  delete_id VARCHAR(64) NOT NULL,
  object_key VARCHAR(2048) NOT NULL,
  measurement_id BIGINT NOT NULL,
  state INTEGER NOT NULL,
  rows_before BIGINT NOT NULL,
  rows_removed BIGINT NOT NULL,
  failures INTEGER NOT NULL,
  due_micros BIGINT NOT NULL,
  failure VARCHAR(2000) NOT NULL,
  PRIMARY KEY (delete_id, object_key)
);
-- postgresql: ALTER TABLE delete_files ALTER COLUMN object_key TYPE VARCHAR(2048) COLLATE "C";

CREATE INDEX delete_files_by_key ON delete_files (object_key);

CREATE INDEX delete_files_by_due ON delete_files (state, due_micros);

CREATE INDEX delete_files_by_measurement ON delete_files (measurement_id, state);

-- One row: more than any commit sequence of a measurement that was dropped, so that one of the same name goes on above it.
CREATE TABLE dropped_sequence (
  only_row INTEGER PRIMARY KEY,
  commit_sequence BIGINT NOT NULL
);

-- Flushes of measurements that were dropped: replay of a log must go on skipping their rows.
CREATE TABLE dropped_flushes (
  flush_id VARCHAR(64) PRIMARY KEY,
  organisation VARCHAR(64) NOT NULL,
  database_name VARCHAR(64) NOT NULL,
  measurement VARCHAR(128) NOT NULL,
  wal_id VARCHAR(64) NOT NULL,
  first_sequence BIGINT NOT NULL,
  last_sequence BIGINT NOT NULL,
  committed_micros BIGINT NOT NULL
);

CREATE INDEX dropped_flushes_by_wal ON dropped_flushes (wal_id, last_sequence);
