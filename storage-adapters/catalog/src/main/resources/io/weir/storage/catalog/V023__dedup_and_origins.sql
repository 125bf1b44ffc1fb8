-- Runs on SQLite and on PostgreSQL. What becomes of rows of one series and time when files are merged: 0 as servers are set,
-- 1 all stay, 2 the last value of each field stays. And the catalogs whose files were restored into this one, itself not
-- included: what keeps rows that are here already, in other files, from being restored beside themselves.
ALTER TABLE measurements ADD COLUMN dedup INTEGER NOT NULL DEFAULT 0;

CREATE TABLE restored_origins (
  identity VARCHAR(64) PRIMARY KEY
);

-- Keys of the copy that is being restored: filled and emptied by one transaction, so that nobody else ever sees a row.
CREATE TABLE restoring_files (
  object_key VARCHAR(2048) PRIMARY KEY
);
