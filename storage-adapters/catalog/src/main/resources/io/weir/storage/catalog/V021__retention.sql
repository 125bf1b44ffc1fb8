-- Runs on SQLite and on PostgreSQL. How long rows are kept: policies, and what they dropped. A policy that is paused is
-- never due: its next_run_micros is the largest number. revision grows with every change of the policy.
CREATE TABLE retention_policies (
  id VARCHAR(32) PRIMARY KEY,
  organisation VARCHAR(64) NOT NULL,
  name VARCHAR(128) NOT NULL,
  databases VARCHAR(128) NOT NULL,
  measurements VARCHAR(256) NOT NULL,
  keep_micros BIGINT NOT NULL,
  interval_micros BIGINT NOT NULL,
  enabled INTEGER NOT NULL,
  created_micros BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  next_run_micros BIGINT NOT NULL,
  last_run_micros BIGINT NOT NULL,
  failures INTEGER NOT NULL,
  last_failure VARCHAR(2000) NOT NULL,
  UNIQUE (organisation, name)
);

CREATE INDEX retention_policies_by_next_run ON retention_policies (next_run_micros);

CREATE INDEX retention_policies_by_id ON retention_policies (organisation, id);

CREATE TABLE retention_runs (
  run_id VARCHAR(32) PRIMARY KEY,
  policy_id VARCHAR(32) NOT NULL,
  began_micros BIGINT NOT NULL,
  ended_micros BIGINT NOT NULL,
  cutoff_micros BIGINT NOT NULL,
  files BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  size_bytes BIGINT NOT NULL,
  failure VARCHAR(2000) NOT NULL
);

CREATE INDEX retention_runs_by_end ON retention_runs (policy_id, ended_micros);
