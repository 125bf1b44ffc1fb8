-- Runs on SQLite and on PostgreSQL.
CREATE TABLE databases (
  id BIGINT PRIMARY KEY,
  organisation VARCHAR(64) NOT NULL,
  name VARCHAR(64) NOT NULL,
  created_micros BIGINT NOT NULL,
  UNIQUE (organisation, name)
);

CREATE TABLE measurements (
  id BIGINT PRIMARY KEY,
  database_id BIGINT NOT NULL REFERENCES databases (id),
  name VARCHAR(128) NOT NULL,
  has_nanos INTEGER NOT NULL DEFAULT 0,
  commit_sequence BIGINT NOT NULL DEFAULT 0,
  UNIQUE (database_id, name)
);

CREATE TABLE measurement_columns (
  measurement_id BIGINT NOT NULL REFERENCES measurements (id),
  position INTEGER NOT NULL,
  name VARCHAR(128) NOT NULL,
  type_code INTEGER NOT NULL,
  PRIMARY KEY (measurement_id, position),
  UNIQUE (measurement_id, name)
);

CREATE TABLE flushes (
  flush_id VARCHAR(64) PRIMARY KEY,
  measurement_id BIGINT NOT NULL REFERENCES measurements (id),
  wal_id VARCHAR(64) NOT NULL,
  first_sequence BIGINT NOT NULL,
  last_sequence BIGINT NOT NULL,
  commit_sequence BIGINT NOT NULL,
  committed_micros BIGINT NOT NULL
);

CREATE INDEX flushes_by_wal ON flushes (wal_id, last_sequence);

CREATE TABLE files (
  object_key VARCHAR(2048) PRIMARY KEY,
  measurement_id BIGINT NOT NULL REFERENCES measurements (id),
  flush_id VARCHAR(64) NOT NULL,
  min_micros BIGINT NOT NULL,
  max_micros BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  size_bytes BIGINT NOT NULL
);

CREATE INDEX files_by_time ON files (measurement_id, max_micros, min_micros);
