-- owner: flow
-- The working-day calendar (工作日历) and the time limits of steps (办理时限).
-- +goose Up
CREATE TABLE flow_version (
    name    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO flow_version (name, version) VALUES ('calendar', 1);
INSERT INTO flow_version (name, version) VALUES ('limits', 1);

-- The years whose holidays are complete. Other years are Monday to Friday.
CREATE TABLE flow_calendar_year (
    year        BIGINT NOT NULL PRIMARY KEY,
    source      TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);

-- The days that differ from Monday to Friday.
CREATE TABLE flow_calendar (
    day     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind    TEXT NOT NULL CHECK (kind IN ('rest', 'work')),
    name    TEXT NOT NULL,
    name_en TEXT NOT NULL
);

-- A limit holds from its first day until the day before valid_to ('' is open).
CREATE TABLE flow_limit (
    type            TEXT COLLATE "C" NOT NULL,
    step            TEXT COLLATE "C" NOT NULL,
    valid_from      TEXT COLLATE "C" NOT NULL,
    valid_to        TEXT COLLATE "C" NOT NULL,
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
-- +goose Down
DROP TABLE flow_limit;
DROP TABLE flow_calendar;
DROP TABLE flow_calendar_year;
DROP TABLE flow_version;
