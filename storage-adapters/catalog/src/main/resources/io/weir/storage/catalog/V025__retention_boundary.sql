-- Runs on SQLite and on PostgreSQL. What becomes of files of which some rows are too old (Boundary), what runs did to them, and
-- which deletes are of a policy: empty where somebody asked for it. Searches of deletes say of which kind.
ALTER TABLE retention_policies ADD COLUMN boundary INTEGER NOT NULL DEFAULT 0;

ALTER TABLE retention_runs ADD COLUMN boundary_files BIGINT NOT NULL DEFAULT 0;

ALTER TABLE retention_runs ADD COLUMN boundary_rows BIGINT NOT NULL DEFAULT 0;

ALTER TABLE deletes ADD COLUMN policy_id VARCHAR(32) NOT NULL DEFAULT '';

DROP INDEX deletes_by_organisation;

CREATE INDEX deletes_by_policy ON deletes (policy_id, organisation, began_micros);

DROP INDEX deletes_by_end;

CREATE INDEX deletes_by_end ON deletes (policy_id, ended_micros);
