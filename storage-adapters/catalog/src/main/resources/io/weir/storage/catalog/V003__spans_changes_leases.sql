-- Runs on SQLite and on PostgreSQL. A file's class of length in time (FileSpan), so that an index bounds the beginnings of
-- the files that reach into a range on both sides; changes that replaced or removed files; leases.
ALTER TABLE files ADD COLUMN span_class INTEGER NOT NULL DEFAULT 0;

UPDATE files SET span_class = CASE
  WHEN max_micros - min_micros <= 3600000000 THEN 0
  WHEN max_micros - min_micros <= 86400000000 THEN 1
  WHEN max_micros - min_micros <= 2764800000000 THEN 2
  ELSE 3 END
WHERE max_micros - min_micros > 3600000000;

DROP INDEX files_by_time;

CREATE INDEX files_by_span ON files (measurement_id, span_class, min_micros, max_micros);

CREATE TABLE file_changes (
  change_id VARCHAR(64) PRIMARY KEY,
  measurement_id BIGINT NOT NULL REFERENCES measurements (id),
  commit_sequence BIGINT NOT NULL,
  committed_micros BIGINT NOT NULL
);

CREATE INDEX file_changes_by_time ON file_changes (committed_micros);

CREATE TABLE leases (
  name VARCHAR(255) PRIMARY KEY,
  holder VARCHAR(255) NOT NULL,
  token BIGINT NOT NULL,
  expires_micros BIGINT NOT NULL
);
