-- owner: domain/guarantee
-- What a guarantor is, type and level, from day to day; and what it states of
-- itself until the office of its place has confirmed it. body is the line of
-- the books or the profile as JSON. Days are ISO text.
-- +goose Up
CREATE TABLE guarantor_standing (
    guarantor_id TEXT COLLATE "C" NOT NULL REFERENCES guarantor (id),
    valid_from   TEXT COLLATE "C" NOT NULL,
    type         TEXT COLLATE "C" NOT NULL,
    level        TEXT NOT NULL,
    source       TEXT NOT NULL,
    PRIMARY KEY (guarantor_id, valid_from)
);
INSERT INTO guarantor_standing (guarantor_id, valid_from, type, level, source) SELECT id, since, type, level, '' FROM guarantor;

CREATE TABLE guarantor_filing (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    guarantor_id TEXT COLLATE "C" NOT NULL REFERENCES guarantor (id),
    kind         TEXT COLLATE "C" NOT NULL,
    valid_from   TEXT COLLATE "C" NOT NULL,
    body         TEXT NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    at           BIGINT NOT NULL,
    by_id        TEXT COLLATE "C" NOT NULL,
    by_name      TEXT NOT NULL,
    decided_at   BIGINT NOT NULL,
    decided_by   TEXT NOT NULL,
    words        TEXT NOT NULL
);
CREATE INDEX guarantor_filing_of ON guarantor_filing (guarantor_id, state, at);
CREATE INDEX guarantor_filing_open ON guarantor_filing (guarantor_id) WHERE state = 'open';
-- +goose Down
DROP TABLE guarantor_filing;
DROP TABLE guarantor_standing;
