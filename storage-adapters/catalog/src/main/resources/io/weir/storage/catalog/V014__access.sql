-- Runs on SQLite and on PostgreSQL. Who may do what: organisations and how much they may use, tokens, and what was done with
-- both. In times, 0 is never; in limits, 0 is any amount.
CREATE TABLE organisations (
  name VARCHAR(64) PRIMARY KEY,
  created_micros BIGINT NOT NULL,
  bytes_per_minute BIGINT NOT NULL,
  rows_per_minute BIGINT NOT NULL,
  concurrent_queries INTEGER NOT NULL,
  sockets INTEGER NOT NULL,
  cache_entries INTEGER NOT NULL
);

INSERT INTO organisations VALUES ('default', 0, 0, 0, 0, 0, 0);

CREATE TABLE tokens (
  id VARCHAR(32) PRIMARY KEY,
  organisation VARCHAR(64) NOT NULL REFERENCES organisations (name),
  name VARCHAR(128) NOT NULL,
  grants VARCHAR(8192) NOT NULL,
  is_operator INTEGER NOT NULL,
  secret_hash VARCHAR(128) NOT NULL,
  previous_hash VARCHAR(128) NOT NULL,
  previous_until_micros BIGINT NOT NULL,
  created_micros BIGINT NOT NULL,
  expires_micros BIGINT NOT NULL,
  revoked_micros BIGINT NOT NULL
);

CREATE INDEX tokens_by_organisation ON tokens (organisation, id);

-- One row: how often the tables above were changed, and the key that tells tokens of this catalog from made-up ones.
CREATE TABLE access_state (
  only_row INTEGER PRIMARY KEY,
  revision BIGINT NOT NULL,
  seal_key VARCHAR(128) NOT NULL,
  bootstrapped INTEGER NOT NULL
);

CREATE TABLE audit_log (
  id BIGINT PRIMARY KEY,
  at_micros BIGINT NOT NULL,
  organisation VARCHAR(64) NOT NULL,
  actor VARCHAR(256) NOT NULL,
  act VARCHAR(64) NOT NULL,
  subject VARCHAR(256) NOT NULL,
  detail VARCHAR(1024) NOT NULL
);

CREATE INDEX audit_log_by_organisation ON audit_log (organisation, id);
