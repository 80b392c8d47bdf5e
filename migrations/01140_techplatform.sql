-- owner: domain/techplatform
-- Common technology platforms (共性技术服务平台) with their levels, founders,
-- services and instruments; specialty industry bases (特色产业基地) and which
-- platform serves which; what was booked, ordered and done.
-- +goose Up
CREATE TABLE techplatform (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name           TEXT NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL,
    institution_id TEXT COLLATE "C" NOT NULL,
    base_id        TEXT COLLATE "C" NOT NULL,
    functions      TEXT NOT NULL,
    industry       TEXT NOT NULL,
    region         TEXT COLLATE "C" NOT NULL,
    founded        TEXT COLLATE "C" NOT NULL,
    ended          TEXT COLLATE "C" NOT NULL,
    address        TEXT NOT NULL,
    about          TEXT NOT NULL,
    published      BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);
CREATE INDEX techplatform_region ON techplatform (region);
CREATE INDEX techplatform_institution ON techplatform (institution_id);

-- The level a platform is recognised at, in spans that do not overlap.
CREATE TABLE techplatform_term (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    platform_id TEXT COLLATE "C" NOT NULL,
    level       TEXT COLLATE "C" NOT NULL,
    valid_from  TEXT COLLATE "C" NOT NULL,
    valid_to    TEXT COLLATE "C" NOT NULL,
    document    TEXT NOT NULL
);
CREATE INDEX techplatform_term_platform ON techplatform_term (platform_id, valid_from);

CREATE TABLE techplatform_founder (
    platform_id TEXT COLLATE "C" NOT NULL,
    position    BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    what        TEXT NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount >= 0),
    note        TEXT NOT NULL,
    PRIMARY KEY (platform_id, position)
);

CREATE TABLE techplatform_service (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    platform_id TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    price       BIGINT NOT NULL CHECK (price >= 0),
    unit        TEXT NOT NULL,
    free_share  BIGINT NOT NULL,
    ended       BIGINT NOT NULL
);
CREATE INDEX techplatform_service_platform ON techplatform_service (platform_id);

CREATE TABLE techplatform_instrument (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    platform_id TEXT COLLATE "C" NOT NULL,
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

-- Spans for which an instrument is held, in minutes of the day; given back ones
-- are deleted. No two of an instrument overlap: checked under its row's lock.
CREATE TABLE techplatform_booking (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    instrument_id TEXT COLLATE "C" NOT NULL,
    order_id      TEXT COLLATE "C" NOT NULL,
    day           TEXT COLLATE "C" NOT NULL,
    from_minute   BIGINT NOT NULL,
    to_minute     BIGINT NOT NULL CHECK (to_minute > from_minute),
    note          TEXT NOT NULL
);
CREATE INDEX techplatform_booking_day ON techplatform_booking (instrument_id, day);
CREATE INDEX techplatform_booking_order ON techplatform_booking (order_id);

CREATE TABLE techplatform_order (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number         TEXT COLLATE "C" NOT NULL UNIQUE,
    platform_id    TEXT COLLATE "C" NOT NULL,
    institution_id TEXT COLLATE "C" NOT NULL,
    service_id     TEXT COLLATE "C" NOT NULL,
    service_name   TEXT NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL,
    enterprise_id  TEXT COLLATE "C" NOT NULL,
    ordered_for    TEXT COLLATE "C" NOT NULL,
    requester      TEXT NOT NULL,
    region         TEXT COLLATE "C" NOT NULL,
    title          TEXT NOT NULL,
    body           TEXT NOT NULL,
    wanted_by      TEXT COLLATE "C" NOT NULL,
    instrument_id  TEXT COLLATE "C" NOT NULL,
    day            TEXT COLLATE "C" NOT NULL,
    from_minute    BIGINT NOT NULL,
    to_minute      BIGINT NOT NULL,
    state          TEXT COLLATE "C" NOT NULL,
    done_on        TEXT COLLATE "C" NOT NULL,
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
);
CREATE INDEX techplatform_order_region ON techplatform_order (region, placed_at);
CREATE INDEX techplatform_order_enterprise ON techplatform_order (enterprise_id, placed_at);
CREATE INDEX techplatform_order_institution ON techplatform_order (institution_id, placed_at);

-- The last number given to an order, per year.
CREATE TABLE techplatform_number (
    year TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

-- What was done: one service each, for one or many enterprises.
CREATE TABLE techplatform_work (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    platform_id    TEXT COLLATE "C" NOT NULL,
    institution_id TEXT COLLATE "C" NOT NULL,
    service_id     TEXT COLLATE "C" NOT NULL,
    order_id       TEXT COLLATE "C" NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL,
    done_on        TEXT COLLATE "C" NOT NULL,
    title          TEXT NOT NULL,
    fee            BIGINT NOT NULL CHECK (fee >= 0),
    free           BIGINT NOT NULL,
    region         TEXT COLLATE "C" NOT NULL,
    withdrawn      TEXT NOT NULL,
    version        BIGINT NOT NULL,
    made_at        BIGINT NOT NULL
);
CREATE INDEX techplatform_work_platform ON techplatform_work (platform_id, done_on, id);
CREATE INDEX techplatform_work_region ON techplatform_work (region, done_on, id);

CREATE TABLE techplatform_work_enterprise (
    work_id       TEXT COLLATE "C" NOT NULL,
    enterprise_id TEXT COLLATE "C" NOT NULL,
    served        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (work_id, served)
);
CREATE INDEX techplatform_work_enterprise_of ON techplatform_work_enterprise (enterprise_id);

CREATE TABLE techplatform_base (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    region     TEXT COLLATE "C" NOT NULL,
    industry   TEXT NOT NULL,
    since      TEXT COLLATE "C" NOT NULL,
    ended      TEXT COLLATE "C" NOT NULL,
    about      TEXT NOT NULL,
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX techplatform_base_region ON techplatform_base (region);

CREATE TABLE techplatform_link (
    base_id     TEXT COLLATE "C" NOT NULL,
    platform_id TEXT COLLATE "C" NOT NULL,
    functions   TEXT NOT NULL,
    since       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (base_id, platform_id)
);
CREATE INDEX techplatform_link_platform ON techplatform_link (platform_id);

-- +goose Down
DROP TABLE techplatform_link;
DROP TABLE techplatform_base;
DROP TABLE techplatform_work_enterprise;
DROP TABLE techplatform_work;
DROP TABLE techplatform_number;
DROP TABLE techplatform_order;
DROP TABLE techplatform_booking;
DROP TABLE techplatform_instrument;
DROP TABLE techplatform_service;
DROP TABLE techplatform_founder;
DROP TABLE techplatform_term;
DROP TABLE techplatform;
