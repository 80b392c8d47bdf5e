-- owner: domain/park
-- SME parks (中小企业园): their buildings and tenants, the plans of towns, and the
-- enterprises that seek space. A plan that was not withdrawn holds its town's slot
-- of the year, under the code of the day it came in. Days are ISO text, '' while unknown or open; areas
-- are square metres. Facilities are a short list with a space around each code.
-- +goose Up
CREATE TABLE park (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name          TEXT COLLATE "C" NOT NULL,
    region        TEXT COLLATE "C" NOT NULL,
    developer     TEXT NOT NULL,
    operator      TEXT NOT NULL,
    operator_id   TEXT COLLATE "C" NOT NULL,
    land          BIGINT NOT NULL CHECK (land >= 0),
    planned_on    TEXT COLLATE "C" NOT NULL,
    begun_on      TEXT COLLATE "C" NOT NULL,
    opened_on     TEXT COLLATE "C" NOT NULL,
    ended_on      TEXT COLLATE "C" NOT NULL,
    facilities    TEXT NOT NULL,
    about         TEXT NOT NULL,
    address       TEXT NOT NULL,
    published     BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX park_name ON park (name, id);
CREATE INDEX park_region ON park (region, name, id);
CREATE INDEX park_operator ON park (operator_id) WHERE operator_id <> '';

-- A grade (A级) or, with grade 'model', a model park (示范园), for a term.
CREATE TABLE park_grade (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    park_id    TEXT COLLATE "C" NOT NULL REFERENCES park (id),
    grade      TEXT COLLATE "C" NOT NULL,
    valid_from TEXT COLLATE "C" NOT NULL,
    valid_to   TEXT COLLATE "C" NOT NULL,
    document   TEXT NOT NULL
);
CREATE INDEX park_grade_of ON park_grade (park_id, valid_from);

CREATE TABLE park_building (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    park_id      TEXT COLLATE "C" NOT NULL REFERENCES park (id),
    name         TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    floors       BIGINT NOT NULL,
    area         BIGINT NOT NULL CHECK (area > 0),
    planned_on   TEXT COLLATE "C" NOT NULL,
    begun_on     TEXT COLLATE "C" NOT NULL,
    completed_on TEXT COLLATE "C" NOT NULL,
    version      BIGINT NOT NULL
);
CREATE UNIQUE INDEX park_building_name ON park_building (park_id, name);

CREATE TABLE park_tenancy (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    park_id       TEXT COLLATE "C" NOT NULL REFERENCES park (id),
    enterprise_id TEXT COLLATE "C" NOT NULL,
    entered_for   TEXT COLLATE "C" NOT NULL,
    entered_on    TEXT COLLATE "C" NOT NULL,
    left_on       TEXT COLLATE "C" NOT NULL,
    way           TEXT COLLATE "C" NOT NULL,
    note          TEXT NOT NULL,
    undone        BIGINT NOT NULL,
    version       BIGINT NOT NULL
);
CREATE INDEX park_tenancy_of ON park_tenancy (park_id, entered_on, id);
CREATE INDEX park_tenancy_enterprise ON park_tenancy (enterprise_id);
CREATE INDEX park_tenancy_entered_for ON park_tenancy (entered_for);

-- What a tenant has in a building, from one day until another.
CREATE TABLE park_space (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenancy_id  TEXT COLLATE "C" NOT NULL REFERENCES park_tenancy (id),
    building_id TEXT COLLATE "C" NOT NULL REFERENCES park_building (id),
    area        BIGINT NOT NULL CHECK (area > 0),
    valid_from  TEXT COLLATE "C" NOT NULL,
    valid_to    TEXT COLLATE "C" NOT NULL
);
CREATE INDEX park_space_in ON park_space (building_id, valid_from);
CREATE INDEX park_space_of ON park_space (tenancy_id, valid_from);

CREATE TABLE park_plan (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    region       TEXT COLLATE "C" NOT NULL,
    year         BIGINT NOT NULL,
    title        TEXT NOT NULL,
    land         BIGINT NOT NULL,
    floor_area   BIGINT NOT NULL,
    parks        BIGINT NOT NULL,
    body         TEXT NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    round        BIGINT NOT NULL,
    submitted_by TEXT COLLATE "C" NOT NULL,
    submitted_on TEXT COLLATE "C" NOT NULL,
    approved_on  TEXT COLLATE "C" NOT NULL,
    document     TEXT NOT NULL,
    slot         TEXT COLLATE "C" NOT NULL,
    version      BIGINT NOT NULL
);
CREATE INDEX park_plan_year ON park_plan (region, year);
CREATE UNIQUE INDEX park_plan_slot ON park_plan (slot) WHERE slot <> '';
CREATE INDEX park_plan_state ON park_plan (state, region);

CREATE TABLE park_opinion (
    id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    plan_id TEXT COLLATE "C" NOT NULL REFERENCES park_plan (id),
    round   BIGINT NOT NULL,
    expert  TEXT NOT NULL,
    post    TEXT NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    words   TEXT NOT NULL,
    noted_by TEXT COLLATE "C" NOT NULL,
    noted_at BIGINT NOT NULL
);
CREATE INDEX park_opinion_of ON park_opinion (plan_id, round, id);

-- An enterprise seeks space (找厂房): a wish, then an application for a building.
CREATE TABLE park_wish (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    enterprise_id TEXT COLLATE "C" NOT NULL,
    wished_for    TEXT COLLATE "C" NOT NULL,
    county        TEXT COLLATE "C" NOT NULL,
    region        TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    area          BIGINT NOT NULL CHECK (area > 0),
    needed_by     TEXT COLLATE "C" NOT NULL,
    body          TEXT NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    building_id   TEXT COLLATE "C" NOT NULL,
    park_id       TEXT COLLATE "C" NOT NULL,
    tenancy_id    TEXT COLLATE "C" NOT NULL,
    posted_at     BIGINT NOT NULL,
    version       BIGINT NOT NULL
);
CREATE INDEX park_wish_region ON park_wish (region, state);
CREATE INDEX park_wish_enterprise ON park_wish (enterprise_id);
CREATE INDEX park_wish_wished_for ON park_wish (wished_for);
CREATE INDEX park_wish_park ON park_wish (park_id) WHERE park_id <> '';
-- +goose Down
DROP TABLE park_wish;
DROP TABLE park_opinion;
DROP TABLE park_plan;
DROP TABLE park_space;
DROP TABLE park_tenancy;
DROP TABLE park_building;
DROP TABLE park_grade;
DROP TABLE park;
