-- owner: xfer
-- Imports through the workbench (表格导入): what was uploaded, what a look at it
-- found, and what became of it. Files stand in parts, so that every process has
-- them and none is held in one piece; they go after thirty days, the counts stay.
-- +goose Up
CREATE TABLE xfer_run (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind        TEXT COLLATE "C" NOT NULL,
    name        TEXT NOT NULL,             -- of the file, as it was uploaded
    bytes       BIGINT NOT NULL,
    person      TEXT COLLATE "C" NOT NULL,
    person_name TEXT NOT NULL,
    region      TEXT COLLATE "C" NOT NULL, -- the place of the office that imports
    lang        TEXT COLLATE "C" NOT NULL, -- that reasons are written in
    state       TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL,
    done        BIGINT NOT NULL,           -- rows so far, while it runs
    added       BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    unchanged   BIGINT NOT NULL,
    rejected    BIGINT NOT NULL,
    preview     TEXT NOT NULL,             -- JSON
    version     BIGINT NOT NULL
);
CREATE INDEX xfer_run_region ON xfer_run (region, id);

-- side: in (as uploaded), out (the rejected rows).
CREATE TABLE xfer_part (
    run  TEXT COLLATE "C" NOT NULL REFERENCES xfer_run (id),
    side TEXT COLLATE "C" NOT NULL,
    n    BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (run, side, n)
);
-- +goose Down
DROP TABLE xfer_part;
DROP TABLE xfer_run;
