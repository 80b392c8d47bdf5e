-- owner: criteria
-- Sets of conditions and scores (条件与评分) by version. A published version never
-- changes; a draft is replaced until it is published.
-- +goose Up
CREATE TABLE criteria_set (
    id           TEXT COLLATE "C" NOT NULL,
    version      BIGINT NOT NULL,
    valid_from   TEXT COLLATE "C" NOT NULL,
    valid_to     TEXT COLLATE "C" NOT NULL, -- the first day it no longer holds; '' is open
    published_at BIGINT NOT NULL,           -- 0 while a draft
    body         TEXT NOT NULL,             -- JSON
    PRIMARY KEY (id, version)
);
-- +goose Down
DROP TABLE criteria_set;
