-- Runs on SQLite and on PostgreSQL. What is to be compacted, what was, and files that cannot be.

-- Partitions whose files changed since they were last looked at: an hour (tier 0) or a day (tier 1) of a measurement.
-- changes counts the files that came; quiet_micros is when the last one did, or from when on another look is worth while.
CREATE TABLE compaction_queue (
  measurement_id BIGINT NOT NULL REFERENCES measurements (id),
  tier INTEGER NOT NULL,
  start_micros BIGINT NOT NULL,
  changes BIGINT NOT NULL,
  quiet_micros BIGINT NOT NULL,
  failures INTEGER NOT NULL,
  PRIMARY KEY (measurement_id, tier, start_micros)
);

CREATE INDEX compaction_queue_by_quiet ON compaction_queue (quiet_micros);

CREATE INDEX compaction_queue_by_changes ON compaction_queue (changes);

INSERT INTO compaction_queue (measurement_id, tier, start_micros, changes, quiet_micros, failures)
  SELECT measurement_id, 0, min_micros - (min_micros % 3600000000 + 3600000000) % 3600000000, COUNT(*), 0, 0
  FROM files GROUP BY 1, 3;

CREATE TABLE compaction_runs (
  run_id VARCHAR(64) PRIMARY KEY,
  measurement_id BIGINT NOT NULL REFERENCES measurements (id),
  tier INTEGER NOT NULL,
  start_micros BIGINT NOT NULL,
  began_micros BIGINT NOT NULL,
  ended_micros BIGINT NOT NULL,
  input_files BIGINT NOT NULL,
  input_rows BIGINT NOT NULL,
  input_bytes BIGINT NOT NULL,
  output_rows BIGINT NOT NULL,
  output_bytes BIGINT NOT NULL,
  failure VARCHAR(2000) NOT NULL
);

CREATE INDEX compaction_runs_by_end ON compaction_runs (ended_micros);

CREATE TABLE quarantined_files (
  object_key VARCHAR(2048) PRIMARY KEY,
  measurement_id BIGINT NOT NULL REFERENCES measurements (id),
  since_micros BIGINT NOT NULL,
  until_micros BIGINT NOT NULL,
  reason VARCHAR(2000) NOT NULL
);

CREATE INDEX quarantined_files_by_measurement ON quarantined_files (measurement_id);
