-- owner: domain/engagement
-- Needs (诉求、需求), the offers made of them, what was delivered, and what those
-- who asked said of it. due is far in the future while nothing is due, so that
-- lists sort by it.
-- +goose Up
CREATE TABLE need (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number         TEXT COLLATE "C" NOT NULL UNIQUE,
    region         TEXT COLLATE "C" NOT NULL,
    office         TEXT COLLATE "C" NOT NULL,
    enterprise_id  TEXT COLLATE "C" NOT NULL,
    posted_for     TEXT COLLATE "C" NOT NULL,
    person_id      TEXT COLLATE "C" NOT NULL,
    requester      TEXT NOT NULL,
    size           TEXT NOT NULL,
    channel        TEXT NOT NULL,
    theme          TEXT COLLATE "C" NOT NULL,
    title          TEXT NOT NULL,
    body           TEXT NOT NULL,
    amount         BIGINT NOT NULL CHECK (amount >= 0),
    months         BIGINT NOT NULL,
    collateral     TEXT NOT NULL,
    wanted_by      TEXT COLLATE "C" NOT NULL,
    state          TEXT COLLATE "C" NOT NULL,
    back           TEXT NOT NULL,
    institution_id TEXT COLLATE "C" NOT NULL,
    in_charge      BIGINT NOT NULL,
    assignee       TEXT COLLATE "C" NOT NULL,
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
CREATE INDEX need_todo ON need (region, state, due);
CREATE INDEX need_due ON need (state, due, id);
CREATE INDEX need_enterprise ON need (enterprise_id, posted_at);
CREATE INDEX need_person ON need (person_id, posted_at);
CREATE INDEX need_assignee ON need (assignee, state, due);
CREATE INDEX need_closed ON need (closed_at);
CREATE INDEX need_posted ON need (posted_at, id, region);
CREATE INDEX need_alike ON need (theme, finished_at);

-- The last number given, per county and year.
CREATE TABLE need_number (
    county TEXT COLLATE "C" NOT NULL,
    year   TEXT COLLATE "C" NOT NULL,
    last   BIGINT NOT NULL,
    PRIMARY KEY (county, year)
);

-- Whom to speak to: personal data, read with a trace only.
CREATE TABLE need_contact (
    need_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES need (id),
    name    TEXT NOT NULL,
    post    TEXT NOT NULL,
    phone   TEXT NOT NULL
);

CREATE TABLE need_offer (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    need_id          TEXT COLLATE "C" NOT NULL REFERENCES need (id),
    institution_id   TEXT COLLATE "C" NOT NULL,
    institution_name TEXT NOT NULL,
    reasons          TEXT NOT NULL,
    note             TEXT NOT NULL,
    offered_by       TEXT COLLATE "C" NOT NULL,
    offered_name     TEXT NOT NULL,
    offered_at       BIGINT NOT NULL,
    due              BIGINT NOT NULL,
    answer           TEXT NOT NULL,
    words            TEXT NOT NULL,
    answered_by      TEXT COLLATE "C" NOT NULL,
    answered_at      BIGINT NOT NULL,
    on_time          BIGINT NOT NULL
);
CREATE INDEX need_offer_of ON need_offer (need_id, institution_id);
CREATE INDEX need_offer_to ON need_offer (institution_id, answer, due);
CREATE INDEX need_offer_at ON need_offer (offered_at, institution_id);

CREATE TABLE need_delivery (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    need_id          TEXT COLLATE "C" NOT NULL REFERENCES need (id),
    institution_id   TEXT COLLATE "C" NOT NULL,
    institution_name TEXT NOT NULL,
    day              TEXT COLLATE "C" NOT NULL,
    theme            TEXT COLLATE "C" NOT NULL,
    form             TEXT COLLATE "C" NOT NULL,
    amount           BIGINT NOT NULL CHECK (amount >= 0),
    quantity         BIGINT NOT NULL CHECK (quantity > 0),
    body             TEXT NOT NULL,
    reach            TEXT NOT NULL,
    crowd            TEXT NOT NULL,
    rhythm           TEXT NOT NULL,
    topic            TEXT NOT NULL,
    region           TEXT COLLATE "C" NOT NULL,
    tier             TEXT NOT NULL,
    size             TEXT NOT NULL,
    state            TEXT NOT NULL,
    recorded_by      TEXT COLLATE "C" NOT NULL,
    recorded_name    TEXT NOT NULL,
    recorded_at      BIGINT NOT NULL,
    confirmed_at     BIGINT NOT NULL,
    reason           TEXT NOT NULL
);
CREATE INDEX need_delivery_of ON need_delivery (need_id, recorded_at);
CREATE INDEX need_delivery_by ON need_delivery (institution_id, day);

CREATE TABLE need_rating (
    need_id  TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES need (id),
    on_time  BIGINT NOT NULL,
    solved   TEXT NOT NULL,
    score    BIGINT NOT NULL CHECK (score BETWEEN 1 AND 5),
    words    TEXT NOT NULL,
    rated_by TEXT COLLATE "C" NOT NULL,
    rated_at BIGINT NOT NULL
);

CREATE TABLE need_callback (
    need_id   TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES need (id),
    region    TEXT COLLATE "C" NOT NULL,
    office    TEXT COLLATE "C" NOT NULL,
    picked_at BIGINT NOT NULL,
    heard     TEXT COLLATE "C" NOT NULL,
    note      TEXT NOT NULL,
    called_by TEXT COLLATE "C" NOT NULL,
    called_at BIGINT NOT NULL,
    version   BIGINT NOT NULL
);
CREATE INDEX need_callback_open ON need_callback (region, heard, picked_at);

-- The history of a need as those concerned read it (办理经过).
CREATE TABLE need_event (
    need_id    TEXT COLLATE "C" NOT NULL REFERENCES need (id),
    seq        BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    action     TEXT COLLATE "C" NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id   TEXT COLLATE "C" NOT NULL,
    actor_name TEXT NOT NULL,
    note       TEXT NOT NULL,
    PRIMARY KEY (need_id, seq)
);
-- +goose Down
DROP TABLE need_event;
DROP TABLE need_callback;
DROP TABLE need_rating;
DROP TABLE need_delivery;
DROP TABLE need_offer;
DROP TABLE need_contact;
DROP TABLE need_number;
DROP TABLE need;
