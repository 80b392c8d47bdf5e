-- owner: domain/institution
-- Service institutions (服务机构), what they offer, their tiers, recognitions and
-- tasks. Short lists of codes are kept as text with a space around each code.
-- +goose Up
CREATE TABLE institution (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    region     TEXT COLLATE "C" NOT NULL,
    kinds      TEXT NOT NULL,
    level      TEXT NOT NULL,
    code       TEXT COLLATE "C" NOT NULL,
    founded    TEXT COLLATE "C" NOT NULL,
    since      TEXT COLLATE "C" NOT NULL,
    ended      TEXT COLLATE "C" NOT NULL,
    capital    BIGINT NOT NULL CHECK (capital >= 0),
    about      TEXT NOT NULL,
    address    TEXT NOT NULL,
    website    TEXT NOT NULL,
    published  BIGINT NOT NULL,
    turned     TEXT NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX institution_region ON institution (region, name, id);
CREATE INDEX institution_name ON institution (name, id);
CREATE UNIQUE INDEX institution_code ON institution (code) WHERE code <> '';

CREATE TABLE institution_service (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    institution_id TEXT COLLATE "C" NOT NULL REFERENCES institution (id),
    theme          TEXT COLLATE "C" NOT NULL,
    form           TEXT COLLATE "C" NOT NULL,
    name           TEXT NOT NULL,
    description    TEXT NOT NULL,
    regions        TEXT NOT NULL,
    max_amount     BIGINT NOT NULL CHECK (max_amount >= 0),
    capacity       BIGINT NOT NULL CHECK (capacity >= 0),
    fee            TEXT NOT NULL,
    ended          BIGINT NOT NULL
);
CREATE INDEX institution_service_of ON institution_service (institution_id, theme);
CREATE INDEX institution_service_theme ON institution_service (theme, institution_id);

-- A tier (层级) or, with tier empty, a recognition as demonstration institution.
CREATE TABLE institution_term (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    institution_id TEXT COLLATE "C" NOT NULL REFERENCES institution (id),
    tier           TEXT COLLATE "C" NOT NULL,
    valid_from     TEXT COLLATE "C" NOT NULL,
    valid_to       TEXT COLLATE "C" NOT NULL,
    document       TEXT NOT NULL
);
CREATE INDEX institution_term_of ON institution_term (institution_id, valid_from);

CREATE TABLE institution_task (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    institution_id TEXT COLLATE "C" NOT NULL REFERENCES institution (id),
    year           BIGINT NOT NULL,
    title          TEXT NOT NULL,
    status         TEXT NOT NULL,
    note           TEXT NOT NULL
);
CREATE INDEX institution_task_of ON institution_task (institution_id, year);

-- People to speak to: personal data, read with a trace only.
CREATE TABLE institution_contact (
    institution_id TEXT COLLATE "C" NOT NULL REFERENCES institution (id),
    position       BIGINT NOT NULL,
    name           TEXT NOT NULL,
    post           TEXT NOT NULL,
    phone          TEXT NOT NULL,
    email          TEXT NOT NULL,
    PRIMARY KEY (institution_id, position)
);
-- +goose Down
DROP TABLE institution_contact;
DROP TABLE institution_task;
DROP TABLE institution_term;
DROP TABLE institution_service;
DROP TABLE institution;
