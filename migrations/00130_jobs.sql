-- owner: jobs
-- The record of each run of a background job (运行记录). The queue itself is in
-- tables named river_*, which its own migrations make.
-- +goose Up
CREATE TABLE job_run (
    id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    job     BIGINT NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    attempt BIGINT NOT NULL,
    started BIGINT NOT NULL,
    ended   BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    counts  TEXT NOT NULL,
    error   TEXT NOT NULL
);
CREATE INDEX job_run_kind ON job_run (kind, started);
CREATE INDEX job_run_job ON job_run (job);
-- +goose Down
DROP TABLE job_run;
