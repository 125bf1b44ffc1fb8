-- Runs on SQLite and on PostgreSQL. Keys of writes whose rows are in files: what keeps a repeated write from being
-- stored twice once its append has left the write-ahead log.
CREATE TABLE idempotency_keys (
  organisation VARCHAR(64) NOT NULL,
  database_name VARCHAR(64) NOT NULL,
  idempotency_key VARCHAR(255) NOT NULL,
  written_millis BIGINT NOT NULL,
  expires_millis BIGINT NOT NULL,
  body_bytes BIGINT NOT NULL,
  fingerprint BIGINT NOT NULL,
  wal_id VARCHAR(64) NOT NULL,
  sequence BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  PRIMARY KEY (organisation, database_name, idempotency_key)
);

CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_millis);
