-- Runs on SQLite and on PostgreSQL. Continuous queries: what they compute, up to when they have, and the windows that late
-- rows may still change. A query that is paused is never due: its next_run_micros is the largest number. revision grows with
-- every change of the definition; last_window is the id of the latest window that was committed.
CREATE TABLE continuous_queries (
  id VARCHAR(32) PRIMARY KEY,
  organisation VARCHAR(64) NOT NULL,
  name VARCHAR(128) NOT NULL,
  database_name VARCHAR(64) NOT NULL,
  statement TEXT NOT NULL,
  destination_database VARCHAR(64) NOT NULL,
  destination_measurement VARCHAR(128) NOT NULL,
  interval_micros BIGINT NOT NULL,
  lag_micros BIGINT NOT NULL,
  lateness_micros BIGINT NOT NULL,
  enabled INTEGER NOT NULL,
  creator VARCHAR(256) NOT NULL,
  sources TEXT NOT NULL,
  created_micros BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  watermark_micros BIGINT NOT NULL,
  last_window VARCHAR(64) NOT NULL,
  next_run_micros BIGINT NOT NULL,
  last_run_micros BIGINT NOT NULL,
  failures INTEGER NOT NULL,
  last_failure VARCHAR(2000) NOT NULL,
  UNIQUE (organisation, name)
);

CREATE INDEX continuous_queries_by_next_run ON continuous_queries (next_run_micros);

CREATE INDEX continuous_queries_by_id ON continuous_queries (organisation, id);

-- Windows that are in the destination and may be replaced: digest tells their rows, object_keys their files, one a line.
CREATE TABLE continuous_windows (
  query_id VARCHAR(32) NOT NULL,
  start_micros BIGINT NOT NULL,
  digest VARCHAR(128) NOT NULL,
  object_keys TEXT NOT NULL,
  PRIMARY KEY (query_id, start_micros)
);

CREATE TABLE continuous_runs (
  run_id VARCHAR(32) PRIMARY KEY,
  query_id VARCHAR(32) NOT NULL,
  began_micros BIGINT NOT NULL,
  ended_micros BIGINT NOT NULL,
  from_micros BIGINT NOT NULL,
  to_micros BIGINT NOT NULL,
  windows BIGINT NOT NULL,
  recomputed BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  failure VARCHAR(2000) NOT NULL
);

CREATE INDEX continuous_runs_by_end ON continuous_runs (query_id, ended_micros);
