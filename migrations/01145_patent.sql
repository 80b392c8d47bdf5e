-- owner: domain/techplatform
-- Patents (专利) of enterprises on the register, and what was earned with each in
-- a year. Days are ISO text, ends is the first day on which it no longer holds;
-- money is in fen.
-- +goose Up
CREATE TABLE techplatform_patent (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number        TEXT COLLATE "C" NOT NULL UNIQUE,
    kind          TEXT COLLATE "C" NOT NULL,
    title         TEXT NOT NULL,
    enterprise_id TEXT COLLATE "C" NOT NULL,
    held_by       TEXT COLLATE "C" NOT NULL,
    region        TEXT COLLATE "C" NOT NULL,
    applied       TEXT COLLATE "C" NOT NULL,
    granted       TEXT COLLATE "C" NOT NULL,
    ended         TEXT COLLATE "C" NOT NULL,
    ends          TEXT COLLATE "C" NOT NULL,
    on_offer      BIGINT NOT NULL,
    about         TEXT NOT NULL,
    version       BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX techplatform_patent_applied ON techplatform_patent (applied, id);
CREATE INDEX techplatform_patent_region ON techplatform_patent (region);
CREATE INDEX techplatform_patent_enterprise ON techplatform_patent (enterprise_id);

CREATE TABLE techplatform_patent_use (
    id        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    patent_id TEXT COLLATE "C" NOT NULL,
    year      BIGINT NOT NULL,
    way       TEXT COLLATE "C" NOT NULL,
    what      TEXT NOT NULL,
    revenue   BIGINT NOT NULL CHECK (revenue >= 0)
);
CREATE INDEX techplatform_patent_use_patent ON techplatform_patent_use (patent_id, year);
-- +goose Down
DROP TABLE techplatform_patent_use;
DROP TABLE techplatform_patent;
