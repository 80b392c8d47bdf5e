-- owner: domain/territory
-- The territorial tree (行政区划) with its history. '' in valid_from means since
-- before the records, '' in valid_to means still.
-- +goose Up
CREATE TABLE territory_version (
    name    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO territory_version (name, version) VALUES ('tree', 1);

-- One row for each span of days in which a code had a name.
CREATE TABLE territory_region (
    code       TEXT COLLATE "C" NOT NULL,
    valid_from TEXT COLLATE "C" NOT NULL,
    valid_to   TEXT COLLATE "C" NOT NULL,
    name       TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    short_name TEXT NOT NULL,
    level      BIGINT NOT NULL,
    parent     TEXT COLLATE "C" NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('admin', 'zone')),
    known_from TEXT COLLATE "C" NOT NULL, -- approximate before this day
    grade      TEXT NOT NULL,
    note       TEXT NOT NULL,
    PRIMARY KEY (code, valid_from)
);
CREATE INDEX territory_region_parent ON territory_region (parent, code);

-- What became of what; main marks the successor that records go to.
CREATE TABLE territory_lineage (
    from_code TEXT COLLATE "C" NOT NULL,
    to_code   TEXT COLLATE "C" NOT NULL,
    on_date   TEXT COLLATE "C" NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('rename', 'upgrade', 'merge', 'split', 'move')),
    main      BIGINT NOT NULL,
    grade     TEXT NOT NULL,
    note      TEXT NOT NULL,
    PRIMARY KEY (from_code, to_code, on_date)
);

-- 重点镇: a flag of a town for a span of days.
CREATE TABLE territory_key_town (
    town       TEXT COLLATE "C" NOT NULL,
    valid_from TEXT COLLATE "C" NOT NULL,
    valid_to   TEXT COLLATE "C" NOT NULL,
    synthetic  BIGINT NOT NULL,
    PRIMARY KEY (town, valid_from)
);
-- +goose Down
DROP TABLE territory_key_town;
DROP TABLE territory_lineage;
DROP TABLE territory_region;
DROP TABLE territory_version;
