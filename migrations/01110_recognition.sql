-- owner: domain/recognition
-- Titles, calls, applications, reviews, objections and awards (认定).
-- +goose Up
CREATE TABLE recognition_title (
    id        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name      TEXT NOT NULL,
    name_en   TEXT NOT NULL,
    subject   TEXT NOT NULL,
    grade     TEXT NOT NULL,
    below     TEXT NOT NULL,
    criteria  TEXT COLLATE "C" NOT NULL,
    months    BIGINT NOT NULL,
    publicity BIGINT NOT NULL,
    reviewers BIGINT NOT NULL,
    version   BIGINT NOT NULL
);

CREATE TABLE recognition_call (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    title            TEXT COLLATE "C" NOT NULL,
    office           TEXT COLLATE "C" NOT NULL,
    name             TEXT NOT NULL,
    document         TEXT NOT NULL,
    body             TEXT NOT NULL,
    year             BIGINT NOT NULL,
    criteria_version BIGINT NOT NULL,
    opens            TEXT COLLATE "C" NOT NULL,
    closes           TEXT COLLATE "C" NOT NULL,
    quota            BIGINT NOT NULL,
    state            TEXT COLLATE "C" NOT NULL,
    version          BIGINT NOT NULL
);
CREATE INDEX recognition_call_state ON recognition_call (state, closes, id);

CREATE TABLE recognition_application (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    call_id      TEXT COLLATE "C" NOT NULL,
    title        TEXT COLLATE "C" NOT NULL,
    office       TEXT COLLATE "C" NOT NULL,
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject_id   TEXT COLLATE "C" NOT NULL,
    subject_name TEXT NOT NULL,
    region       TEXT COLLATE "C" NOT NULL,
    party_kind   TEXT COLLATE "C" NOT NULL,
    party_id     TEXT COLLATE "C" NOT NULL,
    inputs       TEXT NOT NULL, -- JSON
    evidence     TEXT NOT NULL, -- JSON
    words        TEXT NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    score        BIGINT NOT NULL, -- hundredths
    spread       BIGINT NOT NULL,
    public_on    TEXT COLLATE "C" NOT NULL,
    public_to    TEXT COLLATE "C" NOT NULL,
    reason       TEXT NOT NULL,
    filled_by    TEXT NOT NULL,
    submitted_at BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    version      BIGINT NOT NULL
);
-- A subject applies once in a call, unless it withdrew.
CREATE UNIQUE INDEX recognition_application_once ON recognition_application (call_id, subject_kind, subject_id) WHERE state <> 'withdrawn';
CREATE INDEX recognition_application_list ON recognition_application (call_id, state, score);
CREATE INDEX recognition_application_place ON recognition_application (region, state);
CREATE INDEX recognition_application_party ON recognition_application (party_id);
CREATE INDEX recognition_application_public ON recognition_application (state, public_to);

CREATE TABLE recognition_review (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    application_id TEXT COLLATE "C" NOT NULL,
    person         TEXT COLLATE "C" NOT NULL,
    name           TEXT NOT NULL,
    state          TEXT COLLATE "C" NOT NULL,
    points         TEXT NOT NULL, -- JSON
    remarks        TEXT NOT NULL, -- JSON
    words          TEXT NOT NULL,
    total          BIGINT NOT NULL, -- hundredths
    assigned_at    BIGINT NOT NULL,
    done_at        BIGINT NOT NULL,
    UNIQUE (application_id, person)
);
CREATE INDEX recognition_review_person ON recognition_review (person, state);

CREATE TABLE recognition_conflict (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    person     TEXT COLLATE "C" NOT NULL,
    party_kind TEXT COLLATE "C" NOT NULL,
    party_id   TEXT COLLATE "C" NOT NULL,
    party_name TEXT NOT NULL,
    reason     TEXT NOT NULL,
    UNIQUE (person, party_kind, party_id)
);

CREATE TABLE recognition_objection (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    application_id TEXT COLLATE "C" NOT NULL,
    by_id          TEXT COLLATE "C" NOT NULL,
    by_name        TEXT NOT NULL,
    words          TEXT NOT NULL,
    at             BIGINT NOT NULL,
    answer         TEXT NOT NULL,
    upheld         BIGINT NOT NULL,
    answered_at    BIGINT NOT NULL
);
CREATE INDEX recognition_objection_of ON recognition_objection (application_id, at);

CREATE TABLE recognition_award (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    application_id TEXT COLLATE "C" NOT NULL,
    title          TEXT COLLATE "C" NOT NULL,
    office         TEXT COLLATE "C" NOT NULL,
    subject_kind   TEXT COLLATE "C" NOT NULL,
    subject_id     TEXT COLLATE "C" NOT NULL,
    subject_name   TEXT NOT NULL,
    region         TEXT COLLATE "C" NOT NULL,
    party_kind     TEXT COLLATE "C" NOT NULL,
    party_id       TEXT COLLATE "C" NOT NULL,
    grade          TEXT NOT NULL,
    was            TEXT NOT NULL, -- the grade before it was downgraded
    regraded       TEXT COLLATE "C" NOT NULL, -- the day of that
    valid_from     TEXT COLLATE "C" NOT NULL,
    valid_to       TEXT COLLATE "C" NOT NULL,
    document       TEXT NOT NULL,
    state          TEXT COLLATE "C" NOT NULL,
    version        BIGINT NOT NULL
);
CREATE INDEX recognition_award_title ON recognition_award (title, state, valid_to);
CREATE INDEX recognition_award_subject ON recognition_award (subject_kind, subject_id);
CREATE INDEX recognition_award_party ON recognition_award (party_id);

CREATE TABLE recognition_report (
    award_id TEXT COLLATE "C" NOT NULL,
    year     BIGINT NOT NULL,
    words    TEXT NOT NULL,
    inputs   TEXT NOT NULL, -- JSON
    by_id    TEXT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (award_id, year)
);
-- +goose Down
DROP TABLE recognition_report;
DROP TABLE recognition_award;
DROP TABLE recognition_objection;
DROP TABLE recognition_conflict;
DROP TABLE recognition_review;
DROP TABLE recognition_application;
DROP TABLE recognition_call;
DROP TABLE recognition_title;
