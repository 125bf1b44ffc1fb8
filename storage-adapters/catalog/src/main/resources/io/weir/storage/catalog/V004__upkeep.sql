-- Runs on SQLite and on PostgreSQL. What keeps the object store in step with the catalog.

-- One row: the name of this catalog, which its object store carries too, and how many removals there were.
CREATE TABLE catalog_identity (
  only_row INTEGER PRIMARY KEY,
  identity VARCHAR(64) NOT NULL,
  removal_sequence BIGINT NOT NULL
);

-- Files that no new snapshot names; gone_micros tells when the store confirmed that the object is gone.
CREATE TABLE removed_files (
  object_key VARCHAR(2048) PRIMARY KEY,
  removal_sequence BIGINT NOT NULL,
  removed_micros BIGINT NOT NULL,
  gone_micros BIGINT
);

CREATE INDEX removed_files_by_sequence ON removed_files (removal_sequence, object_key);

-- Processes that run queries: none of their queries, running or to come, began before removal oldest_sequence.
CREATE TABLE readers (
  reader_id VARCHAR(64) PRIMARY KEY,
  oldest_sequence BIGINT NOT NULL,
  expires_micros BIGINT NOT NULL
);
