-- Runs on SQLite and on PostgreSQL. Which log the rows of a write with an idempotency key are in, or on their way to, where
-- several logs share a catalog. A claim outlives its key by some minutes and is then anybody's.
CREATE TABLE key_claims (
  organisation VARCHAR(64) NOT NULL,
  database_name VARCHAR(64) NOT NULL,
  idempotency_key VARCHAR(255) NOT NULL,
  wal_id VARCHAR(64) NOT NULL,
  expires_micros BIGINT NOT NULL,
  PRIMARY KEY (organisation, database_name, idempotency_key)
);

CREATE INDEX key_claims_by_wal ON key_claims (wal_id);

CREATE INDEX key_claims_by_expiry ON key_claims (expires_micros);
