-- Written by: go test ./internal/db -run Schema -update
-- The schema on postgres, as the migrations make it.

CREATE TABLE account_attempt (
    bucket text COLLATE "C" NOT NULL,
    failures bigint NOT NULL,
    last_at bigint NOT NULL,
    until_at bigint NOT NULL,
    PRIMARY KEY (bucket)
);
CREATE INDEX account_attempt_last ON account_attempt USING btree (last_at);
CREATE TABLE account_code (
    id text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    code text COLLATE "C" NOT NULL,
    tries bigint NOT NULL,
    ends_at bigint NOT NULL,
    used_at bigint NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (person) REFERENCES account_person(id)
);
CREATE INDEX account_code_person ON account_code USING btree (person, kind);
CREATE TABLE account_device (
    device text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    seen_at bigint NOT NULL,
    PRIMARY KEY (device, person),
    FOREIGN KEY (person) REFERENCES account_person(id)
);
CREATE INDEX account_device_person ON account_device USING btree (person);
CREATE TABLE account_grant (
    id text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    party_kind text NOT NULL,
    party_id text COLLATE "C" NOT NULL,
    from_at bigint NOT NULL,
    to_at bigint NOT NULL,
    given_by text COLLATE "C" NOT NULL,
    given_at bigint NOT NULL,
    ended_by text COLLATE "C" NOT NULL,
    ended_at bigint NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (person) REFERENCES account_person(id),
    FOREIGN KEY (role) REFERENCES account_role(id)
);
CREATE INDEX account_grant_party ON account_grant USING btree (party_id, role, ended_at);
CREATE INDEX account_grant_person ON account_grant USING btree (person, ended_at);
CREATE INDEX account_grant_region ON account_grant USING btree (region, role, ended_at);
CREATE INDEX account_grant_role ON account_grant USING btree (role, ended_at);
CREATE TABLE account_invitation (
    id text COLLATE "C" NOT NULL,
    login text COLLATE "C" NOT NULL,
    name text NOT NULL,
    role text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    party_kind text NOT NULL,
    party_id text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    tries bigint NOT NULL,
    state text NOT NULL,
    sent_by text COLLATE "C" NOT NULL,
    sent_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    person text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (role) REFERENCES account_role(id)
);
CREATE INDEX account_invitation_login ON account_invitation USING btree (login, state);
CREATE INDEX account_invitation_party ON account_invitation USING btree (party_id, state);
CREATE INDEX account_invitation_region ON account_invitation USING btree (region, state);
CREATE TABLE account_key (
    id text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    name text NOT NULL,
    digest text COLLATE "C" NOT NULL,
    tail text NOT NULL,
    scopes text NOT NULL,
    official bigint NOT NULL,
    created_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    ended_by text COLLATE "C" NOT NULL,
    used_on text NOT NULL,
    UNIQUE (digest),
    PRIMARY KEY (id),
    FOREIGN KEY (person) REFERENCES account_person(id)
);
CREATE INDEX account_key_person ON account_key USING btree (person, ended_at);
CREATE TABLE account_person (
    id text COLLATE "C" NOT NULL,
    phone text COLLATE "C",
    email text COLLATE "C",
    email_pending text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    status text NOT NULL,
    password text NOT NULL,
    password_at bigint NOT NULL,
    factor text NOT NULL,
    factor_next text NOT NULL,
    factor_at bigint NOT NULL,
    factor_step bigint NOT NULL,
    situation text NOT NULL,
    consent text NOT NULL,
    consent_at bigint NOT NULL,
    phone_seen_at bigint NOT NULL,
    demo bigint NOT NULL,
    created_at bigint NOT NULL,
    version bigint NOT NULL,
    UNIQUE (email),
    UNIQUE (phone),
    PRIMARY KEY (id)
);
CREATE INDEX account_person_name ON account_person USING btree (name, id);
CREATE INDEX account_person_region ON account_person USING btree (region, name, id);
CREATE TABLE account_role (
    id text COLLATE "C" NOT NULL,
    reach text NOT NULL,
    official bigint NOT NULL,
    admin text NOT NULL,
    own bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE account_role_permission (
    role text COLLATE "C" NOT NULL,
    permission text COLLATE "C" NOT NULL,
    PRIMARY KEY (role, permission),
    FOREIGN KEY (role) REFERENCES account_role(id)
);
CREATE INDEX account_role_permission_permission ON account_role_permission USING btree (permission, role);
CREATE TABLE account_session (
    id text COLLATE "C" NOT NULL,
    token text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    stage text NOT NULL,
    official bigint NOT NULL,
    kept bigint NOT NULL,
    agent text NOT NULL,
    network text NOT NULL,
    created_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    idle bigint NOT NULL,
    ends_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    UNIQUE (token),
    PRIMARY KEY (id),
    FOREIGN KEY (person) REFERENCES account_person(id)
);
CREATE INDEX account_session_ends ON account_session USING btree (ends_at);
CREATE INDEX account_session_person ON account_session USING btree (person, ended_at);
CREATE TABLE app_draft (
    token text COLLATE "C" NOT NULL,
    page text NOT NULL,
    form text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (token)
);
CREATE INDEX app_draft_at ON app_draft USING btree (at);
CREATE TABLE audit_entry (
    lane bigint NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    site text NOT NULL,
    actor_kind text NOT NULL,
    actor_id text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    record_kind text NOT NULL,
    record_id text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    detail text NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (lane, seq)
);
CREATE INDEX audit_entry_actor ON audit_entry USING btree (actor_id, at);
CREATE INDEX audit_entry_at ON audit_entry USING btree (at);
CREATE INDEX audit_entry_record ON audit_entry USING btree (record_kind, record_id, at);
CREATE TABLE audit_head (
    lane bigint NOT NULL,
    seq bigint NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (lane)
);
CREATE TABLE criteria_set (
    id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    valid_to text COLLATE "C" NOT NULL,
    published_at bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TABLE enterprise (
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    short_name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    name_find text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    address text NOT NULL,
    legal_form text NOT NULL,
    industry text COLLATE "C" NOT NULL,
    industry_edition text COLLATE "C" NOT NULL,
    established text NOT NULL,
    status text COLLATE "C" NOT NULL,
    status_reason text NOT NULL,
    size text COLLATE "C" NOT NULL,
    size_year bigint NOT NULL,
    alias_of text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX enterprise_name ON enterprise USING btree (name, id);
CREATE INDEX enterprise_name_key ON enterprise USING btree (name_key, region);
CREATE INDEX enterprise_region_name ON enterprise USING btree (region, name, id);
CREATE INDEX enterprise_region_updated ON enterprise USING btree (region, updated_at, id);
CREATE INDEX enterprise_updated ON enterprise USING btree (updated_at, id);
CREATE TABLE enterprise_claim (
    id text COLLATE "C" NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    contested text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    person_name text NOT NULL,
    region text COLLATE "C" NOT NULL,
    registered bigint NOT NULL,
    holds bigint NOT NULL,
    evidence text NOT NULL,
    status text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    decided_by text COLLATE "C" NOT NULL,
    decided_at bigint NOT NULL,
    via text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX enterprise_claim_enterprise ON enterprise_claim USING btree (enterprise_id, status);
CREATE INDEX enterprise_claim_person ON enterprise_claim USING btree (person, created_at, id);
CREATE INDEX enterprise_claim_region ON enterprise_claim USING btree (region, status, created_at, id);
CREATE TABLE enterprise_contact (
    enterprise_id text COLLATE "C" NOT NULL,
    person text NOT NULL,
    phone text NOT NULL,
    mail text NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (enterprise_id),
    FOREIGN KEY (enterprise_id) REFERENCES enterprise(id)
);
CREATE TABLE enterprise_distinct (
    later text COLLATE "C" NOT NULL,
    earlier text COLLATE "C" NOT NULL,
    told_at bigint NOT NULL,
    PRIMARY KEY (later, earlier)
);
CREATE TABLE enterprise_identifier (
    enterprise_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    org_code text COLLATE "C" NOT NULL,
    checked bigint NOT NULL,
    note text NOT NULL,
    state text COLLATE "C" NOT NULL,
    via text COLLATE "C" NOT NULL,
    PRIMARY KEY (enterprise_id, kind, value),
    FOREIGN KEY (enterprise_id) REFERENCES enterprise(id)
);
CREATE INDEX enterprise_identifier_org ON enterprise_identifier USING btree (org_code);
CREATE INDEX enterprise_identifier_value ON enterprise_identifier USING btree (value);
CREATE UNIQUE INDEX enterprise_identifier_verified ON enterprise_identifier USING btree (kind, value) WHERE (state = 'verified'::text);
CREATE TABLE enterprise_similar (
    later text COLLATE "C" NOT NULL,
    earlier text COLLATE "C" NOT NULL,
    found_at bigint NOT NULL,
    PRIMARY KEY (later, earlier)
);
CREATE INDEX enterprise_similar_earlier ON enterprise_similar USING btree (earlier);
CREATE TABLE enterprise_similar_mark (
    name text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE enterprise_size_rule (
    id text COLLATE "C" NOT NULL,
    body text NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE enterprise_year (
    enterprise_id text COLLATE "C" NOT NULL,
    year bigint NOT NULL,
    employees bigint,
    revenue bigint,
    assets bigint,
    source text COLLATE "C" NOT NULL,
    via text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (enterprise_id, year),
    FOREIGN KEY (enterprise_id) REFERENCES enterprise(id)
);
CREATE TABLE files_blob (
    id text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    touched_at bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX files_blob_touched ON files_blob USING btree (touched_at);
CREATE TABLE files_file (
    id text COLLATE "C" NOT NULL,
    sha text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    type text NOT NULL,
    name text NOT NULL,
    owner_kind text COLLATE "C" NOT NULL,
    owner_id text COLLATE "C" NOT NULL,
    record_kind text COLLATE "C" NOT NULL,
    record_id text COLLATE "C" NOT NULL,
    uploaded_by text COLLATE "C" NOT NULL,
    uploaded_name text NOT NULL,
    uploaded_at bigint NOT NULL,
    removed_by text COLLATE "C" NOT NULL,
    removed_at bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX files_file_owner ON files_file USING btree (owner_kind, owner_id);
CREATE INDEX files_file_record ON files_file USING btree (record_kind, record_id, id);
CREATE INDEX files_file_sha ON files_file USING btree (sha) WHERE (removed_at = 0);
CREATE TABLE files_pending (
    id text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    sha text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    type text NOT NULL,
    name text NOT NULL,
    ready bigint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (sha) REFERENCES files_blob(id)
);
CREATE INDEX files_pending_at ON files_pending USING btree (at);
CREATE INDEX files_pending_person ON files_pending USING btree (person);
CREATE INDEX files_pending_sha ON files_pending USING btree (sha);
CREATE TABLE files_usage (
    id text COLLATE "C" NOT NULL,
    bytes bigint NOT NULL,
    files bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE flow_calendar (
    day text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    PRIMARY KEY (day),
    CHECK ((kind = ANY (ARRAY['rest'::text, 'work'::text])))
);
CREATE TABLE flow_calendar_year (
    year bigint NOT NULL,
    source text NOT NULL,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (year)
);
CREATE TABLE flow_event (
    id text COLLATE "C" NOT NULL,
    record_kind text COLLATE "C" NOT NULL,
    record_id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    action text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    actor_name text NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX flow_event_record ON flow_event USING btree (record_kind, record_id, at);
CREATE TABLE flow_limit (
    type text COLLATE "C" NOT NULL,
    step text COLLATE "C" NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    valid_to text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    unit text NOT NULL,
    extension bigint NOT NULL,
    remind bigint NOT NULL,
    supervise_level text NOT NULL,
    supervise_after bigint NOT NULL,
    source text NOT NULL,
    grade text NOT NULL,
    PRIMARY KEY (type, step, valid_from),
    CHECK ((amount > 0)),
    CHECK ((supervise_level = ANY (ARRAY[''::text, 'county'::text, 'city'::text, 'province'::text]))),
    CHECK ((unit = ANY (ARRAY['workday'::text, 'day'::text, 'hour'::text])))
);
CREATE TABLE flow_version (
    name text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE gate_once (
    actor text COLLATE "C" NOT NULL,
    once text COLLATE "C" NOT NULL,
    action text NOT NULL,
    record_kind text NOT NULL,
    record_id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    request text NOT NULL DEFAULT ''::text,
    print text NOT NULL DEFAULT ''::text,
    PRIMARY KEY (actor, once)
);
CREATE INDEX gate_once_request ON gate_once USING btree (actor, request) WHERE (request <> ''::text);
CREATE TABLE guarantee_approval (
    case_id text COLLATE "C" NOT NULL,
    person_id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    words text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (case_id, person_id),
    FOREIGN KEY (case_id) REFERENCES guarantee_case(id)
);
CREATE TABLE guarantee_backer (
    case_id text COLLATE "C" NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    backed_as text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (case_id, backed_as),
    FOREIGN KEY (case_id) REFERENCES guarantee_case(id),
    CHECK ((amount > 0))
);
CREATE INDEX guarantee_backer_of ON guarantee_backer USING btree (enterprise_id);
CREATE TABLE guarantee_case (
    id text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    guarantor_id text COLLATE "C" NOT NULL,
    bank_id text COLLATE "C" NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    applied_as text COLLATE "C" NOT NULL,
    size text NOT NULL,
    need_id text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    months bigint NOT NULL,
    purpose text NOT NULL,
    security text NOT NULL,
    state text COLLATE "C" NOT NULL,
    applied text COLLATE "C" NOT NULL,
    found_on text NOT NULL,
    found_by text NOT NULL,
    found_amount bigint NOT NULL,
    found_opinion text NOT NULL,
    granted_on text NOT NULL,
    granted_amount bigint NOT NULL,
    granted_months bigint NOT NULL,
    deal_number text COLLATE "C" NOT NULL,
    deal_on text COLLATE "C" NOT NULL,
    deal_until text COLLATE "C" NOT NULL,
    deal_amount bigint NOT NULL,
    deal_fee bigint NOT NULL,
    extended bigint NOT NULL,
    loan_number text NOT NULL,
    loan_on text NOT NULL,
    loan_amount bigint NOT NULL,
    book bigint NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    UNIQUE (number),
    PRIMARY KEY (id),
    FOREIGN KEY (guarantor_id) REFERENCES guarantor(id),
    CHECK ((amount > 0)),
    CHECK ((deal_amount >= 0))
);
CREATE INDEX guarantee_case_applied ON guarantee_case USING btree (applied, id);
CREATE INDEX guarantee_case_bank ON guarantee_case USING btree (bank_id, applied, id);
CREATE UNIQUE INDEX guarantee_case_deal ON guarantee_case USING btree (guarantor_id, deal_number) WHERE ((deal_number <> ''::text) AND (state <> 'cancelled'::text));
CREATE INDEX guarantee_case_enterprise ON guarantee_case USING btree (enterprise_id, applied, id);
CREATE INDEX guarantee_case_guarantor ON guarantee_case USING btree (guarantor_id, applied, id);
CREATE INDEX guarantee_case_region ON guarantee_case USING btree (region, applied, id);
CREATE TABLE guarantee_group (
    enterprise_id text COLLATE "C" NOT NULL,
    grp text COLLATE "C" NOT NULL,
    PRIMARY KEY (enterprise_id)
);
CREATE INDEX guarantee_group_of ON guarantee_group USING btree (grp);
CREATE TABLE guarantee_meeting (
    case_id text COLLATE "C" NOT NULL,
    held_on text NOT NULL,
    votes text NOT NULL,
    passed bigint NOT NULL,
    PRIMARY KEY (case_id),
    FOREIGN KEY (case_id) REFERENCES guarantee_case(id)
);
CREATE TABLE guarantee_need (
    id text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    posted_as text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    months bigint NOT NULL,
    purpose text NOT NULL,
    security text NOT NULL,
    wanted_by text NOT NULL,
    state text COLLATE "C" NOT NULL,
    posted_at bigint NOT NULL,
    offer_id text COLLATE "C" NOT NULL,
    case_id text COLLATE "C" NOT NULL,
    funded_on text COLLATE "C" NOT NULL,
    funded bigint NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    UNIQUE (number),
    PRIMARY KEY (id),
    CHECK ((amount > 0))
);
CREATE INDEX guarantee_need_enterprise ON guarantee_need USING btree (enterprise_id, posted_at, id);
CREATE INDEX guarantee_need_region ON guarantee_need USING btree (region, posted_at, id);
CREATE TABLE guarantee_number (
    county text COLLATE "C" NOT NULL,
    year text COLLATE "C" NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (county, year)
);
CREATE TABLE guarantee_offer (
    id text COLLATE "C" NOT NULL,
    need_id text COLLATE "C" NOT NULL,
    institution_id text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    amount bigint NOT NULL,
    months bigint NOT NULL,
    rate bigint NOT NULL,
    words text NOT NULL,
    valid_until text NOT NULL,
    made_at bigint NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (institution_id) REFERENCES institution(id),
    FOREIGN KEY (need_id) REFERENCES guarantee_need(id),
    CHECK ((amount > 0)),
    CHECK ((rate >= 0))
);
CREATE INDEX guarantee_offer_by ON guarantee_offer USING btree (institution_id);
CREATE UNIQUE INDEX guarantee_offer_one ON guarantee_offer USING btree (need_id, institution_id);
CREATE TABLE guarantee_posting (
    id text COLLATE "C" NOT NULL,
    guarantor_id text COLLATE "C" NOT NULL,
    of_id text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    posted_on text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    action text NOT NULL,
    reverses text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    by_id text COLLATE "C" NOT NULL,
    by_name text NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (guarantor_id) REFERENCES guarantor(id)
);
CREATE INDEX guarantee_posting_book ON guarantee_posting USING btree (guarantor_id, account, posted_on, of_id, amount);
CREATE INDEX guarantee_posting_of ON guarantee_posting USING btree (of_id, account, posted_on);
CREATE UNIQUE INDEX guarantee_posting_once ON guarantee_posting USING btree (reverses) WHERE (reverses <> ''::text);
CREATE TABLE guarantee_rule (
    id text COLLATE "C" NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    body text NOT NULL,
    published_at bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE guarantor (
    id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    level text NOT NULL,
    since text COLLATE "C" NOT NULL,
    ended text COLLATE "C" NOT NULL,
    park text COLLATE "C" NOT NULL,
    park_name text NOT NULL,
    multiple bigint NOT NULL,
    member_cap bigint NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (id) REFERENCES institution(id),
    CHECK ((member_cap >= 0)),
    CHECK ((multiple >= 0))
);
CREATE TABLE guarantor_bank (
    guarantor_id text COLLATE "C" NOT NULL,
    bank_id text COLLATE "C" NOT NULL,
    line bigint NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    valid_to text COLLATE "C" NOT NULL,
    PRIMARY KEY (guarantor_id, bank_id),
    FOREIGN KEY (bank_id) REFERENCES institution(id),
    FOREIGN KEY (guarantor_id) REFERENCES guarantor(id),
    CHECK ((line >= 0))
);
CREATE INDEX guarantor_bank_of ON guarantor_bank USING btree (bank_id);
CREATE TABLE guarantor_filing (
    id text COLLATE "C" NOT NULL,
    guarantor_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    body text NOT NULL,
    state text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    by_id text COLLATE "C" NOT NULL,
    by_name text NOT NULL,
    decided_at bigint NOT NULL,
    decided_by text NOT NULL,
    words text NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (guarantor_id) REFERENCES guarantor(id)
);
CREATE INDEX guarantor_filing_of ON guarantor_filing USING btree (guarantor_id, state, at);
CREATE INDEX guarantor_filing_open ON guarantor_filing USING btree (guarantor_id) WHERE (state = 'open'::text);
CREATE TABLE guarantor_finance (
    guarantor_id text COLLATE "C" NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    registered bigint NOT NULL,
    net_assets bigint NOT NULL,
    invested bigint NOT NULL,
    unearned bigint NOT NULL,
    compensation bigint NOT NULL,
    general bigint NOT NULL,
    source text NOT NULL,
    PRIMARY KEY (guarantor_id, valid_from),
    FOREIGN KEY (guarantor_id) REFERENCES guarantor(id),
    CHECK ((registered >= 0))
);
CREATE TABLE guarantor_member (
    id text COLLATE "C" NOT NULL,
    guarantor_id text COLLATE "C" NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    joined_as text COLLATE "C" NOT NULL,
    joined text COLLATE "C" NOT NULL,
    left_on text COLLATE "C" NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (guarantor_id) REFERENCES guarantor(id)
);
CREATE INDEX guarantor_member_now ON guarantor_member USING btree (guarantor_id, left_on, enterprise_id);
CREATE INDEX guarantor_member_of ON guarantor_member USING btree (enterprise_id);
CREATE TABLE guarantor_outlet (
    guarantor_id text COLLATE "C" NOT NULL,
    town text COLLATE "C" NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    valid_to text COLLATE "C" NOT NULL,
    PRIMARY KEY (guarantor_id, town),
    FOREIGN KEY (guarantor_id) REFERENCES guarantor(id)
);
CREATE INDEX guarantor_outlet_town ON guarantor_outlet USING btree (town);
CREATE TABLE guarantor_settlement (
    member_id text COLLATE "C" NOT NULL,
    guarantor_id text COLLATE "C" NOT NULL,
    paid bigint NOT NULL,
    shares bigint NOT NULL,
    fund bigint NOT NULL,
    payout bigint NOT NULL,
    PRIMARY KEY (member_id),
    FOREIGN KEY (guarantor_id) REFERENCES guarantor(id),
    FOREIGN KEY (member_id) REFERENCES guarantor_member(id),
    CHECK ((payout >= 0))
);
CREATE INDEX guarantor_settlement_of ON guarantor_settlement USING btree (guarantor_id);
CREATE TABLE guarantor_standing (
    guarantor_id text COLLATE "C" NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    level text NOT NULL,
    source text NOT NULL,
    PRIMARY KEY (guarantor_id, valid_from),
    FOREIGN KEY (guarantor_id) REFERENCES guarantor(id)
);
CREATE TABLE guarantor_statement (
    guarantor_id text COLLATE "C" NOT NULL,
    as_of text COLLATE "C" NOT NULL,
    total bigint NOT NULL,
    receivable bigint NOT NULL,
    first_class bigint NOT NULL,
    second_class bigint NOT NULL,
    third_class bigint NOT NULL,
    source text NOT NULL,
    PRIMARY KEY (guarantor_id, as_of),
    FOREIGN KEY (guarantor_id) REFERENCES guarantor(id),
    CHECK ((first_class >= 0)),
    CHECK ((receivable >= 0)),
    CHECK ((second_class >= 0)),
    CHECK ((third_class >= 0)),
    CHECK ((total > 0))
);
CREATE TABLE indicator_definition (
    id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    from_year bigint NOT NULL,
    position bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TABLE indicator_return (
    id text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    year bigint NOT NULL,
    state text NOT NULL,
    version bigint NOT NULL,
    filled_by text COLLATE "C" NOT NULL,
    decided_by text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    created bigint NOT NULL,
    changed bigint NOT NULL,
    UNIQUE (region, year),
    PRIMARY KEY (id)
);
CREATE INDEX indicator_return_state ON indicator_return USING btree (state, region, year);
CREATE TABLE indicator_target (
    id text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    year bigint NOT NULL,
    indicator text COLLATE "C" NOT NULL,
    quantity bigint NOT NULL,
    document text NOT NULL,
    version bigint NOT NULL,
    UNIQUE (region, year, indicator),
    PRIMARY KEY (id)
);
CREATE TABLE indicator_value (
    return_id text COLLATE "C" NOT NULL,
    indicator text COLLATE "C" NOT NULL,
    quantity bigint NOT NULL,
    PRIMARY KEY (return_id, indicator),
    FOREIGN KEY (return_id) REFERENCES indicator_return(id)
);
CREATE TABLE institution (
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    kinds text NOT NULL,
    level text NOT NULL,
    code text COLLATE "C" NOT NULL,
    founded text COLLATE "C" NOT NULL,
    since text COLLATE "C" NOT NULL,
    ended text COLLATE "C" NOT NULL,
    capital bigint NOT NULL,
    about text NOT NULL,
    address text NOT NULL,
    website text NOT NULL,
    published bigint NOT NULL,
    turned text NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (id),
    CHECK ((capital >= 0))
);
CREATE UNIQUE INDEX institution_code ON institution USING btree (code) WHERE (code <> ''::text);
CREATE INDEX institution_name ON institution USING btree (name, id);
CREATE INDEX institution_region ON institution USING btree (region, name, id);
CREATE TABLE institution_contact (
    institution_id text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    name text NOT NULL,
    post text NOT NULL,
    phone text NOT NULL,
    email text NOT NULL,
    PRIMARY KEY (institution_id, "position"),
    FOREIGN KEY (institution_id) REFERENCES institution(id)
);
CREATE TABLE institution_service (
    id text COLLATE "C" NOT NULL,
    institution_id text COLLATE "C" NOT NULL,
    theme text COLLATE "C" NOT NULL,
    form text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    regions text NOT NULL,
    max_amount bigint NOT NULL,
    capacity bigint NOT NULL,
    fee text NOT NULL,
    ended bigint NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (institution_id) REFERENCES institution(id),
    CHECK ((capacity >= 0)),
    CHECK ((max_amount >= 0))
);
CREATE INDEX institution_service_of ON institution_service USING btree (institution_id, theme);
CREATE INDEX institution_service_theme ON institution_service USING btree (theme, institution_id);
CREATE TABLE institution_task (
    id text COLLATE "C" NOT NULL,
    institution_id text COLLATE "C" NOT NULL,
    year bigint NOT NULL,
    title text NOT NULL,
    status text NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (institution_id) REFERENCES institution(id)
);
CREATE INDEX institution_task_of ON institution_task USING btree (institution_id, year);
CREATE TABLE institution_term (
    id text COLLATE "C" NOT NULL,
    institution_id text COLLATE "C" NOT NULL,
    tier text COLLATE "C" NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    valid_to text COLLATE "C" NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (institution_id) REFERENCES institution(id)
);
CREATE INDEX institution_term_of ON institution_term USING btree (institution_id, valid_from);
CREATE TABLE job_run (
    id text COLLATE "C" NOT NULL,
    job bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    attempt bigint NOT NULL,
    started bigint NOT NULL,
    ended bigint NOT NULL,
    outcome text NOT NULL,
    counts text NOT NULL,
    error text NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX job_run_job ON job_run USING btree (job);
CREATE INDEX job_run_kind ON job_run USING btree (kind, started);
CREATE TABLE ledger_alias (
    n bigint NOT NULL,
    heir bigint NOT NULL,
    root bigint NOT NULL,
    PRIMARY KEY (n)
);
CREATE TABLE ledger_bitmap (
    stream text COLLATE "C" NOT NULL,
    who text COLLATE "C" NOT NULL,
    grain text COLLATE "C" NOT NULL,
    month text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    d1 text COLLATE "C" NOT NULL,
    reported bigint NOT NULL,
    bits bytea NOT NULL,
    PRIMARY KEY (stream, who, grain, month, region, d1, reported)
);
CREATE TABLE ledger_cell (
    stream text COLLATE "C" NOT NULL,
    grain text COLLATE "C" NOT NULL,
    month text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    d1 text COLLATE "C" NOT NULL,
    d2 text COLLATE "C" NOT NULL,
    d3 text COLLATE "C" NOT NULL,
    d4 text COLLATE "C" NOT NULL,
    reported bigint NOT NULL,
    n bigint NOT NULL,
    quantity bigint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (stream, grain, month, region, d1, d2, d3, d4, reported)
);
CREATE TABLE ledger_fact (
    id bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,
    stream text COLLATE "C" NOT NULL,
    occurred_on text COLLATE "C" NOT NULL,
    recorded_at bigint NOT NULL,
    region text COLLATE "C" NOT NULL,
    subject bigint NOT NULL,
    enterprise bigint NOT NULL,
    institution bigint NOT NULL,
    person bigint NOT NULL,
    d1 text COLLATE "C" NOT NULL,
    d2 text COLLATE "C" NOT NULL,
    d3 text COLLATE "C" NOT NULL,
    d4 text COLLATE "C" NOT NULL,
    quantity bigint NOT NULL,
    amount bigint NOT NULL,
    record_kind text COLLATE "C" NOT NULL,
    record_id text COLLATE "C" NOT NULL,
    reported bigint NOT NULL,
    site text COLLATE "C" NOT NULL,
    reverses bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ledger_fact_day ON ledger_fact USING btree (stream, occurred_on, id);
CREATE INDEX ledger_fact_place ON ledger_fact USING btree (stream, region, occurred_on);
CREATE INDEX ledger_fact_record ON ledger_fact USING btree (record_kind, record_id);
CREATE UNIQUE INDEX ledger_fact_reverses ON ledger_fact USING btree (reverses) WHERE (reverses <> 0);
CREATE INDEX ledger_fact_subject ON ledger_fact USING btree (stream, subject, occurred_on, id);
CREATE TABLE ledger_kept (
    stream text COLLATE "C" NOT NULL,
    who text COLLATE "C" NOT NULL,
    ready bigint NOT NULL,
    PRIMARY KEY (stream, who)
);
CREATE TABLE ledger_lock (
    id text COLLATE "C" NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE ledger_place (
    region text COLLATE "C" NOT NULL,
    PRIMARY KEY (region)
);
CREATE TABLE ledger_seal (
    period text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    figure text COLLATE "C" NOT NULL,
    issue bigint NOT NULL,
    value text NOT NULL,
    definition bigint NOT NULL,
    position bigint NOT NULL,
    sealed_at bigint NOT NULL,
    PRIMARY KEY (period, region, figure, issue)
);
CREATE TABLE ledger_subject (
    n bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    PRIMARY KEY (n)
);
CREATE UNIQUE INDEX ledger_subject_id ON ledger_subject USING btree (kind, id);
CREATE TABLE ledger_tail (
    stream text COLLATE "C" NOT NULL,
    fact bigint NOT NULL,
    PRIMARY KEY (stream, fact)
);
CREATE UNIQUE INDEX ledger_tail_fact ON ledger_tail USING btree (fact);
CREATE TABLE ledger_version (
    stream text COLLATE "C" NOT NULL,
    month text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (stream, month)
);
CREATE TABLE need (
    id text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    office text COLLATE "C" NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    posted_for text COLLATE "C" NOT NULL,
    person_id text COLLATE "C" NOT NULL,
    requester text NOT NULL,
    size text NOT NULL,
    channel text NOT NULL,
    theme text COLLATE "C" NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    amount bigint NOT NULL,
    months bigint NOT NULL,
    collateral text NOT NULL,
    wanted_by text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    back text NOT NULL,
    institution_id text COLLATE "C" NOT NULL,
    in_charge bigint NOT NULL,
    assignee text COLLATE "C" NOT NULL,
    assignee_name text NOT NULL,
    whole_clock text NOT NULL,
    step_clock text NOT NULL,
    due bigint NOT NULL,
    due_step text NOT NULL,
    posted_at bigint NOT NULL,
    finished_at bigint NOT NULL,
    on_time bigint NOT NULL,
    closed_at bigint NOT NULL,
    outcome text NOT NULL,
    rated bigint NOT NULL,
    reminded bigint NOT NULL,
    supervised bigint NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    UNIQUE (number),
    PRIMARY KEY (id),
    CHECK ((amount >= 0))
);
CREATE INDEX need_alike ON need USING btree (theme, finished_at);
CREATE INDEX need_assignee ON need USING btree (assignee, state, due);
CREATE INDEX need_closed ON need USING btree (closed_at);
CREATE INDEX need_county_posted ON need USING btree (substr(region, 1, 6), posted_at, id);
CREATE INDEX need_county_theme ON need USING btree (substr(region, 1, 6), theme, posted_at, id);
CREATE INDEX need_due ON need USING btree (due, id);
CREATE INDEX need_enterprise ON need USING btree (enterprise_id, posted_at);
CREATE INDEX need_person ON need USING btree (person_id, posted_at);
CREATE INDEX need_posted ON need USING btree (posted_at, id, region);
CREATE INDEX need_theme_posted ON need USING btree (theme, posted_at, id);
CREATE INDEX need_todo ON need USING btree (region, state, due);
CREATE TABLE need_callback (
    need_id text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    office text COLLATE "C" NOT NULL,
    picked_at bigint NOT NULL,
    heard text COLLATE "C" NOT NULL,
    note text NOT NULL,
    called_by text COLLATE "C" NOT NULL,
    called_at bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (need_id),
    FOREIGN KEY (need_id) REFERENCES need(id)
);
CREATE INDEX need_callback_open ON need_callback USING btree (region, heard, picked_at);
CREATE TABLE need_contact (
    need_id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    post text NOT NULL,
    phone text NOT NULL,
    PRIMARY KEY (need_id),
    FOREIGN KEY (need_id) REFERENCES need(id)
);
CREATE TABLE need_delivery (
    id text COLLATE "C" NOT NULL,
    need_id text COLLATE "C" NOT NULL,
    institution_id text COLLATE "C" NOT NULL,
    institution_name text NOT NULL,
    day text COLLATE "C" NOT NULL,
    theme text COLLATE "C" NOT NULL,
    form text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    quantity bigint NOT NULL,
    body text NOT NULL,
    reach text NOT NULL,
    crowd text NOT NULL,
    rhythm text NOT NULL,
    topic text NOT NULL,
    region text COLLATE "C" NOT NULL,
    tier text NOT NULL,
    size text NOT NULL,
    state text NOT NULL,
    recorded_by text COLLATE "C" NOT NULL,
    recorded_name text NOT NULL,
    recorded_at bigint NOT NULL,
    confirmed_at bigint NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (need_id) REFERENCES need(id),
    CHECK ((amount >= 0)),
    CHECK ((quantity > 0))
);
CREATE INDEX need_delivery_by ON need_delivery USING btree (institution_id, day);
CREATE INDEX need_delivery_of ON need_delivery USING btree (need_id, recorded_at);
CREATE TABLE need_event (
    need_id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    action text COLLATE "C" NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    actor_kind text NOT NULL,
    actor_id text COLLATE "C" NOT NULL,
    actor_name text NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (need_id, seq),
    FOREIGN KEY (need_id) REFERENCES need(id)
);
CREATE TABLE need_number (
    county text COLLATE "C" NOT NULL,
    year text COLLATE "C" NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (county, year)
);
CREATE TABLE need_offer (
    id text COLLATE "C" NOT NULL,
    need_id text COLLATE "C" NOT NULL,
    institution_id text COLLATE "C" NOT NULL,
    institution_name text NOT NULL,
    reasons text NOT NULL,
    note text NOT NULL,
    offered_by text COLLATE "C" NOT NULL,
    offered_name text NOT NULL,
    offered_at bigint NOT NULL,
    due bigint NOT NULL,
    answer text NOT NULL,
    words text NOT NULL,
    answered_by text COLLATE "C" NOT NULL,
    answered_at bigint NOT NULL,
    on_time bigint NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (need_id) REFERENCES need(id)
);
CREATE INDEX need_offer_at ON need_offer USING btree (offered_at, institution_id);
CREATE INDEX need_offer_of ON need_offer USING btree (need_id, institution_id);
CREATE INDEX need_offer_to ON need_offer USING btree (institution_id, answer, due);
CREATE TABLE need_rating (
    need_id text COLLATE "C" NOT NULL,
    on_time bigint NOT NULL,
    solved text NOT NULL,
    score bigint NOT NULL,
    words text NOT NULL,
    rated_by text COLLATE "C" NOT NULL,
    rated_at bigint NOT NULL,
    PRIMARY KEY (need_id),
    FOREIGN KEY (need_id) REFERENCES need(id),
    CHECK (((score >= 1) AND (score <= 5)))
);
CREATE TABLE notify_message (
    id text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    key text NOT NULL,
    args text NOT NULL,
    link text NOT NULL,
    created bigint NOT NULL,
    read_at bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX notify_message_created ON notify_message USING btree (created);
CREATE INDEX notify_message_person ON notify_message USING btree (person, id);
CREATE INDEX notify_message_unread ON notify_message USING btree (person) WHERE (read_at = 0);
CREATE TABLE notify_wish (
    person text COLLATE "C" NOT NULL,
    mail bigint NOT NULL,
    PRIMARY KEY (person)
);
CREATE TABLE park (
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    developer text NOT NULL,
    operator text NOT NULL,
    operator_id text COLLATE "C" NOT NULL,
    land bigint NOT NULL,
    planned_on text COLLATE "C" NOT NULL,
    begun_on text COLLATE "C" NOT NULL,
    opened_on text COLLATE "C" NOT NULL,
    ended_on text COLLATE "C" NOT NULL,
    facilities text NOT NULL,
    about text NOT NULL,
    address text NOT NULL,
    published bigint NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (id),
    CHECK ((land >= 0))
);
CREATE INDEX park_name ON park USING btree (name, id);
CREATE INDEX park_operator ON park USING btree (operator_id) WHERE (operator_id <> ''::text);
CREATE INDEX park_region ON park USING btree (region, name, id);
CREATE TABLE park_building (
    id text COLLATE "C" NOT NULL,
    park_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    floors bigint NOT NULL,
    area bigint NOT NULL,
    planned_on text COLLATE "C" NOT NULL,
    begun_on text COLLATE "C" NOT NULL,
    completed_on text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (park_id) REFERENCES park(id),
    CHECK ((area > 0))
);
CREATE UNIQUE INDEX park_building_name ON park_building USING btree (park_id, name);
CREATE TABLE park_grade (
    id text COLLATE "C" NOT NULL,
    park_id text COLLATE "C" NOT NULL,
    grade text COLLATE "C" NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    valid_to text COLLATE "C" NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (park_id) REFERENCES park(id)
);
CREATE INDEX park_grade_of ON park_grade USING btree (park_id, valid_from);
CREATE TABLE park_opinion (
    id text COLLATE "C" NOT NULL,
    plan_id text COLLATE "C" NOT NULL,
    round bigint NOT NULL,
    expert text NOT NULL,
    post text NOT NULL,
    verdict text COLLATE "C" NOT NULL,
    words text NOT NULL,
    noted_by text COLLATE "C" NOT NULL,
    noted_at bigint NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (plan_id) REFERENCES park_plan(id)
);
CREATE INDEX park_opinion_of ON park_opinion USING btree (plan_id, round, id);
CREATE TABLE park_plan (
    id text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    year bigint NOT NULL,
    title text NOT NULL,
    land bigint NOT NULL,
    floor_area bigint NOT NULL,
    parks bigint NOT NULL,
    body text NOT NULL,
    state text COLLATE "C" NOT NULL,
    round bigint NOT NULL,
    submitted_by text COLLATE "C" NOT NULL,
    submitted_on text COLLATE "C" NOT NULL,
    approved_on text COLLATE "C" NOT NULL,
    document text NOT NULL,
    slot text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX park_plan_slot ON park_plan USING btree (slot) WHERE (slot <> ''::text);
CREATE INDEX park_plan_state ON park_plan USING btree (state, region);
CREATE INDEX park_plan_year ON park_plan USING btree (region, year);
CREATE TABLE park_space (
    id text COLLATE "C" NOT NULL,
    tenancy_id text COLLATE "C" NOT NULL,
    building_id text COLLATE "C" NOT NULL,
    area bigint NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    valid_to text COLLATE "C" NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (building_id) REFERENCES park_building(id),
    FOREIGN KEY (tenancy_id) REFERENCES park_tenancy(id),
    CHECK ((area > 0))
);
CREATE INDEX park_space_in ON park_space USING btree (building_id, valid_from);
CREATE INDEX park_space_of ON park_space USING btree (tenancy_id, valid_from);
CREATE TABLE park_tenancy (
    id text COLLATE "C" NOT NULL,
    park_id text COLLATE "C" NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    entered_for text COLLATE "C" NOT NULL,
    entered_on text COLLATE "C" NOT NULL,
    left_on text COLLATE "C" NOT NULL,
    way text COLLATE "C" NOT NULL,
    note text NOT NULL,
    undone bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (park_id) REFERENCES park(id)
);
CREATE INDEX park_tenancy_entered_for ON park_tenancy USING btree (entered_for);
CREATE INDEX park_tenancy_enterprise ON park_tenancy USING btree (enterprise_id);
CREATE INDEX park_tenancy_of ON park_tenancy USING btree (park_id, entered_on, id);
CREATE TABLE park_wish (
    id text COLLATE "C" NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    wished_for text COLLATE "C" NOT NULL,
    county text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    area bigint NOT NULL,
    needed_by text COLLATE "C" NOT NULL,
    body text NOT NULL,
    state text COLLATE "C" NOT NULL,
    building_id text COLLATE "C" NOT NULL,
    park_id text COLLATE "C" NOT NULL,
    tenancy_id text COLLATE "C" NOT NULL,
    posted_at bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (id),
    CHECK ((area > 0))
);
CREATE INDEX park_wish_enterprise ON park_wish USING btree (enterprise_id);
CREATE INDEX park_wish_park ON park_wish USING btree (park_id) WHERE (park_id <> ''::text);
CREATE INDEX park_wish_region ON park_wish USING btree (region, state);
CREATE INDEX park_wish_wished_for ON park_wish USING btree (wished_for);
CREATE TABLE recognition_application (
    id text COLLATE "C" NOT NULL,
    call_id text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    office text COLLATE "C" NOT NULL,
    subject_kind text COLLATE "C" NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    subject_name text NOT NULL,
    region text COLLATE "C" NOT NULL,
    party_kind text COLLATE "C" NOT NULL,
    party_id text COLLATE "C" NOT NULL,
    inputs text NOT NULL,
    evidence text NOT NULL,
    words text NOT NULL,
    state text COLLATE "C" NOT NULL,
    score bigint NOT NULL,
    spread bigint NOT NULL,
    public_on text COLLATE "C" NOT NULL,
    public_to text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    filled_by text NOT NULL,
    submitted_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX recognition_application_list ON recognition_application USING btree (call_id, state, score);
CREATE INDEX recognition_application_office ON recognition_application USING btree (office, state);
CREATE UNIQUE INDEX recognition_application_once ON recognition_application USING btree (call_id, subject_kind, subject_id) WHERE (state <> 'withdrawn'::text);
CREATE INDEX recognition_application_party ON recognition_application USING btree (party_id);
CREATE INDEX recognition_application_place ON recognition_application USING btree (region, state);
CREATE INDEX recognition_application_public ON recognition_application USING btree (state, public_to);
CREATE TABLE recognition_award (
    id text COLLATE "C" NOT NULL,
    application_id text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    office text COLLATE "C" NOT NULL,
    subject_kind text COLLATE "C" NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    subject_name text NOT NULL,
    region text COLLATE "C" NOT NULL,
    party_kind text COLLATE "C" NOT NULL,
    party_id text COLLATE "C" NOT NULL,
    grade text NOT NULL,
    was text NOT NULL,
    regraded text COLLATE "C" NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    valid_to text COLLATE "C" NOT NULL,
    document text NOT NULL,
    state text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    report_told bigint NOT NULL DEFAULT 0,
    report_by text COLLATE "C" NOT NULL DEFAULT '03-31'::text,
    recheck_from text COLLATE "C" NOT NULL DEFAULT ''::text,
    PRIMARY KEY (id)
);
CREATE INDEX recognition_award_application ON recognition_award USING btree (application_id);
CREATE INDEX recognition_award_office ON recognition_award USING btree (office, state);
CREATE INDEX recognition_award_party ON recognition_award USING btree (party_id);
CREATE INDEX recognition_award_subject ON recognition_award USING btree (subject_kind, subject_id);
CREATE INDEX recognition_award_title ON recognition_award USING btree (title, state, valid_to);
CREATE TABLE recognition_call (
    id text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    office text COLLATE "C" NOT NULL,
    name text NOT NULL,
    document text NOT NULL,
    body text NOT NULL,
    year bigint NOT NULL,
    criteria_version bigint NOT NULL,
    opens text COLLATE "C" NOT NULL,
    closes text COLLATE "C" NOT NULL,
    quota bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    grade text COLLATE "C" NOT NULL DEFAULT ''::text,
    months bigint NOT NULL DEFAULT 0,
    publicity bigint NOT NULL DEFAULT 0,
    reviewers bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX recognition_call_state ON recognition_call USING btree (state, closes, id);
CREATE TABLE recognition_conflict (
    id text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    party_kind text COLLATE "C" NOT NULL,
    party_id text COLLATE "C" NOT NULL,
    party_name text NOT NULL,
    reason text NOT NULL,
    office text COLLATE "C" NOT NULL DEFAULT ''::text,
    noted_by text NOT NULL DEFAULT ''::text,
    noted_at bigint NOT NULL DEFAULT 0,
    ended_on text COLLATE "C" NOT NULL DEFAULT ''::text,
    UNIQUE (person, party_kind, party_id),
    PRIMARY KEY (id)
);
CREATE INDEX recognition_conflict_party ON recognition_conflict USING btree (party_kind, party_id);
CREATE TABLE recognition_objection (
    id text COLLATE "C" NOT NULL,
    application_id text COLLATE "C" NOT NULL,
    by_id text COLLATE "C" NOT NULL,
    by_name text NOT NULL,
    words text NOT NULL,
    at bigint NOT NULL,
    answer text NOT NULL,
    upheld bigint NOT NULL,
    answered_at bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX recognition_objection_of ON recognition_objection USING btree (application_id, at);
CREATE TABLE recognition_report (
    award_id text COLLATE "C" NOT NULL,
    year bigint NOT NULL,
    words text NOT NULL,
    inputs text NOT NULL,
    by_id text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (award_id, year)
);
CREATE TABLE recognition_review (
    id text COLLATE "C" NOT NULL,
    application_id text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    name text NOT NULL,
    state text COLLATE "C" NOT NULL,
    points text NOT NULL,
    remarks text NOT NULL,
    words text NOT NULL,
    total bigint NOT NULL,
    assigned_at bigint NOT NULL,
    done_at bigint NOT NULL,
    UNIQUE (application_id, person),
    PRIMARY KEY (id)
);
CREATE INDEX recognition_review_person ON recognition_review USING btree (person, state);
CREATE TABLE recognition_title (
    id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    subject text NOT NULL,
    grade text NOT NULL,
    below text NOT NULL,
    criteria text COLLATE "C" NOT NULL,
    months bigint NOT NULL,
    publicity bigint NOT NULL,
    reviewers bigint NOT NULL,
    version bigint NOT NULL,
    report_by text COLLATE "C" NOT NULL DEFAULT '03-31'::text,
    recheck_days bigint NOT NULL DEFAULT 90,
    PRIMARY KEY (id)
);
CREATE TABLE techplatform (
    id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    kind text COLLATE "C" NOT NULL,
    institution_id text COLLATE "C" NOT NULL,
    base_id text COLLATE "C" NOT NULL,
    functions text NOT NULL,
    industry text NOT NULL,
    region text COLLATE "C" NOT NULL,
    founded text COLLATE "C" NOT NULL,
    ended text COLLATE "C" NOT NULL,
    address text NOT NULL,
    about text NOT NULL,
    published bigint NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX techplatform_institution ON techplatform USING btree (institution_id);
CREATE INDEX techplatform_region ON techplatform USING btree (region);
CREATE TABLE techplatform_base (
    id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    region text COLLATE "C" NOT NULL,
    industry text NOT NULL,
    since text COLLATE "C" NOT NULL,
    ended text COLLATE "C" NOT NULL,
    about text NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX techplatform_base_region ON techplatform_base USING btree (region);
CREATE TABLE techplatform_booking (
    id text COLLATE "C" NOT NULL,
    instrument_id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    day text COLLATE "C" NOT NULL,
    from_minute bigint NOT NULL,
    to_minute bigint NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (id),
    CHECK ((to_minute > from_minute))
);
CREATE INDEX techplatform_booking_day ON techplatform_booking USING btree (instrument_id, day);
CREATE INDEX techplatform_booking_order ON techplatform_booking USING btree (order_id);
CREATE TABLE techplatform_founder (
    platform_id text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    what text NOT NULL,
    amount bigint NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (platform_id, "position"),
    CHECK ((amount >= 0))
);
CREATE TABLE techplatform_grade (
    id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    english text NOT NULL,
    position bigint NOT NULL,
    ended bigint NOT NULL,
    version bigint NOT NULL,
    UNIQUE (name),
    PRIMARY KEY (id)
);
CREATE TABLE techplatform_instrument (
    id text COLLATE "C" NOT NULL,
    platform_id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    model text NOT NULL,
    about text NOT NULL,
    price bigint NOT NULL,
    opens bigint NOT NULL,
    closes bigint NOT NULL,
    weekends bigint NOT NULL,
    ended bigint NOT NULL,
    PRIMARY KEY (id),
    CHECK ((price >= 0))
);
CREATE INDEX techplatform_instrument_platform ON techplatform_instrument USING btree (platform_id);
CREATE TABLE techplatform_intro (
    id text COLLATE "C" NOT NULL,
    notice_id text COLLATE "C" NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    asked_for text COLLATE "C" NOT NULL,
    institution_id text COLLATE "C" NOT NULL,
    party text NOT NULL,
    body text NOT NULL,
    contact text NOT NULL,
    state text COLLATE "C" NOT NULL,
    agreed_on text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    asked_at bigint NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    claimed_side text COLLATE "C" NOT NULL DEFAULT ''::text,
    claimed_by text COLLATE "C" NOT NULL DEFAULT ''::text,
    proof text NOT NULL DEFAULT ''::text,
    since bigint NOT NULL DEFAULT 0,
    late_told bigint NOT NULL DEFAULT 0,
    above_told bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    CHECK ((amount >= 0))
);
CREATE INDEX techplatform_intro_enterprise ON techplatform_intro USING btree (enterprise_id);
CREATE INDEX techplatform_intro_institution ON techplatform_intro USING btree (institution_id);
CREATE INDEX techplatform_intro_notice ON techplatform_intro USING btree (notice_id);
CREATE INDEX techplatform_intro_state ON techplatform_intro USING btree (state, since);
CREATE TABLE techplatform_link (
    base_id text COLLATE "C" NOT NULL,
    platform_id text COLLATE "C" NOT NULL,
    functions text NOT NULL,
    since text COLLATE "C" NOT NULL,
    PRIMARY KEY (base_id, platform_id)
);
CREATE INDEX techplatform_link_platform ON techplatform_link USING btree (platform_id);
CREATE TABLE techplatform_notice (
    id text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    side text COLLATE "C" NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    industry text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    contact text NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    posted_for text COLLATE "C" NOT NULL,
    institution_id text COLLATE "C" NOT NULL,
    party text NOT NULL,
    region text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    submitted_by text COLLATE "C" NOT NULL,
    checked_by text COLLATE "C" NOT NULL,
    since bigint NOT NULL,
    published_on text COLLATE "C" NOT NULL,
    until text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    late_told bigint NOT NULL DEFAULT 0,
    above_told bigint NOT NULL DEFAULT 0,
    UNIQUE (number),
    PRIMARY KEY (id),
    CHECK ((amount >= 0))
);
CREATE INDEX techplatform_notice_enterprise ON techplatform_notice USING btree (enterprise_id);
CREATE INDEX techplatform_notice_institution ON techplatform_notice USING btree (institution_id);
CREATE INDEX techplatform_notice_region ON techplatform_notice USING btree (region);
CREATE INDEX techplatform_notice_state ON techplatform_notice USING btree (state, side, industry);
CREATE TABLE techplatform_number (
    year text COLLATE "C" NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (year)
);
CREATE TABLE techplatform_order (
    id text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    platform_id text COLLATE "C" NOT NULL,
    institution_id text COLLATE "C" NOT NULL,
    service_id text COLLATE "C" NOT NULL,
    service_name text NOT NULL,
    kind text COLLATE "C" NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    ordered_for text COLLATE "C" NOT NULL,
    requester text NOT NULL,
    region text COLLATE "C" NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    wanted_by text COLLATE "C" NOT NULL,
    instrument_id text COLLATE "C" NOT NULL,
    day text COLLATE "C" NOT NULL,
    from_minute bigint NOT NULL,
    to_minute bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    done_on text COLLATE "C" NOT NULL,
    report text NOT NULL,
    fee bigint NOT NULL,
    free bigint NOT NULL,
    score bigint NOT NULL,
    on_time bigint NOT NULL,
    words text NOT NULL,
    placed_at bigint NOT NULL,
    confirmed_at bigint NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    since bigint NOT NULL DEFAULT 0,
    late_told bigint NOT NULL DEFAULT 0,
    above_told bigint NOT NULL DEFAULT 0,
    UNIQUE (number),
    PRIMARY KEY (id),
    CHECK ((fee >= 0))
);
CREATE INDEX techplatform_order_enterprise ON techplatform_order USING btree (enterprise_id, placed_at);
CREATE INDEX techplatform_order_institution ON techplatform_order USING btree (institution_id, placed_at);
CREATE INDEX techplatform_order_region ON techplatform_order USING btree (region, placed_at);
CREATE INDEX techplatform_order_state ON techplatform_order USING btree (state, since);
CREATE TABLE techplatform_patent (
    id text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    title text NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    held_by text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    applied text COLLATE "C" NOT NULL,
    granted text COLLATE "C" NOT NULL,
    ended text COLLATE "C" NOT NULL,
    ends text COLLATE "C" NOT NULL,
    on_offer bigint NOT NULL,
    about text NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    UNIQUE (number),
    PRIMARY KEY (id)
);
CREATE INDEX techplatform_patent_applied ON techplatform_patent USING btree (applied, id);
CREATE INDEX techplatform_patent_enterprise ON techplatform_patent USING btree (enterprise_id);
CREATE INDEX techplatform_patent_region ON techplatform_patent USING btree (region);
CREATE TABLE techplatform_patent_use (
    id text COLLATE "C" NOT NULL,
    patent_id text COLLATE "C" NOT NULL,
    year bigint NOT NULL,
    way text COLLATE "C" NOT NULL,
    what text NOT NULL,
    revenue bigint NOT NULL,
    PRIMARY KEY (id),
    CHECK ((revenue >= 0))
);
CREATE INDEX techplatform_patent_use_patent ON techplatform_patent_use USING btree (patent_id, year);
CREATE TABLE techplatform_product (
    id text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    name text NOT NULL,
    industry text COLLATE "C" NOT NULL,
    about text NOT NULL,
    patents text NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    applied_for text COLLATE "C" NOT NULL,
    applicant text NOT NULL,
    region text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    since bigint NOT NULL,
    applied_on text COLLATE "C" NOT NULL,
    grade_id text COLLATE "C" NOT NULL,
    certificate text NOT NULL,
    decided_on text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    late_told bigint NOT NULL DEFAULT 0,
    above_told bigint NOT NULL DEFAULT 0,
    UNIQUE (number),
    PRIMARY KEY (id)
);
CREATE INDEX techplatform_product_enterprise ON techplatform_product USING btree (enterprise_id);
CREATE INDEX techplatform_product_region ON techplatform_product USING btree (region);
CREATE INDEX techplatform_product_state ON techplatform_product USING btree (state, decided_on);
CREATE TABLE techplatform_service (
    id text COLLATE "C" NOT NULL,
    platform_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    price bigint NOT NULL,
    unit text NOT NULL,
    free_share bigint NOT NULL,
    ended bigint NOT NULL,
    PRIMARY KEY (id),
    CHECK ((price >= 0))
);
CREATE INDEX techplatform_service_platform ON techplatform_service USING btree (platform_id);
CREATE TABLE techplatform_term (
    id text COLLATE "C" NOT NULL,
    platform_id text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    valid_to text COLLATE "C" NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX techplatform_term_platform ON techplatform_term USING btree (platform_id, valid_from);
CREATE TABLE techplatform_work (
    id text COLLATE "C" NOT NULL,
    platform_id text COLLATE "C" NOT NULL,
    institution_id text COLLATE "C" NOT NULL,
    service_id text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    done_on text COLLATE "C" NOT NULL,
    title text NOT NULL,
    fee bigint NOT NULL,
    free bigint NOT NULL,
    region text COLLATE "C" NOT NULL,
    withdrawn text NOT NULL,
    version bigint NOT NULL,
    made_at bigint NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'counted'::text,
    returned text NOT NULL DEFAULT ''::text,
    entered_by text COLLATE "C" NOT NULL DEFAULT ''::text,
    PRIMARY KEY (id),
    CHECK ((fee >= 0))
);
CREATE INDEX techplatform_work_platform ON techplatform_work USING btree (platform_id, done_on, id);
CREATE INDEX techplatform_work_region ON techplatform_work USING btree (region, done_on, id);
CREATE INDEX techplatform_work_state ON techplatform_work USING btree (state, region);
CREATE TABLE techplatform_work_enterprise (
    work_id text COLLATE "C" NOT NULL,
    enterprise_id text COLLATE "C" NOT NULL,
    served text COLLATE "C" NOT NULL,
    PRIMARY KEY (work_id, served)
);
CREATE INDEX techplatform_work_enterprise_of ON techplatform_work_enterprise USING btree (enterprise_id);
CREATE TABLE territory_key_town (
    town text COLLATE "C" NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    valid_to text COLLATE "C" NOT NULL,
    synthetic bigint NOT NULL,
    PRIMARY KEY (town, valid_from)
);
CREATE TABLE territory_lineage (
    from_code text COLLATE "C" NOT NULL,
    to_code text COLLATE "C" NOT NULL,
    on_date text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    main bigint NOT NULL,
    grade text NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (from_code, to_code, on_date),
    CHECK ((kind = ANY (ARRAY['rename'::text, 'upgrade'::text, 'merge'::text, 'split'::text, 'move'::text])))
);
CREATE TABLE territory_region (
    code text COLLATE "C" NOT NULL,
    valid_from text COLLATE "C" NOT NULL,
    valid_to text COLLATE "C" NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    short_name text NOT NULL,
    level bigint NOT NULL,
    parent text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    known_from text COLLATE "C" NOT NULL,
    grade text NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (code, valid_from),
    CHECK ((kind = ANY (ARRAY['admin'::text, 'zone'::text])))
);
CREATE INDEX territory_region_parent ON territory_region USING btree (parent, code);
CREATE TABLE territory_version (
    name text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE xfer_part (
    run text COLLATE "C" NOT NULL,
    side text COLLATE "C" NOT NULL,
    n bigint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (run, side, n),
    FOREIGN KEY (run) REFERENCES xfer_run(id)
);
CREATE TABLE xfer_run (
    id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text NOT NULL,
    bytes bigint NOT NULL,
    person text COLLATE "C" NOT NULL,
    person_name text NOT NULL,
    region text COLLATE "C" NOT NULL,
    lang text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    done bigint NOT NULL,
    added bigint NOT NULL,
    changed bigint NOT NULL,
    unchanged bigint NOT NULL,
    rejected bigint NOT NULL,
    preview text NOT NULL,
    version bigint NOT NULL,
    by_key text COLLATE "C" NOT NULL DEFAULT ''::text,
    PRIMARY KEY (id)
);
CREATE INDEX xfer_run_region ON xfer_run USING btree (region, id);
CREATE TABLE yearbook_edition (
    region text COLLATE "C" NOT NULL,
    year bigint NOT NULL,
    edition bigint NOT NULL,
    body text NOT NULL,
    frozen_by text COLLATE "C" NOT NULL,
    frozen_at bigint NOT NULL,
    PRIMARY KEY (region, year, edition)
);
