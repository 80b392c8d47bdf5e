-- owner: domain/techplatform
-- Technology needs and offers (技术需求与技术成果): posted by an enterprise or an
-- institution, reviewed by two people, shown for a term; and who was introduced
-- to whom about one (对接). Days are ISO text, until is the last day shown, "" for
-- no end; money is in fen. enterprise_id or institution_id is empty.
-- +goose Up
CREATE TABLE techplatform_notice (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number         TEXT COLLATE "C" NOT NULL UNIQUE,
    side           TEXT COLLATE "C" NOT NULL,
    title          TEXT NOT NULL,
    body           TEXT NOT NULL,
    industry       TEXT COLLATE "C" NOT NULL,
    amount         BIGINT NOT NULL CHECK (amount >= 0),
    contact        TEXT NOT NULL,
    enterprise_id  TEXT COLLATE "C" NOT NULL,
    posted_for     TEXT COLLATE "C" NOT NULL,
    institution_id TEXT COLLATE "C" NOT NULL,
    party          TEXT NOT NULL,
    region         TEXT COLLATE "C" NOT NULL,
    state          TEXT COLLATE "C" NOT NULL,
    submitted_by   TEXT COLLATE "C" NOT NULL,
    checked_by     TEXT COLLATE "C" NOT NULL,
    since          BIGINT NOT NULL,
    published_on   TEXT COLLATE "C" NOT NULL,
    until          TEXT COLLATE "C" NOT NULL,
    version        BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);
CREATE INDEX techplatform_notice_state ON techplatform_notice (state, side, industry);
CREATE INDEX techplatform_notice_region ON techplatform_notice (region);
CREATE INDEX techplatform_notice_enterprise ON techplatform_notice (enterprise_id);
CREATE INDEX techplatform_notice_institution ON techplatform_notice (institution_id);

CREATE TABLE techplatform_intro (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    notice_id      TEXT COLLATE "C" NOT NULL,
    enterprise_id  TEXT COLLATE "C" NOT NULL,
    asked_for      TEXT COLLATE "C" NOT NULL,
    institution_id TEXT COLLATE "C" NOT NULL,
    party          TEXT NOT NULL,
    body           TEXT NOT NULL,
    contact        TEXT NOT NULL,
    state          TEXT COLLATE "C" NOT NULL,
    agreed_on      TEXT COLLATE "C" NOT NULL,
    amount         BIGINT NOT NULL CHECK (amount >= 0),
    asked_at       BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);
CREATE INDEX techplatform_intro_notice ON techplatform_intro (notice_id);
CREATE INDEX techplatform_intro_enterprise ON techplatform_intro (enterprise_id);
CREATE INDEX techplatform_intro_institution ON techplatform_intro (institution_id);
-- +goose Down
DROP TABLE techplatform_intro;
DROP TABLE techplatform_notice;
