-- owner: domain/guarantee
-- Guarantors (担保机构) with their dated books, pools and their members, cases from
-- application to release, and the postings that every balance is the sum of.
-- Postings are only added to. Money is in fen, days are ISO text.
-- +goose Up
CREATE TABLE guarantor (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES institution (id),
    type       TEXT COLLATE "C" NOT NULL,
    level      TEXT NOT NULL,
    since      TEXT COLLATE "C" NOT NULL,
    ended      TEXT COLLATE "C" NOT NULL,
    park       TEXT COLLATE "C" NOT NULL,
    park_name  TEXT NOT NULL,
    multiple   BIGINT NOT NULL CHECK (multiple >= 0),
    member_cap BIGINT NOT NULL CHECK (member_cap >= 0),
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE guarantor_finance (
    guarantor_id TEXT COLLATE "C" NOT NULL REFERENCES guarantor (id),
    valid_from   TEXT COLLATE "C" NOT NULL,
    registered   BIGINT NOT NULL CHECK (registered >= 0),
    net_assets   BIGINT NOT NULL,
    invested     BIGINT NOT NULL,
    unearned     BIGINT NOT NULL,
    compensation BIGINT NOT NULL,
    general      BIGINT NOT NULL,
    source       TEXT NOT NULL,
    PRIMARY KEY (guarantor_id, valid_from)
);

CREATE TABLE guarantor_outlet (
    guarantor_id TEXT COLLATE "C" NOT NULL REFERENCES guarantor (id),
    town         TEXT COLLATE "C" NOT NULL,
    valid_from   TEXT COLLATE "C" NOT NULL,
    valid_to     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (guarantor_id, town)
);
CREATE INDEX guarantor_outlet_town ON guarantor_outlet (town);

CREATE TABLE guarantor_bank (
    guarantor_id TEXT COLLATE "C" NOT NULL REFERENCES guarantor (id),
    bank_id      TEXT COLLATE "C" NOT NULL REFERENCES institution (id),
    line         BIGINT NOT NULL CHECK (line >= 0),
    valid_from   TEXT COLLATE "C" NOT NULL,
    valid_to     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (guarantor_id, bank_id)
);
CREATE INDEX guarantor_bank_of ON guarantor_bank (bank_id);

CREATE TABLE guarantor_member (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    guarantor_id  TEXT COLLATE "C" NOT NULL REFERENCES guarantor (id),
    enterprise_id TEXT COLLATE "C" NOT NULL,
    joined_as     TEXT COLLATE "C" NOT NULL,
    joined        TEXT COLLATE "C" NOT NULL,
    left_on       TEXT COLLATE "C" NOT NULL
);
CREATE INDEX guarantor_member_now ON guarantor_member (guarantor_id, left_on, enterprise_id);
CREATE INDEX guarantor_member_of ON guarantor_member (enterprise_id);

-- Enterprises that belong together (关联企业), by the name of their group.
CREATE TABLE guarantee_group (
    enterprise_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    grp           TEXT COLLATE "C" NOT NULL
);
CREATE INDEX guarantee_group_of ON guarantee_group (grp);

CREATE TABLE guarantee_case (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number        TEXT COLLATE "C" NOT NULL UNIQUE,
    region        TEXT COLLATE "C" NOT NULL,
    guarantor_id  TEXT COLLATE "C" NOT NULL REFERENCES guarantor (id),
    bank_id       TEXT COLLATE "C" NOT NULL,
    enterprise_id TEXT COLLATE "C" NOT NULL,
    applied_as    TEXT COLLATE "C" NOT NULL,
    size          TEXT NOT NULL,
    need_id       TEXT COLLATE "C" NOT NULL,
    amount        BIGINT NOT NULL CHECK (amount > 0),
    months        BIGINT NOT NULL,
    purpose       TEXT NOT NULL,
    security      TEXT NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    applied       TEXT COLLATE "C" NOT NULL,
    found_on      TEXT NOT NULL,
    found_by      TEXT NOT NULL,
    found_amount  BIGINT NOT NULL,
    found_opinion TEXT NOT NULL,
    granted_on     TEXT NOT NULL,
    granted_amount BIGINT NOT NULL,
    granted_months BIGINT NOT NULL,
    deal_number   TEXT COLLATE "C" NOT NULL,
    deal_on       TEXT COLLATE "C" NOT NULL,
    deal_until    TEXT COLLATE "C" NOT NULL,
    deal_amount   BIGINT NOT NULL CHECK (deal_amount >= 0),
    deal_fee      BIGINT NOT NULL,
    extended      BIGINT NOT NULL,
    loan_number   TEXT NOT NULL,
    loan_on       TEXT NOT NULL,
    loan_amount   BIGINT NOT NULL,
    book          BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX guarantee_case_region ON guarantee_case (region, applied, id);
CREATE INDEX guarantee_case_applied ON guarantee_case (applied, id);
CREATE INDEX guarantee_case_guarantor ON guarantee_case (guarantor_id, applied, id);
CREATE INDEX guarantee_case_bank ON guarantee_case (bank_id, applied, id);
CREATE INDEX guarantee_case_enterprise ON guarantee_case (enterprise_id, applied, id);
CREATE UNIQUE INDEX guarantee_case_deal ON guarantee_case (guarantor_id, deal_number) WHERE deal_number <> '' AND state <> 'cancelled';

-- The last number given, per county and year.
CREATE TABLE guarantee_number (
    county TEXT COLLATE "C" NOT NULL,
    year   TEXT COLLATE "C" NOT NULL,
    last   BIGINT NOT NULL,
    PRIMARY KEY (county, year)
);

CREATE TABLE guarantee_meeting (
    case_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES guarantee_case (id),
    held_on TEXT NOT NULL,
    votes   TEXT NOT NULL,
    passed  BIGINT NOT NULL
);

CREATE TABLE guarantee_approval (
    case_id   TEXT COLLATE "C" NOT NULL REFERENCES guarantee_case (id),
    person_id TEXT COLLATE "C" NOT NULL,
    name      TEXT NOT NULL,
    words     TEXT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (case_id, person_id)
);

-- of is a case, or the member whose share it is.
CREATE TABLE guarantee_posting (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    guarantor_id TEXT COLLATE "C" NOT NULL REFERENCES guarantor (id),
    of_id        TEXT COLLATE "C" NOT NULL,
    account      TEXT COLLATE "C" NOT NULL,
    posted_on    TEXT COLLATE "C" NOT NULL,
    amount       BIGINT NOT NULL,
    action       TEXT NOT NULL,
    reverses     TEXT COLLATE "C" NOT NULL,
    at           BIGINT NOT NULL,
    by_id        TEXT COLLATE "C" NOT NULL,
    by_name      TEXT NOT NULL
);
CREATE INDEX guarantee_posting_of ON guarantee_posting (of_id, account, posted_on);
CREATE INDEX guarantee_posting_book ON guarantee_posting (guarantor_id, account, posted_on, of_id, amount);
CREATE UNIQUE INDEX guarantee_posting_once ON guarantee_posting (reverses) WHERE reverses <> '';

-- The rules of limits that operators add; those the program ships are in it.
CREATE TABLE guarantee_rule (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    valid_from   TEXT COLLATE "C" NOT NULL,
    body         TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    version      BIGINT NOT NULL
);

CREATE TABLE guarantee_need (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number        TEXT COLLATE "C" NOT NULL UNIQUE,
    region        TEXT COLLATE "C" NOT NULL,
    enterprise_id TEXT COLLATE "C" NOT NULL,
    posted_as     TEXT COLLATE "C" NOT NULL,
    amount        BIGINT NOT NULL CHECK (amount > 0),
    months        BIGINT NOT NULL,
    purpose       TEXT NOT NULL,
    security      TEXT NOT NULL,
    wanted_by     TEXT NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    posted_at     BIGINT NOT NULL,
    offer_id      TEXT COLLATE "C" NOT NULL,
    case_id       TEXT COLLATE "C" NOT NULL,
    funded_on     TEXT COLLATE "C" NOT NULL,
    funded        BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX guarantee_need_region ON guarantee_need (region, posted_at, id);
CREATE INDEX guarantee_need_enterprise ON guarantee_need (enterprise_id, posted_at, id);

CREATE TABLE guarantee_offer (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    need_id        TEXT COLLATE "C" NOT NULL REFERENCES guarantee_need (id),
    institution_id TEXT COLLATE "C" NOT NULL REFERENCES institution (id),
    kind           TEXT NOT NULL,
    amount         BIGINT NOT NULL CHECK (amount > 0),
    months         BIGINT NOT NULL,
    rate           BIGINT NOT NULL CHECK (rate >= 0),
    words          TEXT NOT NULL,
    valid_until    TEXT NOT NULL,
    made_at        BIGINT NOT NULL
);
CREATE UNIQUE INDEX guarantee_offer_one ON guarantee_offer (need_id, institution_id);
CREATE INDEX guarantee_offer_by ON guarantee_offer (institution_id);
-- +goose Down
DROP TABLE guarantee_offer;
DROP TABLE guarantee_need;
DROP TABLE guarantee_rule;
DROP TABLE guarantee_posting;
DROP TABLE guarantee_approval;
DROP TABLE guarantee_meeting;
DROP TABLE guarantee_number;
DROP TABLE guarantee_case;
DROP TABLE guarantee_group;
DROP TABLE guarantor_member;
DROP TABLE guarantor_bank;
DROP TABLE guarantor_outlet;
DROP TABLE guarantor_finance;
DROP TABLE guarantor;
