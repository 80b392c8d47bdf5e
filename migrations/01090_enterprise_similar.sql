-- owner: domain/enterprise
-- Entries of a county whose names are the same but for place and legal form, as
-- a job finds them, and how far it has come. Both can be made anew.
-- +goose Up
CREATE TABLE enterprise_similar (
    later    TEXT COLLATE "C" NOT NULL, -- the entry that came later
    earlier  TEXT COLLATE "C" NOT NULL,
    found_at BIGINT NOT NULL,
    PRIMARY KEY (later, earlier)
);
CREATE INDEX enterprise_similar_earlier ON enterprise_similar (earlier);
CREATE TABLE enterprise_similar_mark (
    name       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    updated_at BIGINT NOT NULL -- up to which changes were looked at
);
-- +goose Down
DROP TABLE enterprise_similar_mark;
DROP TABLE enterprise_similar;
