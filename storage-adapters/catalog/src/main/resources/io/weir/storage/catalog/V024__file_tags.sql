-- Runs on SQLite and on PostgreSQL. What is known of the tags of a file (FileTags, JSON of some 2 KB at most), in a table of its
-- own, so that searches that do not ask for tags read nothing of it. Files without a row here are never left out by tags.
CREATE TABLE file_tags (
-- sqlite: object_key VARCHAR(2048) PRIMARY KEY REFERENCES files (object_key) ON DELETE CASCADE,
-- postgresql: object_key VARCHAR(2048) COLLATE "C" PRIMARY KEY REFERENCES files (object_key) ON DELETE CASCADE,
  tags TEXT NOT NULL
);
