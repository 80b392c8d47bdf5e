-- owner: domain/enterprise
-- Pairs of entries of similar names that somebody looked at and found to be two
-- enterprises: they are offered for merging no more.
-- +goose Up
CREATE TABLE enterprise_distinct (
    later    TEXT COLLATE "C" NOT NULL, -- the entry that came later
    earlier  TEXT COLLATE "C" NOT NULL,
    told_at  BIGINT NOT NULL,
    PRIMARY KEY (later, earlier)
);
-- +goose Down
DROP TABLE enterprise_distinct;
