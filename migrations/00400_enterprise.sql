-- owner: domain/enterprise
-- The register of enterprises (企业名录). An alias_of that is not empty marks an
-- entry merged into another. Contact persons stand in a table of their own: each
-- reading of it is audited.
-- +goose Up
CREATE TABLE enterprise (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name             TEXT COLLATE "C" NOT NULL,
    short_name       TEXT NOT NULL,
    name_key         TEXT COLLATE "C" NOT NULL, -- the name without place and legal form
    name_find        TEXT COLLATE "C" NOT NULL, -- names in lower case, for searching
    region           TEXT COLLATE "C" NOT NULL, -- town, current code
    address          TEXT NOT NULL,
    legal_form       TEXT NOT NULL,
    industry         TEXT COLLATE "C" NOT NULL, -- with its letter: C1711
    industry_edition TEXT COLLATE "C" NOT NULL, -- of GB/T 4754: 2002, 2017
    established      TEXT NOT NULL,             -- date or empty
    status           TEXT COLLATE "C" NOT NULL,
    status_reason    TEXT NOT NULL,
    size             TEXT COLLATE "C" NOT NULL,
    size_year        BIGINT NOT NULL,           -- 0 when no figures are known
    alias_of         TEXT COLLATE "C" NOT NULL,
    created_at       BIGINT NOT NULL,
    created_by       TEXT COLLATE "C" NOT NULL,
    updated_at       BIGINT NOT NULL,
    version          BIGINT NOT NULL
);
CREATE INDEX enterprise_region_name ON enterprise (region, name, id);
CREATE INDEX enterprise_region_updated ON enterprise (region, updated_at, id);
CREATE INDEX enterprise_name ON enterprise (name, id);
CREATE INDEX enterprise_updated ON enterprise (updated_at, id);
CREATE INDEX enterprise_alias ON enterprise (alias_of);
CREATE INDEX enterprise_name_key ON enterprise (name_key, region);

CREATE TABLE enterprise_contact (
    enterprise_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES enterprise (id),
    person        TEXT NOT NULL,
    phone         TEXT NOT NULL,
    mail          TEXT NOT NULL,
    updated_at    BIGINT NOT NULL
);

-- state: claimed (as the enterprise says), verified (staff saw the licence),
-- held (was verified, given up to the enterprise it was merged into).
-- via: the alias it came from, empty for its own.
CREATE TABLE enterprise_identifier (
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprise (id),
    kind          TEXT COLLATE "C" NOT NULL,
    value         TEXT COLLATE "C" NOT NULL,
    org_code      TEXT COLLATE "C" NOT NULL, -- the organisation code in it, or itself
    checked       BIGINT NOT NULL,
    note          TEXT NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    via           TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (enterprise_id, kind, value)
);
CREATE UNIQUE INDEX enterprise_identifier_verified ON enterprise_identifier (kind, value) WHERE state = 'verified';
CREATE INDEX enterprise_identifier_value ON enterprise_identifier (value);
CREATE INDEX enterprise_identifier_org ON enterprise_identifier (org_code);

-- Figures of a year; NULL is not known. Money in fen.
CREATE TABLE enterprise_year (
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprise (id),
    year          BIGINT NOT NULL,
    employees     BIGINT,
    revenue       BIGINT,
    assets        BIGINT,
    source        TEXT COLLATE "C" NOT NULL,
    via           TEXT COLLATE "C" NOT NULL,
    updated_at    BIGINT NOT NULL,
    updated_by    TEXT COLLATE "C" NOT NULL,
    version       BIGINT NOT NULL,
    PRIMARY KEY (enterprise_id, year)
);

-- A claim names a code; enterprise_id is empty while no enterprise has it.
-- contested is another enterprise that has the same code, known to staff only.
-- holds: 1 while the person may act for enterprise_id because of this claim.
CREATE TABLE enterprise_claim (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    enterprise_id TEXT COLLATE "C" NOT NULL,
    contested     TEXT COLLATE "C" NOT NULL,
    code          TEXT COLLATE "C" NOT NULL,
    person        TEXT COLLATE "C" NOT NULL,
    person_name   TEXT NOT NULL,
    region        TEXT COLLATE "C" NOT NULL,
    registered    BIGINT NOT NULL, -- 1: came with a registration
    holds         BIGINT NOT NULL,
    evidence      TEXT NOT NULL,
    status        TEXT COLLATE "C" NOT NULL,
    reason        TEXT NOT NULL,
    decided_by    TEXT COLLATE "C" NOT NULL,
    decided_at    BIGINT NOT NULL,
    via           TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT NOT NULL,
    version       BIGINT NOT NULL
);
CREATE INDEX enterprise_claim_region ON enterprise_claim (region, status, created_at, id);
CREATE INDEX enterprise_claim_person ON enterprise_claim (person, created_at, id);
CREATE INDEX enterprise_claim_enterprise ON enterprise_claim (enterprise_id, status);

-- Size rules that the operator changed or added; the program brings its own.
CREATE TABLE enterprise_size_rule (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    body       TEXT NOT NULL, -- JSON
    updated_at BIGINT NOT NULL,
    updated_by TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL
);
-- +goose Down
DROP TABLE enterprise_size_rule;
DROP TABLE enterprise_claim;
DROP TABLE enterprise_year;
DROP TABLE enterprise_identifier;
DROP TABLE enterprise_contact;
DROP TABLE enterprise;
