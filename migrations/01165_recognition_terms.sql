-- owner: domain/recognition
-- Until when the yearly report is due and from when a re-check is: set with the
-- title, kept with each award. Of the awards that were given before, as the
-- program did until now.
-- +goose Up
ALTER TABLE recognition_title ADD COLUMN report_by TEXT COLLATE "C" NOT NULL DEFAULT '03-31'; -- month and day; empty: none is asked for
ALTER TABLE recognition_title ADD COLUMN recheck_days BIGINT NOT NULL DEFAULT 90;
ALTER TABLE recognition_award ADD COLUMN report_by TEXT COLLATE "C" NOT NULL DEFAULT '03-31';
ALTER TABLE recognition_award ADD COLUMN recheck_from TEXT COLLATE "C" NOT NULL DEFAULT '';
-- +engine sqlite
UPDATE recognition_award SET recheck_from = date(valid_to, '-90 days') WHERE valid_to <> '';
-- +engine postgres
UPDATE recognition_award SET recheck_from = CAST(CAST(valid_to AS DATE) - 90 AS TEXT) WHERE valid_to <> '';
-- +engine any
-- +goose Down
ALTER TABLE recognition_award DROP COLUMN recheck_from;
ALTER TABLE recognition_award DROP COLUMN report_by;
ALTER TABLE recognition_title DROP COLUMN recheck_days;
ALTER TABLE recognition_title DROP COLUMN report_by;
