-- Written by: go test ./internal/db -run Schema -update
-- The schema on sqlite, as the migrations make it.

CREATE TABLE account_attempt (
    bucket   TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL
);
CREATE INDEX account_attempt_last ON account_attempt (last_at);
CREATE TABLE account_code (
    id      TEXT NOT NULL PRIMARY KEY,
    person  TEXT NOT NULL REFERENCES account_person (id),
    kind    TEXT NOT NULL,
    code    TEXT NOT NULL,
    tries   BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);
CREATE INDEX account_code_person ON account_code (person, kind);
CREATE TABLE account_device (
    device  TEXT NOT NULL,
    person  TEXT NOT NULL REFERENCES account_person (id),
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (device, person)
);
CREATE INDEX account_device_person ON account_device (person);
CREATE TABLE account_grant (
    id         TEXT NOT NULL PRIMARY KEY,
    person     TEXT NOT NULL REFERENCES account_person (id),
    role       TEXT NOT NULL REFERENCES account_role (id),
    region     TEXT NOT NULL,
    party_kind TEXT NOT NULL,
    party_id   TEXT NOT NULL,
    from_at    BIGINT NOT NULL,
    to_at      BIGINT NOT NULL,
    given_by   TEXT NOT NULL,
    given_at   BIGINT NOT NULL,
    ended_by   TEXT NOT NULL,
    ended_at   BIGINT NOT NULL
);
CREATE INDEX account_grant_party ON account_grant (party_id, role, ended_at);
CREATE INDEX account_grant_person ON account_grant (person, ended_at);
CREATE INDEX account_grant_region ON account_grant (region, role, ended_at);
CREATE INDEX account_grant_role ON account_grant (role, ended_at);
CREATE TABLE account_invitation (
    id         TEXT NOT NULL PRIMARY KEY,
    login      TEXT NOT NULL,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL REFERENCES account_role (id),
    region     TEXT NOT NULL,
    party_kind TEXT NOT NULL,
    party_id   TEXT NOT NULL,
    code       TEXT NOT NULL,
    tries      BIGINT NOT NULL,
    state      TEXT NOT NULL,
    sent_by    TEXT NOT NULL,
    sent_at    BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    person     TEXT NOT NULL,
    version    BIGINT NOT NULL
);
CREATE INDEX account_invitation_login ON account_invitation (login, state);
CREATE INDEX account_invitation_party ON account_invitation (party_id, state);
CREATE INDEX account_invitation_region ON account_invitation (region, state);
CREATE TABLE account_key (
    id         TEXT NOT NULL PRIMARY KEY,
    person     TEXT NOT NULL REFERENCES account_person (id),
    name       TEXT NOT NULL,
    digest     TEXT NOT NULL UNIQUE,
    tail       TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    official   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL,
    ended_by   TEXT NOT NULL,
    used_on    TEXT NOT NULL
);
CREATE INDEX account_key_person ON account_key (person, ended_at);
CREATE TABLE account_person (
    id            TEXT NOT NULL PRIMARY KEY,
    phone         TEXT UNIQUE,
    email         TEXT UNIQUE,
    email_pending TEXT NOT NULL,
    name          TEXT NOT NULL,
    region        TEXT NOT NULL,
    status        TEXT NOT NULL,
    password      TEXT NOT NULL,
    password_at   BIGINT NOT NULL,
    factor        TEXT NOT NULL,
    factor_next   TEXT NOT NULL,
    factor_at     BIGINT NOT NULL,
    factor_step   BIGINT NOT NULL,
    situation     TEXT NOT NULL,
    consent       TEXT NOT NULL,
    consent_at    BIGINT NOT NULL,
    phone_seen_at BIGINT NOT NULL,
    demo          BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    version       BIGINT NOT NULL
);
CREATE INDEX account_person_name ON account_person (name, id);
CREATE INDEX account_person_region ON account_person (region, name, id);
CREATE TABLE account_role (
    id       TEXT NOT NULL PRIMARY KEY,
    reach    TEXT NOT NULL,
    official BIGINT NOT NULL,
    admin    TEXT NOT NULL,
    own      BIGINT NOT NULL
);
CREATE TABLE account_role_permission (
    role       TEXT NOT NULL REFERENCES account_role (id),
    permission TEXT NOT NULL,
    PRIMARY KEY (role, permission)
);
CREATE INDEX account_role_permission_permission ON account_role_permission (permission, role);
CREATE TABLE account_session (
    id         TEXT NOT NULL PRIMARY KEY,
    token      TEXT NOT NULL UNIQUE,
    person     TEXT NOT NULL REFERENCES account_person (id),
    stage      TEXT NOT NULL,
    official   BIGINT NOT NULL,
    kept       BIGINT NOT NULL,
    agent      TEXT NOT NULL,
    network    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    idle       BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL
);
CREATE INDEX account_session_ends ON account_session (ends_at);
CREATE INDEX account_session_person ON account_session (person, ended_at);
CREATE TABLE app_draft (
    token TEXT NOT NULL PRIMARY KEY,
    page  TEXT NOT NULL,
    form  TEXT NOT NULL,
    at    BIGINT NOT NULL
);
CREATE INDEX app_draft_at ON app_draft (at);
CREATE TABLE audit_entry (
    lane        BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    site        TEXT NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor_id    TEXT NOT NULL,
    action      TEXT NOT NULL,
    record_kind TEXT NOT NULL,
    record_id   TEXT NOT NULL,
    region      TEXT NOT NULL,
    detail      TEXT NOT NULL,
    hash        TEXT NOT NULL,
    PRIMARY KEY (lane, seq)
);
CREATE INDEX audit_entry_actor ON audit_entry (actor_id, at);
CREATE INDEX audit_entry_at ON audit_entry (at);
CREATE INDEX audit_entry_record ON audit_entry (record_kind, record_id, at);
CREATE TABLE audit_head (
    lane BIGINT NOT NULL PRIMARY KEY,
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);
CREATE TABLE criteria_set (
    id           TEXT NOT NULL,
    version      BIGINT NOT NULL,
    valid_from   TEXT NOT NULL,
    valid_to     TEXT NOT NULL, -- the first day it no longer holds; '' is open
    published_at BIGINT NOT NULL,           -- 0 while a draft
    body         TEXT NOT NULL,             -- JSON
    PRIMARY KEY (id, version)
);
CREATE TABLE enterprise (
    id               TEXT NOT NULL PRIMARY KEY,
    name             TEXT NOT NULL,
    short_name       TEXT NOT NULL,
    name_key         TEXT NOT NULL, -- the name without place and legal form
    name_find        TEXT NOT NULL, -- names in lower case, for searching
    region           TEXT NOT NULL, -- town, current code
    address          TEXT NOT NULL,
    legal_form       TEXT NOT NULL,
    industry         TEXT NOT NULL, -- with its letter: C1711
    industry_edition TEXT NOT NULL, -- of GB/T 4754: 2002, 2017
    established      TEXT NOT NULL,             -- date or empty
    status           TEXT NOT NULL,
    status_reason    TEXT NOT NULL,
    size             TEXT NOT NULL,
    size_year        BIGINT NOT NULL,           -- 0 when no figures are known
    alias_of         TEXT NOT NULL,
    created_at       BIGINT NOT NULL,
    created_by       TEXT NOT NULL,
    updated_at       BIGINT NOT NULL,
    version          BIGINT NOT NULL
);
CREATE INDEX enterprise_name ON enterprise (name, id);
CREATE INDEX enterprise_name_key ON enterprise (name_key, region);
CREATE INDEX enterprise_region_name ON enterprise (region, name, id);
CREATE INDEX enterprise_region_updated ON enterprise (region, updated_at, id);
CREATE INDEX enterprise_updated ON enterprise (updated_at, id);
CREATE TABLE enterprise_claim (
    id            TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL,
    contested     TEXT NOT NULL,
    code          TEXT NOT NULL,
    person        TEXT NOT NULL,
    person_name   TEXT NOT NULL,
    region        TEXT NOT NULL,
    registered    BIGINT NOT NULL, -- 1: came with a registration
    holds         BIGINT NOT NULL,
    evidence      TEXT NOT NULL,
    status        TEXT NOT NULL,
    reason        TEXT NOT NULL,
    decided_by    TEXT NOT NULL,
    decided_at    BIGINT NOT NULL,
    via           TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    version       BIGINT NOT NULL
);
CREATE INDEX enterprise_claim_enterprise ON enterprise_claim (enterprise_id, status);
CREATE INDEX enterprise_claim_person ON enterprise_claim (person, created_at, id);
CREATE INDEX enterprise_claim_region ON enterprise_claim (region, status, created_at, id);
CREATE TABLE enterprise_contact (
    enterprise_id TEXT NOT NULL PRIMARY KEY REFERENCES enterprise (id),
    person        TEXT NOT NULL,
    phone         TEXT NOT NULL,
    mail          TEXT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE TABLE enterprise_distinct (
    later    TEXT NOT NULL, -- the entry that came later
    earlier  TEXT NOT NULL,
    told_at  BIGINT NOT NULL,
    PRIMARY KEY (later, earlier)
);
CREATE TABLE enterprise_identifier (
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    kind          TEXT NOT NULL,
    value         TEXT NOT NULL,
    org_code      TEXT NOT NULL, -- the organisation code in it, or itself
    checked       BIGINT NOT NULL,
    note          TEXT NOT NULL,
    state         TEXT NOT NULL,
    via           TEXT NOT NULL,
    PRIMARY KEY (enterprise_id, kind, value)
);
CREATE INDEX enterprise_identifier_org ON enterprise_identifier (org_code);
CREATE INDEX enterprise_identifier_value ON enterprise_identifier (value);
CREATE UNIQUE INDEX enterprise_identifier_verified ON enterprise_identifier (kind, value) WHERE state = 'verified';
CREATE TABLE enterprise_similar (
    later    TEXT NOT NULL, -- the entry that came later
    earlier  TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    PRIMARY KEY (later, earlier)
);
CREATE INDEX enterprise_similar_earlier ON enterprise_similar (earlier);
CREATE TABLE enterprise_similar_mark (
    name       TEXT NOT NULL PRIMARY KEY,
    updated_at BIGINT NOT NULL -- up to which changes were looked at
);
CREATE TABLE enterprise_size_rule (
    id         TEXT NOT NULL PRIMARY KEY,
    body       TEXT NOT NULL, -- JSON
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    version    BIGINT NOT NULL
);
CREATE TABLE enterprise_year (
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    year          BIGINT NOT NULL,
    employees     BIGINT,
    revenue       BIGINT,
    assets        BIGINT,
    source        TEXT NOT NULL,
    via           TEXT NOT NULL,
    updated_at    BIGINT NOT NULL,
    updated_by    TEXT NOT NULL,
    version       BIGINT NOT NULL,
    PRIMARY KEY (enterprise_id, year)
);
CREATE TABLE files_blob (
    id         TEXT NOT NULL PRIMARY KEY,
    size       BIGINT NOT NULL,
    touched_at BIGINT NOT NULL
);
CREATE INDEX files_blob_touched ON files_blob (touched_at);
CREATE TABLE files_file (
    id            TEXT NOT NULL PRIMARY KEY,
    sha           TEXT NOT NULL,
    size          BIGINT NOT NULL,
    type          TEXT NOT NULL,
    name          TEXT NOT NULL,
    owner_kind    TEXT NOT NULL,
    owner_id      TEXT NOT NULL,
    record_kind   TEXT NOT NULL,
    record_id     TEXT NOT NULL,
    uploaded_by   TEXT NOT NULL,
    uploaded_name TEXT NOT NULL,
    uploaded_at   BIGINT NOT NULL,
    removed_by    TEXT NOT NULL,
    removed_at    BIGINT NOT NULL
);
CREATE INDEX files_file_owner ON files_file (owner_kind, owner_id);
CREATE INDEX files_file_record ON files_file (record_kind, record_id, id);
CREATE INDEX files_file_sha ON files_file (sha) WHERE removed_at = 0;
CREATE TABLE files_pending (
    id     TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    sha    TEXT NOT NULL REFERENCES files_blob (id),
    size   BIGINT NOT NULL,
    type   TEXT NOT NULL,
    name   TEXT NOT NULL,
    ready  BIGINT NOT NULL,
    at     BIGINT NOT NULL
);
CREATE INDEX files_pending_at ON files_pending (at);
CREATE INDEX files_pending_person ON files_pending (person);
CREATE INDEX files_pending_sha ON files_pending (sha);
CREATE TABLE files_usage (
    id    TEXT NOT NULL PRIMARY KEY,
    bytes BIGINT NOT NULL,
    files BIGINT NOT NULL
);
CREATE TABLE flow_calendar (
    day     TEXT NOT NULL PRIMARY KEY,
    kind    TEXT NOT NULL CHECK (kind IN ('rest', 'work')),
    name    TEXT NOT NULL,
    name_en TEXT NOT NULL
);
CREATE TABLE flow_calendar_year (
    year        BIGINT NOT NULL PRIMARY KEY,
    source      TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE TABLE flow_event (
    id          TEXT NOT NULL PRIMARY KEY,
    record_kind TEXT NOT NULL,
    record_id   TEXT NOT NULL,
    at          BIGINT NOT NULL,
    action      TEXT NOT NULL,
    from_state  TEXT NOT NULL,
    to_state    TEXT NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor_id    TEXT NOT NULL,
    actor_name  TEXT NOT NULL,
    note        TEXT NOT NULL
);
CREATE INDEX flow_event_record ON flow_event (record_kind, record_id, at);
CREATE TABLE flow_limit (
    type            TEXT NOT NULL,
    step            TEXT NOT NULL,
    valid_from      TEXT NOT NULL,
    valid_to        TEXT NOT NULL,
    amount          BIGINT NOT NULL CHECK (amount > 0),
    unit            TEXT NOT NULL CHECK (unit IN ('workday', 'day', 'hour')),
    extension       BIGINT NOT NULL,
    remind          BIGINT NOT NULL,
    supervise_level TEXT NOT NULL CHECK (supervise_level IN ('', 'county', 'city', 'province')),
    supervise_after BIGINT NOT NULL,
    source          TEXT NOT NULL,
    grade           TEXT NOT NULL,
    PRIMARY KEY (type, step, valid_from)
);
CREATE TABLE flow_version (
    name    TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
CREATE TABLE gate_once (
    actor       TEXT NOT NULL,
    once        TEXT NOT NULL,
    action      TEXT NOT NULL,
    record_kind TEXT NOT NULL,
    record_id   TEXT NOT NULL,
    at          BIGINT NOT NULL, request TEXT NOT NULL DEFAULT '', print TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (actor, once)
);
CREATE INDEX gate_once_request ON gate_once (actor, request) WHERE request <> '';
CREATE TABLE guarantee_approval (
    case_id   TEXT NOT NULL REFERENCES guarantee_case (id),
    person_id TEXT NOT NULL,
    name      TEXT NOT NULL,
    words     TEXT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (case_id, person_id)
);
CREATE TABLE guarantee_backer (
    case_id       TEXT NOT NULL REFERENCES guarantee_case (id),
    enterprise_id TEXT NOT NULL,
    backed_as     TEXT NOT NULL,
    amount        BIGINT NOT NULL CHECK (amount > 0),
    PRIMARY KEY (case_id, backed_as)
);
CREATE INDEX guarantee_backer_of ON guarantee_backer (enterprise_id);
CREATE TABLE guarantee_case (
    id            TEXT NOT NULL PRIMARY KEY,
    number        TEXT NOT NULL UNIQUE,
    region        TEXT NOT NULL,
    guarantor_id  TEXT NOT NULL REFERENCES guarantor (id),
    bank_id       TEXT NOT NULL,
    enterprise_id TEXT NOT NULL,
    applied_as    TEXT NOT NULL,
    size          TEXT NOT NULL,
    need_id       TEXT NOT NULL,
    amount        BIGINT NOT NULL CHECK (amount > 0),
    months        BIGINT NOT NULL,
    purpose       TEXT NOT NULL,
    security      TEXT NOT NULL,
    state         TEXT NOT NULL,
    applied       TEXT NOT NULL,
    found_on      TEXT NOT NULL,
    found_by      TEXT NOT NULL,
    found_amount  BIGINT NOT NULL,
    found_opinion TEXT NOT NULL,
    granted_on     TEXT NOT NULL,
    granted_amount BIGINT NOT NULL,
    granted_months BIGINT NOT NULL,
    deal_number   TEXT NOT NULL,
    deal_on       TEXT NOT NULL,
    deal_until    TEXT NOT NULL,
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
CREATE INDEX guarantee_case_applied ON guarantee_case (applied, id);
CREATE INDEX guarantee_case_bank ON guarantee_case (bank_id, applied, id);
CREATE UNIQUE INDEX guarantee_case_deal ON guarantee_case (guarantor_id, deal_number) WHERE deal_number <> '' AND state <> 'cancelled';
CREATE INDEX guarantee_case_enterprise ON guarantee_case (enterprise_id, applied, id);
CREATE INDEX guarantee_case_guarantor ON guarantee_case (guarantor_id, applied, id);
CREATE INDEX guarantee_case_region ON guarantee_case (region, applied, id);
CREATE TABLE guarantee_group (
    enterprise_id TEXT NOT NULL PRIMARY KEY,
    grp           TEXT NOT NULL
);
CREATE INDEX guarantee_group_of ON guarantee_group (grp);
CREATE TABLE guarantee_meeting (
    case_id TEXT NOT NULL PRIMARY KEY REFERENCES guarantee_case (id),
    held_on TEXT NOT NULL,
    votes   TEXT NOT NULL,
    passed  BIGINT NOT NULL
);
CREATE TABLE guarantee_need (
    id            TEXT NOT NULL PRIMARY KEY,
    number        TEXT NOT NULL UNIQUE,
    region        TEXT NOT NULL,
    enterprise_id TEXT NOT NULL,
    posted_as     TEXT NOT NULL,
    amount        BIGINT NOT NULL CHECK (amount > 0),
    months        BIGINT NOT NULL,
    purpose       TEXT NOT NULL,
    security      TEXT NOT NULL,
    wanted_by     TEXT NOT NULL,
    state         TEXT NOT NULL,
    posted_at     BIGINT NOT NULL,
    offer_id      TEXT NOT NULL,
    case_id       TEXT NOT NULL,
    funded_on     TEXT NOT NULL,
    funded        BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX guarantee_need_enterprise ON guarantee_need (enterprise_id, posted_at, id);
CREATE INDEX guarantee_need_region ON guarantee_need (region, posted_at, id);
CREATE TABLE guarantee_number (
    county TEXT NOT NULL,
    year   TEXT NOT NULL,
    last   BIGINT NOT NULL,
    PRIMARY KEY (county, year)
);
CREATE TABLE guarantee_offer (
    id             TEXT NOT NULL PRIMARY KEY,
    need_id        TEXT NOT NULL REFERENCES guarantee_need (id),
    institution_id TEXT NOT NULL REFERENCES institution (id),
    kind           TEXT NOT NULL,
    amount         BIGINT NOT NULL CHECK (amount > 0),
    months         BIGINT NOT NULL,
    rate           BIGINT NOT NULL CHECK (rate >= 0),
    words          TEXT NOT NULL,
    valid_until    TEXT NOT NULL,
    made_at        BIGINT NOT NULL
);
CREATE INDEX guarantee_offer_by ON guarantee_offer (institution_id);
CREATE UNIQUE INDEX guarantee_offer_one ON guarantee_offer (need_id, institution_id);
CREATE TABLE guarantee_posting (
    id           TEXT NOT NULL PRIMARY KEY,
    guarantor_id TEXT NOT NULL REFERENCES guarantor (id),
    of_id        TEXT NOT NULL,
    account      TEXT NOT NULL,
    posted_on    TEXT NOT NULL,
    amount       BIGINT NOT NULL,
    action       TEXT NOT NULL,
    reverses     TEXT NOT NULL,
    at           BIGINT NOT NULL,
    by_id        TEXT NOT NULL,
    by_name      TEXT NOT NULL
);
CREATE INDEX guarantee_posting_book ON guarantee_posting (guarantor_id, account, posted_on, of_id, amount);
CREATE INDEX guarantee_posting_of ON guarantee_posting (of_id, account, posted_on);
CREATE UNIQUE INDEX guarantee_posting_once ON guarantee_posting (reverses) WHERE reverses <> '';
CREATE TABLE guarantee_rule (
    id           TEXT NOT NULL PRIMARY KEY,
    valid_from   TEXT NOT NULL,
    body         TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE TABLE guarantor (
    id         TEXT NOT NULL PRIMARY KEY REFERENCES institution (id),
    type       TEXT NOT NULL,
    level      TEXT NOT NULL,
    since      TEXT NOT NULL,
    ended      TEXT NOT NULL,
    park       TEXT NOT NULL,
    park_name  TEXT NOT NULL,
    multiple   BIGINT NOT NULL CHECK (multiple >= 0),
    member_cap BIGINT NOT NULL CHECK (member_cap >= 0),
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE guarantor_bank (
    guarantor_id TEXT NOT NULL REFERENCES guarantor (id),
    bank_id      TEXT NOT NULL REFERENCES institution (id),
    line         BIGINT NOT NULL CHECK (line >= 0),
    valid_from   TEXT NOT NULL,
    valid_to     TEXT NOT NULL,
    PRIMARY KEY (guarantor_id, bank_id)
);
CREATE INDEX guarantor_bank_of ON guarantor_bank (bank_id);
CREATE TABLE guarantor_filing (
    id           TEXT NOT NULL PRIMARY KEY,
    guarantor_id TEXT NOT NULL REFERENCES guarantor (id),
    kind         TEXT NOT NULL,
    valid_from   TEXT NOT NULL,
    body         TEXT NOT NULL,
    state        TEXT NOT NULL,
    at           BIGINT NOT NULL,
    by_id        TEXT NOT NULL,
    by_name      TEXT NOT NULL,
    decided_at   BIGINT NOT NULL,
    decided_by   TEXT NOT NULL,
    words        TEXT NOT NULL
);
CREATE INDEX guarantor_filing_of ON guarantor_filing (guarantor_id, state, at);
CREATE INDEX guarantor_filing_open ON guarantor_filing (guarantor_id) WHERE state = 'open';
CREATE TABLE guarantor_finance (
    guarantor_id TEXT NOT NULL REFERENCES guarantor (id),
    valid_from   TEXT NOT NULL,
    registered   BIGINT NOT NULL CHECK (registered >= 0),
    net_assets   BIGINT NOT NULL,
    invested     BIGINT NOT NULL,
    unearned     BIGINT NOT NULL,
    compensation BIGINT NOT NULL,
    general      BIGINT NOT NULL,
    source       TEXT NOT NULL,
    PRIMARY KEY (guarantor_id, valid_from)
);
CREATE TABLE guarantor_member (
    id            TEXT NOT NULL PRIMARY KEY,
    guarantor_id  TEXT NOT NULL REFERENCES guarantor (id),
    enterprise_id TEXT NOT NULL,
    joined_as     TEXT NOT NULL,
    joined        TEXT NOT NULL,
    left_on       TEXT NOT NULL
);
CREATE INDEX guarantor_member_now ON guarantor_member (guarantor_id, left_on, enterprise_id);
CREATE INDEX guarantor_member_of ON guarantor_member (enterprise_id);
CREATE TABLE guarantor_outlet (
    guarantor_id TEXT NOT NULL REFERENCES guarantor (id),
    town         TEXT NOT NULL,
    valid_from   TEXT NOT NULL,
    valid_to     TEXT NOT NULL,
    PRIMARY KEY (guarantor_id, town)
);
CREATE INDEX guarantor_outlet_town ON guarantor_outlet (town);
CREATE TABLE guarantor_settlement (
    member_id    TEXT NOT NULL PRIMARY KEY REFERENCES guarantor_member (id),
    guarantor_id TEXT NOT NULL REFERENCES guarantor (id),
    paid         BIGINT NOT NULL,
    shares       BIGINT NOT NULL,
    fund         BIGINT NOT NULL,
    payout       BIGINT NOT NULL CHECK (payout >= 0)
);
CREATE INDEX guarantor_settlement_of ON guarantor_settlement (guarantor_id);
CREATE TABLE guarantor_standing (
    guarantor_id TEXT NOT NULL REFERENCES guarantor (id),
    valid_from   TEXT NOT NULL,
    type         TEXT NOT NULL,
    level        TEXT NOT NULL,
    source       TEXT NOT NULL,
    PRIMARY KEY (guarantor_id, valid_from)
);
CREATE TABLE guarantor_statement (
    guarantor_id TEXT NOT NULL REFERENCES guarantor (id),
    as_of        TEXT NOT NULL,
    total        BIGINT NOT NULL CHECK (total > 0),
    receivable   BIGINT NOT NULL CHECK (receivable >= 0),
    first_class  BIGINT NOT NULL CHECK (first_class >= 0),
    second_class BIGINT NOT NULL CHECK (second_class >= 0),
    third_class  BIGINT NOT NULL CHECK (third_class >= 0),
    source       TEXT NOT NULL,
    PRIMARY KEY (guarantor_id, as_of)
);
CREATE TABLE indicator_definition (
    id         TEXT NOT NULL,
    version    BIGINT NOT NULL,
    from_year  BIGINT NOT NULL,
    position   BIGINT NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TABLE indicator_return (
    id         TEXT NOT NULL PRIMARY KEY,
    region     TEXT NOT NULL,
    year       BIGINT NOT NULL,
    state      TEXT NOT NULL,
    version    BIGINT NOT NULL,
    filled_by  TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    reason     TEXT NOT NULL,
    created    BIGINT NOT NULL,
    changed    BIGINT NOT NULL,
    UNIQUE (region, year)
);
CREATE INDEX indicator_return_state ON indicator_return (state, region, year);
CREATE TABLE indicator_target (
    id        TEXT NOT NULL PRIMARY KEY,
    region    TEXT NOT NULL,
    year      BIGINT NOT NULL,
    indicator TEXT NOT NULL,
    quantity  BIGINT NOT NULL,
    document  TEXT NOT NULL,
    version   BIGINT NOT NULL,
    UNIQUE (region, year, indicator)
);
CREATE TABLE indicator_value (
    return_id TEXT NOT NULL REFERENCES indicator_return (id),
    indicator TEXT NOT NULL,
    quantity  BIGINT NOT NULL,
    PRIMARY KEY (return_id, indicator)
);
CREATE TABLE institution (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    region     TEXT NOT NULL,
    kinds      TEXT NOT NULL,
    level      TEXT NOT NULL,
    code       TEXT NOT NULL,
    founded    TEXT NOT NULL,
    since      TEXT NOT NULL,
    ended      TEXT NOT NULL,
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
CREATE UNIQUE INDEX institution_code ON institution (code) WHERE code <> '';
CREATE INDEX institution_name ON institution (name, id);
CREATE INDEX institution_region ON institution (region, name, id);
CREATE TABLE institution_contact (
    institution_id TEXT NOT NULL REFERENCES institution (id),
    position       BIGINT NOT NULL,
    name           TEXT NOT NULL,
    post           TEXT NOT NULL,
    phone          TEXT NOT NULL,
    email          TEXT NOT NULL,
    PRIMARY KEY (institution_id, position)
);
CREATE TABLE institution_service (
    id             TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institution (id),
    theme          TEXT NOT NULL,
    form           TEXT NOT NULL,
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
CREATE TABLE institution_task (
    id             TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institution (id),
    year           BIGINT NOT NULL,
    title          TEXT NOT NULL,
    status         TEXT NOT NULL,
    note           TEXT NOT NULL
);
CREATE INDEX institution_task_of ON institution_task (institution_id, year);
CREATE TABLE institution_term (
    id             TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institution (id),
    tier           TEXT NOT NULL,
    valid_from     TEXT NOT NULL,
    valid_to       TEXT NOT NULL,
    document       TEXT NOT NULL
);
CREATE INDEX institution_term_of ON institution_term (institution_id, valid_from);
CREATE TABLE job_run (
    id      TEXT NOT NULL PRIMARY KEY,
    job     BIGINT NOT NULL,
    kind    TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    started BIGINT NOT NULL,
    ended   BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    counts  TEXT NOT NULL,
    error   TEXT NOT NULL
);
CREATE INDEX job_run_job ON job_run (job);
CREATE INDEX job_run_kind ON job_run (kind, started);
CREATE TABLE ledger_alias (
    n    BIGINT NOT NULL PRIMARY KEY,
    heir BIGINT NOT NULL,
    root BIGINT NOT NULL
);
CREATE TABLE ledger_bitmap (
    stream   TEXT NOT NULL,
    who      TEXT NOT NULL,
    grain    TEXT NOT NULL,
    month    TEXT NOT NULL,
    region   TEXT NOT NULL,
    d1       TEXT NOT NULL,
    reported BIGINT NOT NULL,
    bits     BLOB NOT NULL,
    PRIMARY KEY (stream, who, grain, month, region, d1, reported)
);
CREATE TABLE ledger_cell (
    stream   TEXT NOT NULL,
    grain    TEXT NOT NULL,
    month    TEXT NOT NULL,
    region   TEXT NOT NULL,
    d1       TEXT NOT NULL,
    d2       TEXT NOT NULL,
    d3       TEXT NOT NULL,
    d4       TEXT NOT NULL,
    reported BIGINT NOT NULL,
    n        BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    amount   BIGINT NOT NULL,
    PRIMARY KEY (stream, grain, month, region, d1, d2, d3, d4, reported)
) WITHOUT ROWID;
CREATE TABLE ledger_fact (
    id          INTEGER PRIMARY KEY,
    stream      TEXT NOT NULL,
    occurred_on TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    region      TEXT NOT NULL,
    subject     BIGINT NOT NULL,
    enterprise  BIGINT NOT NULL,
    institution BIGINT NOT NULL,
    person      BIGINT NOT NULL,
    d1          TEXT NOT NULL,
    d2          TEXT NOT NULL,
    d3          TEXT NOT NULL,
    d4          TEXT NOT NULL,
    quantity    BIGINT NOT NULL,
    amount      BIGINT NOT NULL,
    record_kind TEXT NOT NULL,
    record_id   TEXT NOT NULL,
    reported    BIGINT NOT NULL,
    site        TEXT NOT NULL,
    reverses    BIGINT NOT NULL
);
CREATE INDEX ledger_fact_day ON ledger_fact (stream, occurred_on, id);
CREATE INDEX ledger_fact_place ON ledger_fact (stream, region, occurred_on);
CREATE INDEX ledger_fact_record ON ledger_fact (record_kind, record_id);
CREATE UNIQUE INDEX ledger_fact_reverses ON ledger_fact (reverses) WHERE reverses <> 0;
CREATE INDEX ledger_fact_subject ON ledger_fact (stream, subject, occurred_on, id);
CREATE TABLE ledger_kept (
    stream TEXT NOT NULL,
    who    TEXT NOT NULL,
    ready  BIGINT NOT NULL,
    PRIMARY KEY (stream, who)
);
CREATE TABLE ledger_lock (
    id TEXT NOT NULL PRIMARY KEY
);
CREATE TABLE ledger_place (
    region TEXT NOT NULL PRIMARY KEY
);
CREATE TABLE ledger_seal (
    period     TEXT NOT NULL,
    region     TEXT NOT NULL,
    figure     TEXT NOT NULL,
    issue      BIGINT NOT NULL,
    value      TEXT NOT NULL,
    definition BIGINT NOT NULL,
    position   BIGINT NOT NULL,
    sealed_at  BIGINT NOT NULL,
    PRIMARY KEY (period, region, figure, issue)
);
CREATE TABLE ledger_subject (
    n    INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id   TEXT NOT NULL
);
CREATE UNIQUE INDEX ledger_subject_id ON ledger_subject (kind, id);
CREATE TABLE ledger_tail (
    stream TEXT NOT NULL,
    fact   BIGINT NOT NULL,
    PRIMARY KEY (stream, fact)
) WITHOUT ROWID;
CREATE UNIQUE INDEX ledger_tail_fact ON ledger_tail (fact);
CREATE TABLE ledger_version (
    stream  TEXT NOT NULL,
    month   TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (stream, month)
) WITHOUT ROWID;
CREATE TABLE need (
    id             TEXT NOT NULL PRIMARY KEY,
    number         TEXT NOT NULL UNIQUE,
    region         TEXT NOT NULL,
    office         TEXT NOT NULL,
    enterprise_id  TEXT NOT NULL,
    posted_for     TEXT NOT NULL,
    person_id      TEXT NOT NULL,
    requester      TEXT NOT NULL,
    size           TEXT NOT NULL,
    channel        TEXT NOT NULL,
    theme          TEXT NOT NULL,
    title          TEXT NOT NULL,
    body           TEXT NOT NULL,
    amount         BIGINT NOT NULL CHECK (amount >= 0),
    months         BIGINT NOT NULL,
    collateral     TEXT NOT NULL,
    wanted_by      TEXT NOT NULL,
    state          TEXT NOT NULL,
    back           TEXT NOT NULL,
    institution_id TEXT NOT NULL,
    in_charge      BIGINT NOT NULL,
    assignee       TEXT NOT NULL,
    assignee_name  TEXT NOT NULL,
    whole_clock    TEXT NOT NULL,
    step_clock     TEXT NOT NULL,
    due            BIGINT NOT NULL,
    due_step       TEXT NOT NULL,
    posted_at      BIGINT NOT NULL,
    finished_at    BIGINT NOT NULL,
    on_time        BIGINT NOT NULL,
    closed_at      BIGINT NOT NULL,
    outcome        TEXT NOT NULL,
    rated          BIGINT NOT NULL,
    reminded       BIGINT NOT NULL,
    supervised     BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);
CREATE INDEX need_alike ON need (theme, finished_at);
CREATE INDEX need_assignee ON need (assignee, state, due);
CREATE INDEX need_closed ON need (closed_at);
CREATE INDEX need_county_posted ON need (substr(region, 1, 6), posted_at, id);
CREATE INDEX need_county_theme ON need (substr(region, 1, 6), theme, posted_at, id);
CREATE INDEX need_due ON need (due, id);
CREATE INDEX need_enterprise ON need (enterprise_id, posted_at);
CREATE INDEX need_person ON need (person_id, posted_at);
CREATE INDEX need_posted ON need (posted_at, id, region);
CREATE INDEX need_theme_posted ON need (theme, posted_at, id);
CREATE INDEX need_todo ON need (region, state, due);
CREATE TABLE need_callback (
    need_id   TEXT NOT NULL PRIMARY KEY REFERENCES need (id),
    region    TEXT NOT NULL,
    office    TEXT NOT NULL,
    picked_at BIGINT NOT NULL,
    heard     TEXT NOT NULL,
    note      TEXT NOT NULL,
    called_by TEXT NOT NULL,
    called_at BIGINT NOT NULL,
    version   BIGINT NOT NULL
);
CREATE INDEX need_callback_open ON need_callback (region, heard, picked_at);
CREATE TABLE need_contact (
    need_id TEXT NOT NULL PRIMARY KEY REFERENCES need (id),
    name    TEXT NOT NULL,
    post    TEXT NOT NULL,
    phone   TEXT NOT NULL
);
CREATE TABLE need_delivery (
    id               TEXT NOT NULL PRIMARY KEY,
    need_id          TEXT NOT NULL REFERENCES need (id),
    institution_id   TEXT NOT NULL,
    institution_name TEXT NOT NULL,
    day              TEXT NOT NULL,
    theme            TEXT NOT NULL,
    form             TEXT NOT NULL,
    amount           BIGINT NOT NULL CHECK (amount >= 0),
    quantity         BIGINT NOT NULL CHECK (quantity > 0),
    body             TEXT NOT NULL,
    reach            TEXT NOT NULL,
    crowd            TEXT NOT NULL,
    rhythm           TEXT NOT NULL,
    topic            TEXT NOT NULL,
    region           TEXT NOT NULL,
    tier             TEXT NOT NULL,
    size             TEXT NOT NULL,
    state            TEXT NOT NULL,
    recorded_by      TEXT NOT NULL,
    recorded_name    TEXT NOT NULL,
    recorded_at      BIGINT NOT NULL,
    confirmed_at     BIGINT NOT NULL,
    reason           TEXT NOT NULL
);
CREATE INDEX need_delivery_by ON need_delivery (institution_id, day);
CREATE INDEX need_delivery_of ON need_delivery (need_id, recorded_at);
CREATE TABLE need_event (
    need_id    TEXT NOT NULL REFERENCES need (id),
    seq        BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    action     TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    note       TEXT NOT NULL,
    PRIMARY KEY (need_id, seq)
);
CREATE TABLE need_number (
    county TEXT NOT NULL,
    year   TEXT NOT NULL,
    last   BIGINT NOT NULL,
    PRIMARY KEY (county, year)
);
CREATE TABLE need_offer (
    id               TEXT NOT NULL PRIMARY KEY,
    need_id          TEXT NOT NULL REFERENCES need (id),
    institution_id   TEXT NOT NULL,
    institution_name TEXT NOT NULL,
    reasons          TEXT NOT NULL,
    note             TEXT NOT NULL,
    offered_by       TEXT NOT NULL,
    offered_name     TEXT NOT NULL,
    offered_at       BIGINT NOT NULL,
    due              BIGINT NOT NULL,
    answer           TEXT NOT NULL,
    words            TEXT NOT NULL,
    answered_by      TEXT NOT NULL,
    answered_at      BIGINT NOT NULL,
    on_time          BIGINT NOT NULL
);
CREATE INDEX need_offer_at ON need_offer (offered_at, institution_id);
CREATE INDEX need_offer_of ON need_offer (need_id, institution_id);
CREATE INDEX need_offer_to ON need_offer (institution_id, answer, due);
CREATE TABLE need_rating (
    need_id  TEXT NOT NULL PRIMARY KEY REFERENCES need (id),
    on_time  BIGINT NOT NULL,
    solved   TEXT NOT NULL,
    score    BIGINT NOT NULL CHECK (score BETWEEN 1 AND 5),
    words    TEXT NOT NULL,
    rated_by TEXT NOT NULL,
    rated_at BIGINT NOT NULL
);
CREATE TABLE notify_message (
    id      TEXT NOT NULL PRIMARY KEY,
    person  TEXT NOT NULL,
    key     TEXT NOT NULL,
    args    TEXT NOT NULL,
    link    TEXT NOT NULL,
    created BIGINT NOT NULL,
    read_at BIGINT NOT NULL
);
CREATE INDEX notify_message_created ON notify_message (created);
CREATE INDEX notify_message_person ON notify_message (person, id);
CREATE INDEX notify_message_unread ON notify_message (person) WHERE read_at = 0;
CREATE TABLE notify_wish (
    person TEXT NOT NULL PRIMARY KEY,
    mail   BIGINT NOT NULL
);
CREATE TABLE park (
    id            TEXT NOT NULL PRIMARY KEY,
    name          TEXT NOT NULL,
    region        TEXT NOT NULL,
    developer     TEXT NOT NULL,
    operator      TEXT NOT NULL,
    operator_id   TEXT NOT NULL,
    land          BIGINT NOT NULL CHECK (land >= 0),
    planned_on    TEXT NOT NULL,
    begun_on      TEXT NOT NULL,
    opened_on     TEXT NOT NULL,
    ended_on      TEXT NOT NULL,
    facilities    TEXT NOT NULL,
    about         TEXT NOT NULL,
    address       TEXT NOT NULL,
    published     BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX park_name ON park (name, id);
CREATE INDEX park_operator ON park (operator_id) WHERE operator_id <> '';
CREATE INDEX park_region ON park (region, name, id);
CREATE TABLE park_building (
    id           TEXT NOT NULL PRIMARY KEY,
    park_id      TEXT NOT NULL REFERENCES park (id),
    name         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    floors       BIGINT NOT NULL,
    area         BIGINT NOT NULL CHECK (area > 0),
    planned_on   TEXT NOT NULL,
    begun_on     TEXT NOT NULL,
    completed_on TEXT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE UNIQUE INDEX park_building_name ON park_building (park_id, name);
CREATE TABLE park_grade (
    id         TEXT NOT NULL PRIMARY KEY,
    park_id    TEXT NOT NULL REFERENCES park (id),
    grade      TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to   TEXT NOT NULL,
    document   TEXT NOT NULL
);
CREATE INDEX park_grade_of ON park_grade (park_id, valid_from);
CREATE TABLE park_opinion (
    id      TEXT NOT NULL PRIMARY KEY,
    plan_id TEXT NOT NULL REFERENCES park_plan (id),
    round   BIGINT NOT NULL,
    expert  TEXT NOT NULL,
    post    TEXT NOT NULL,
    verdict TEXT NOT NULL,
    words   TEXT NOT NULL,
    noted_by TEXT NOT NULL,
    noted_at BIGINT NOT NULL
);
CREATE INDEX park_opinion_of ON park_opinion (plan_id, round, id);
CREATE TABLE park_plan (
    id           TEXT NOT NULL PRIMARY KEY,
    region       TEXT NOT NULL,
    year         BIGINT NOT NULL,
    title        TEXT NOT NULL,
    land         BIGINT NOT NULL,
    floor_area   BIGINT NOT NULL,
    parks        BIGINT NOT NULL,
    body         TEXT NOT NULL,
    state        TEXT NOT NULL,
    round        BIGINT NOT NULL,
    submitted_by TEXT NOT NULL,
    submitted_on TEXT NOT NULL,
    approved_on  TEXT NOT NULL,
    document     TEXT NOT NULL,
    slot         TEXT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE UNIQUE INDEX park_plan_slot ON park_plan (slot) WHERE slot <> '';
CREATE INDEX park_plan_state ON park_plan (state, region);
CREATE INDEX park_plan_year ON park_plan (region, year);
CREATE TABLE park_space (
    id          TEXT NOT NULL PRIMARY KEY,
    tenancy_id  TEXT NOT NULL REFERENCES park_tenancy (id),
    building_id TEXT NOT NULL REFERENCES park_building (id),
    area        BIGINT NOT NULL CHECK (area > 0),
    valid_from  TEXT NOT NULL,
    valid_to    TEXT NOT NULL
);
CREATE INDEX park_space_in ON park_space (building_id, valid_from);
CREATE INDEX park_space_of ON park_space (tenancy_id, valid_from);
CREATE TABLE park_tenancy (
    id            TEXT NOT NULL PRIMARY KEY,
    park_id       TEXT NOT NULL REFERENCES park (id),
    enterprise_id TEXT NOT NULL,
    entered_for   TEXT NOT NULL,
    entered_on    TEXT NOT NULL,
    left_on       TEXT NOT NULL,
    way           TEXT NOT NULL,
    note          TEXT NOT NULL,
    undone        BIGINT NOT NULL,
    version       BIGINT NOT NULL
);
CREATE INDEX park_tenancy_entered_for ON park_tenancy (entered_for);
CREATE INDEX park_tenancy_enterprise ON park_tenancy (enterprise_id);
CREATE INDEX park_tenancy_of ON park_tenancy (park_id, entered_on, id);
CREATE TABLE park_wish (
    id            TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL,
    wished_for    TEXT NOT NULL,
    county        TEXT NOT NULL,
    region        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    area          BIGINT NOT NULL CHECK (area > 0),
    needed_by     TEXT NOT NULL,
    body          TEXT NOT NULL,
    state         TEXT NOT NULL,
    building_id   TEXT NOT NULL,
    park_id       TEXT NOT NULL,
    tenancy_id    TEXT NOT NULL,
    posted_at     BIGINT NOT NULL,
    version       BIGINT NOT NULL
);
CREATE INDEX park_wish_enterprise ON park_wish (enterprise_id);
CREATE INDEX park_wish_park ON park_wish (park_id) WHERE park_id <> '';
CREATE INDEX park_wish_region ON park_wish (region, state);
CREATE INDEX park_wish_wished_for ON park_wish (wished_for);
CREATE TABLE recognition_application (
    id           TEXT NOT NULL PRIMARY KEY,
    call_id      TEXT NOT NULL,
    title        TEXT NOT NULL,
    office       TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id   TEXT NOT NULL,
    subject_name TEXT NOT NULL,
    region       TEXT NOT NULL,
    party_kind   TEXT NOT NULL,
    party_id     TEXT NOT NULL,
    inputs       TEXT NOT NULL, -- JSON
    evidence     TEXT NOT NULL, -- JSON
    words        TEXT NOT NULL,
    state        TEXT NOT NULL,
    score        BIGINT NOT NULL, -- hundredths
    spread       BIGINT NOT NULL,
    public_on    TEXT NOT NULL,
    public_to    TEXT NOT NULL,
    reason       TEXT NOT NULL,
    filled_by    TEXT NOT NULL,
    submitted_at BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE INDEX recognition_application_list ON recognition_application (call_id, state, score);
CREATE INDEX recognition_application_office ON recognition_application (office, state);
CREATE UNIQUE INDEX recognition_application_once ON recognition_application (call_id, subject_kind, subject_id) WHERE state <> 'withdrawn';
CREATE INDEX recognition_application_party ON recognition_application (party_id);
CREATE INDEX recognition_application_place ON recognition_application (region, state);
CREATE INDEX recognition_application_public ON recognition_application (state, public_to);
CREATE TABLE recognition_award (
    id             TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL,
    title          TEXT NOT NULL,
    office         TEXT NOT NULL,
    subject_kind   TEXT NOT NULL,
    subject_id     TEXT NOT NULL,
    subject_name   TEXT NOT NULL,
    region         TEXT NOT NULL,
    party_kind     TEXT NOT NULL,
    party_id       TEXT NOT NULL,
    grade          TEXT NOT NULL,
    was            TEXT NOT NULL, -- the grade before it was downgraded
    regraded       TEXT NOT NULL, -- the day of that
    valid_from     TEXT NOT NULL,
    valid_to       TEXT NOT NULL,
    document       TEXT NOT NULL,
    state          TEXT NOT NULL,
    version        BIGINT NOT NULL
, report_told BIGINT NOT NULL DEFAULT 0, report_by TEXT NOT NULL DEFAULT '03-31', recheck_from TEXT NOT NULL DEFAULT '');
CREATE INDEX recognition_award_application ON recognition_award (application_id);
CREATE INDEX recognition_award_office ON recognition_award (office, state);
CREATE INDEX recognition_award_party ON recognition_award (party_id);
CREATE INDEX recognition_award_subject ON recognition_award (subject_kind, subject_id);
CREATE INDEX recognition_award_title ON recognition_award (title, state, valid_to);
CREATE TABLE recognition_call (
    id               TEXT NOT NULL PRIMARY KEY,
    title            TEXT NOT NULL,
    office           TEXT NOT NULL,
    name             TEXT NOT NULL,
    document         TEXT NOT NULL,
    body             TEXT NOT NULL,
    year             BIGINT NOT NULL,
    criteria_version BIGINT NOT NULL,
    opens            TEXT NOT NULL,
    closes           TEXT NOT NULL,
    quota            BIGINT NOT NULL,
    state            TEXT NOT NULL,
    version          BIGINT NOT NULL
, grade TEXT NOT NULL DEFAULT '', months BIGINT NOT NULL DEFAULT 0, publicity BIGINT NOT NULL DEFAULT 0, reviewers BIGINT NOT NULL DEFAULT 0);
CREATE INDEX recognition_call_state ON recognition_call (state, closes, id);
CREATE TABLE recognition_conflict (
    id         TEXT NOT NULL PRIMARY KEY,
    person     TEXT NOT NULL,
    party_kind TEXT NOT NULL,
    party_id   TEXT NOT NULL,
    party_name TEXT NOT NULL,
    reason     TEXT NOT NULL, office TEXT NOT NULL DEFAULT '', noted_by TEXT NOT NULL DEFAULT '', noted_at BIGINT NOT NULL DEFAULT 0, ended_on TEXT NOT NULL DEFAULT '',
    UNIQUE (person, party_kind, party_id)
);
CREATE INDEX recognition_conflict_party ON recognition_conflict (party_kind, party_id);
CREATE TABLE recognition_objection (
    id             TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL,
    by_id          TEXT NOT NULL,
    by_name        TEXT NOT NULL,
    words          TEXT NOT NULL,
    at             BIGINT NOT NULL,
    answer         TEXT NOT NULL,
    upheld         BIGINT NOT NULL,
    answered_at    BIGINT NOT NULL
);
CREATE INDEX recognition_objection_of ON recognition_objection (application_id, at);
CREATE TABLE recognition_report (
    award_id TEXT NOT NULL,
    year     BIGINT NOT NULL,
    words    TEXT NOT NULL,
    inputs   TEXT NOT NULL, -- JSON
    by_id    TEXT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (award_id, year)
);
CREATE TABLE recognition_review (
    id             TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL,
    person         TEXT NOT NULL,
    name           TEXT NOT NULL,
    state          TEXT NOT NULL,
    points         TEXT NOT NULL, -- JSON
    remarks        TEXT NOT NULL, -- JSON
    words          TEXT NOT NULL,
    total          BIGINT NOT NULL, -- hundredths
    assigned_at    BIGINT NOT NULL,
    done_at        BIGINT NOT NULL,
    UNIQUE (application_id, person)
);
CREATE INDEX recognition_review_person ON recognition_review (person, state);
CREATE TABLE recognition_title (
    id        TEXT NOT NULL PRIMARY KEY,
    name      TEXT NOT NULL,
    name_en   TEXT NOT NULL,
    subject   TEXT NOT NULL,
    grade     TEXT NOT NULL,
    below     TEXT NOT NULL,
    criteria  TEXT NOT NULL,
    months    BIGINT NOT NULL,
    publicity BIGINT NOT NULL,
    reviewers BIGINT NOT NULL,
    version   BIGINT NOT NULL
, report_by TEXT NOT NULL DEFAULT '03-31', recheck_days BIGINT NOT NULL DEFAULT 90);
CREATE TABLE techplatform (
    id             TEXT NOT NULL PRIMARY KEY,
    name           TEXT NOT NULL,
    kind           TEXT NOT NULL,
    institution_id TEXT NOT NULL,
    base_id        TEXT NOT NULL,
    functions      TEXT NOT NULL,
    industry       TEXT NOT NULL,
    region         TEXT NOT NULL,
    founded        TEXT NOT NULL,
    ended          TEXT NOT NULL,
    address        TEXT NOT NULL,
    about          TEXT NOT NULL,
    published      BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);
CREATE INDEX techplatform_institution ON techplatform (institution_id);
CREATE INDEX techplatform_region ON techplatform (region);
CREATE TABLE techplatform_base (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    region     TEXT NOT NULL,
    industry   TEXT NOT NULL,
    since      TEXT NOT NULL,
    ended      TEXT NOT NULL,
    about      TEXT NOT NULL,
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX techplatform_base_region ON techplatform_base (region);
CREATE TABLE techplatform_booking (
    id            TEXT NOT NULL PRIMARY KEY,
    instrument_id TEXT NOT NULL,
    order_id      TEXT NOT NULL,
    day           TEXT NOT NULL,
    from_minute   BIGINT NOT NULL,
    to_minute     BIGINT NOT NULL CHECK (to_minute > from_minute),
    note          TEXT NOT NULL
);
CREATE INDEX techplatform_booking_day ON techplatform_booking (instrument_id, day);
CREATE INDEX techplatform_booking_order ON techplatform_booking (order_id);
CREATE TABLE techplatform_founder (
    platform_id TEXT NOT NULL,
    position    BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    what        TEXT NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount >= 0),
    note        TEXT NOT NULL,
    PRIMARY KEY (platform_id, position)
);
CREATE TABLE techplatform_grade (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    english    TEXT NOT NULL,
    position   BIGINT NOT NULL,
    ended      BIGINT NOT NULL,
    version    BIGINT NOT NULL
);
CREATE TABLE techplatform_instrument (
    id          TEXT NOT NULL PRIMARY KEY,
    platform_id TEXT NOT NULL,
    name        TEXT NOT NULL,
    model       TEXT NOT NULL,
    about       TEXT NOT NULL,
    price       BIGINT NOT NULL CHECK (price >= 0),
    opens       BIGINT NOT NULL,
    closes      BIGINT NOT NULL,
    weekends    BIGINT NOT NULL,
    ended       BIGINT NOT NULL
);
CREATE INDEX techplatform_instrument_platform ON techplatform_instrument (platform_id);
CREATE TABLE techplatform_intro (
    id             TEXT NOT NULL PRIMARY KEY,
    notice_id      TEXT NOT NULL,
    enterprise_id  TEXT NOT NULL,
    asked_for      TEXT NOT NULL,
    institution_id TEXT NOT NULL,
    party          TEXT NOT NULL,
    body           TEXT NOT NULL,
    contact        TEXT NOT NULL,
    state          TEXT NOT NULL,
    agreed_on      TEXT NOT NULL,
    amount         BIGINT NOT NULL CHECK (amount >= 0),
    asked_at       BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
, claimed_side TEXT NOT NULL DEFAULT '', claimed_by TEXT NOT NULL DEFAULT '', proof TEXT NOT NULL DEFAULT '', since BIGINT NOT NULL DEFAULT 0, late_told BIGINT NOT NULL DEFAULT 0, above_told BIGINT NOT NULL DEFAULT 0);
CREATE INDEX techplatform_intro_enterprise ON techplatform_intro (enterprise_id);
CREATE INDEX techplatform_intro_institution ON techplatform_intro (institution_id);
CREATE INDEX techplatform_intro_notice ON techplatform_intro (notice_id);
CREATE INDEX techplatform_intro_state ON techplatform_intro (state, since);
CREATE TABLE techplatform_link (
    base_id     TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    functions   TEXT NOT NULL,
    since       TEXT NOT NULL,
    PRIMARY KEY (base_id, platform_id)
);
CREATE INDEX techplatform_link_platform ON techplatform_link (platform_id);
CREATE TABLE techplatform_notice (
    id             TEXT NOT NULL PRIMARY KEY,
    number         TEXT NOT NULL UNIQUE,
    side           TEXT NOT NULL,
    title          TEXT NOT NULL,
    body           TEXT NOT NULL,
    industry       TEXT NOT NULL,
    amount         BIGINT NOT NULL CHECK (amount >= 0),
    contact        TEXT NOT NULL,
    enterprise_id  TEXT NOT NULL,
    posted_for     TEXT NOT NULL,
    institution_id TEXT NOT NULL,
    party          TEXT NOT NULL,
    region         TEXT NOT NULL,
    state          TEXT NOT NULL,
    submitted_by   TEXT NOT NULL,
    checked_by     TEXT NOT NULL,
    since          BIGINT NOT NULL,
    published_on   TEXT NOT NULL,
    until          TEXT NOT NULL,
    version        BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
, late_told BIGINT NOT NULL DEFAULT 0, above_told BIGINT NOT NULL DEFAULT 0);
CREATE INDEX techplatform_notice_enterprise ON techplatform_notice (enterprise_id);
CREATE INDEX techplatform_notice_institution ON techplatform_notice (institution_id);
CREATE INDEX techplatform_notice_region ON techplatform_notice (region);
CREATE INDEX techplatform_notice_state ON techplatform_notice (state, side, industry);
CREATE TABLE techplatform_number (
    year TEXT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);
CREATE TABLE techplatform_order (
    id             TEXT NOT NULL PRIMARY KEY,
    number         TEXT NOT NULL UNIQUE,
    platform_id    TEXT NOT NULL,
    institution_id TEXT NOT NULL,
    service_id     TEXT NOT NULL,
    service_name   TEXT NOT NULL,
    kind           TEXT NOT NULL,
    enterprise_id  TEXT NOT NULL,
    ordered_for    TEXT NOT NULL,
    requester      TEXT NOT NULL,
    region         TEXT NOT NULL,
    title          TEXT NOT NULL,
    body           TEXT NOT NULL,
    wanted_by      TEXT NOT NULL,
    instrument_id  TEXT NOT NULL,
    day            TEXT NOT NULL,
    from_minute    BIGINT NOT NULL,
    to_minute      BIGINT NOT NULL,
    state          TEXT NOT NULL,
    done_on        TEXT NOT NULL,
    report         TEXT NOT NULL,
    fee            BIGINT NOT NULL CHECK (fee >= 0),
    free           BIGINT NOT NULL,
    score          BIGINT NOT NULL,
    on_time        BIGINT NOT NULL,
    words          TEXT NOT NULL,
    placed_at      BIGINT NOT NULL,
    confirmed_at   BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
, since BIGINT NOT NULL DEFAULT 0, late_told BIGINT NOT NULL DEFAULT 0, above_told BIGINT NOT NULL DEFAULT 0);
CREATE INDEX techplatform_order_enterprise ON techplatform_order (enterprise_id, placed_at);
CREATE INDEX techplatform_order_institution ON techplatform_order (institution_id, placed_at);
CREATE INDEX techplatform_order_region ON techplatform_order (region, placed_at);
CREATE INDEX techplatform_order_state ON techplatform_order (state, since);
CREATE TABLE techplatform_patent (
    id            TEXT NOT NULL PRIMARY KEY,
    number        TEXT NOT NULL UNIQUE,
    kind          TEXT NOT NULL,
    title         TEXT NOT NULL,
    enterprise_id TEXT NOT NULL,
    held_by       TEXT NOT NULL,
    region        TEXT NOT NULL,
    applied       TEXT NOT NULL,
    granted       TEXT NOT NULL,
    ended         TEXT NOT NULL,
    ends          TEXT NOT NULL,
    on_offer      BIGINT NOT NULL,
    about         TEXT NOT NULL,
    version       BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX techplatform_patent_applied ON techplatform_patent (applied, id);
CREATE INDEX techplatform_patent_enterprise ON techplatform_patent (enterprise_id);
CREATE INDEX techplatform_patent_region ON techplatform_patent (region);
CREATE TABLE techplatform_patent_use (
    id        TEXT NOT NULL PRIMARY KEY,
    patent_id TEXT NOT NULL,
    year      BIGINT NOT NULL,
    way       TEXT NOT NULL,
    what      TEXT NOT NULL,
    revenue   BIGINT NOT NULL CHECK (revenue >= 0)
);
CREATE INDEX techplatform_patent_use_patent ON techplatform_patent_use (patent_id, year);
CREATE TABLE techplatform_product (
    id            TEXT NOT NULL PRIMARY KEY,
    number        TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    industry      TEXT NOT NULL,
    about         TEXT NOT NULL,
    patents       TEXT NOT NULL,
    enterprise_id TEXT NOT NULL,
    applied_for   TEXT NOT NULL,
    applicant     TEXT NOT NULL,
    region        TEXT NOT NULL,
    state         TEXT NOT NULL,
    since         BIGINT NOT NULL,
    applied_on    TEXT NOT NULL,
    grade_id      TEXT NOT NULL,
    certificate   TEXT NOT NULL,
    decided_on    TEXT NOT NULL,
    version       BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
, late_told BIGINT NOT NULL DEFAULT 0, above_told BIGINT NOT NULL DEFAULT 0);
CREATE INDEX techplatform_product_enterprise ON techplatform_product (enterprise_id);
CREATE INDEX techplatform_product_region ON techplatform_product (region);
CREATE INDEX techplatform_product_state ON techplatform_product (state, decided_on);
CREATE TABLE techplatform_service (
    id          TEXT NOT NULL PRIMARY KEY,
    platform_id TEXT NOT NULL,
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    price       BIGINT NOT NULL CHECK (price >= 0),
    unit        TEXT NOT NULL,
    free_share  BIGINT NOT NULL,
    ended       BIGINT NOT NULL
);
CREATE INDEX techplatform_service_platform ON techplatform_service (platform_id);
CREATE TABLE techplatform_term (
    id          TEXT NOT NULL PRIMARY KEY,
    platform_id TEXT NOT NULL,
    level       TEXT NOT NULL,
    valid_from  TEXT NOT NULL,
    valid_to    TEXT NOT NULL,
    document    TEXT NOT NULL
);
CREATE INDEX techplatform_term_platform ON techplatform_term (platform_id, valid_from);
CREATE TABLE techplatform_work (
    id             TEXT NOT NULL PRIMARY KEY,
    platform_id    TEXT NOT NULL,
    institution_id TEXT NOT NULL,
    service_id     TEXT NOT NULL,
    order_id       TEXT NOT NULL,
    kind           TEXT NOT NULL,
    done_on        TEXT NOT NULL,
    title          TEXT NOT NULL,
    fee            BIGINT NOT NULL CHECK (fee >= 0),
    free           BIGINT NOT NULL,
    region         TEXT NOT NULL,
    withdrawn      TEXT NOT NULL,
    version        BIGINT NOT NULL,
    made_at        BIGINT NOT NULL
, state TEXT NOT NULL DEFAULT 'counted', returned TEXT NOT NULL DEFAULT '', entered_by TEXT NOT NULL DEFAULT '');
CREATE INDEX techplatform_work_platform ON techplatform_work (platform_id, done_on, id);
CREATE INDEX techplatform_work_region ON techplatform_work (region, done_on, id);
CREATE INDEX techplatform_work_state ON techplatform_work (state, region);
CREATE TABLE techplatform_work_enterprise (
    work_id       TEXT NOT NULL,
    enterprise_id TEXT NOT NULL,
    served        TEXT NOT NULL,
    PRIMARY KEY (work_id, served)
);
CREATE INDEX techplatform_work_enterprise_of ON techplatform_work_enterprise (enterprise_id);
CREATE TABLE territory_key_town (
    town       TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to   TEXT NOT NULL,
    synthetic  BIGINT NOT NULL,
    PRIMARY KEY (town, valid_from)
);
CREATE TABLE territory_lineage (
    from_code TEXT NOT NULL,
    to_code   TEXT NOT NULL,
    on_date   TEXT NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('rename', 'upgrade', 'merge', 'split', 'move')),
    main      BIGINT NOT NULL,
    grade     TEXT NOT NULL,
    note      TEXT NOT NULL,
    PRIMARY KEY (from_code, to_code, on_date)
);
CREATE TABLE territory_region (
    code       TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to   TEXT NOT NULL,
    name       TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    short_name TEXT NOT NULL,
    level      BIGINT NOT NULL,
    parent     TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('admin', 'zone')),
    known_from TEXT NOT NULL, -- approximate before this day
    grade      TEXT NOT NULL,
    note       TEXT NOT NULL,
    PRIMARY KEY (code, valid_from)
);
CREATE INDEX territory_region_parent ON territory_region (parent, code);
CREATE TABLE territory_version (
    name    TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
CREATE TABLE xfer_part (
    run  TEXT NOT NULL REFERENCES xfer_run (id),
    side TEXT NOT NULL,
    n    BIGINT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (run, side, n)
);
CREATE TABLE xfer_run (
    id          TEXT NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,             -- of the file, as it was uploaded
    bytes       BIGINT NOT NULL,
    person      TEXT NOT NULL,
    person_name TEXT NOT NULL,
    region      TEXT NOT NULL, -- the place of the office that imports
    lang        TEXT NOT NULL, -- that reasons are written in
    state       TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL,
    done        BIGINT NOT NULL,           -- rows so far, while it runs
    added       BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    unchanged   BIGINT NOT NULL,
    rejected    BIGINT NOT NULL,
    preview     TEXT NOT NULL,             -- JSON
    version     BIGINT NOT NULL
, by_key TEXT NOT NULL DEFAULT '');
CREATE INDEX xfer_run_region ON xfer_run (region, id);
CREATE TABLE yearbook_edition (
    region    TEXT NOT NULL,
    year      BIGINT NOT NULL,
    edition   BIGINT NOT NULL,
    body      TEXT NOT NULL,
    frozen_by TEXT NOT NULL,
    frozen_at BIGINT NOT NULL,
    PRIMARY KEY (region, year, edition)
);
