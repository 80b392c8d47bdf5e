-- owner: domain/indicator
-- Definitions are data with a first year in force; returns and targets keep who
-- answers for which value, and the ledger keeps what counts.
-- +goose Up
CREATE TABLE indicator_definition (
    id         TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    from_year  BIGINT NOT NULL,
    position   BIGINT NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TABLE indicator_return (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    region     TEXT COLLATE "C" NOT NULL,
    year       BIGINT NOT NULL,
    state      TEXT NOT NULL,
    version    BIGINT NOT NULL,
    filled_by  TEXT COLLATE "C" NOT NULL,
    decided_by TEXT COLLATE "C" NOT NULL,
    reason     TEXT NOT NULL,
    created    BIGINT NOT NULL,
    changed    BIGINT NOT NULL,
    UNIQUE (region, year)
);
CREATE INDEX indicator_return_state ON indicator_return (state, region, year);
CREATE TABLE indicator_value (
    return_id TEXT COLLATE "C" NOT NULL REFERENCES indicator_return (id),
    indicator TEXT COLLATE "C" NOT NULL,
    quantity  BIGINT NOT NULL,
    PRIMARY KEY (return_id, indicator)
);
CREATE TABLE indicator_target (
    id        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    region    TEXT COLLATE "C" NOT NULL,
    year      BIGINT NOT NULL,
    indicator TEXT COLLATE "C" NOT NULL,
    quantity  BIGINT NOT NULL,
    document  TEXT NOT NULL,
    version   BIGINT NOT NULL,
    UNIQUE (region, year, indicator)
);
-- +goose Down
DROP TABLE indicator_target;
DROP TABLE indicator_value;
DROP TABLE indicator_return;
DROP TABLE indicator_definition;
