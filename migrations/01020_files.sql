-- owner: files
-- What people upload (附件). A blob is content under its own hash (id); it may be
-- removed once nothing refers to it and it was not touched for a day. Usage
-- counts bytes per owner, per person for what is pending, and for the site; its
-- rows are what limits are checked under.
-- +goose Up
CREATE TABLE files_blob (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    size       BIGINT NOT NULL,
    touched_at BIGINT NOT NULL
);
CREATE INDEX files_blob_touched ON files_blob (touched_at);

CREATE TABLE files_pending (
    id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    person TEXT COLLATE "C" NOT NULL,
    sha    TEXT COLLATE "C" NOT NULL REFERENCES files_blob (id),
    size   BIGINT NOT NULL,
    type   TEXT NOT NULL,
    name   TEXT NOT NULL,
    ready  BIGINT NOT NULL,
    at     BIGINT NOT NULL
);
CREATE INDEX files_pending_person ON files_pending (person);
CREATE INDEX files_pending_sha ON files_pending (sha);
CREATE INDEX files_pending_at ON files_pending (at);

CREATE TABLE files_file (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sha           TEXT COLLATE "C" NOT NULL,
    size          BIGINT NOT NULL,
    type          TEXT NOT NULL,
    name          TEXT NOT NULL,
    owner_kind    TEXT COLLATE "C" NOT NULL,
    owner_id      TEXT COLLATE "C" NOT NULL,
    record_kind   TEXT COLLATE "C" NOT NULL,
    record_id     TEXT COLLATE "C" NOT NULL,
    uploaded_by   TEXT COLLATE "C" NOT NULL,
    uploaded_name TEXT NOT NULL,
    uploaded_at   BIGINT NOT NULL,
    removed_by    TEXT COLLATE "C" NOT NULL,
    removed_at    BIGINT NOT NULL
);
CREATE INDEX files_file_record ON files_file (record_kind, record_id, id);
CREATE INDEX files_file_owner ON files_file (owner_kind, owner_id);
CREATE INDEX files_file_sha ON files_file (sha) WHERE removed_at = 0;

CREATE TABLE files_usage (
    id    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    bytes BIGINT NOT NULL,
    files BIGINT NOT NULL
);
-- +goose Down
DROP TABLE files_usage;
DROP TABLE files_file;
DROP TABLE files_pending;
DROP TABLE files_blob;
