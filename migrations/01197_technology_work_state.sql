-- owner: domain/techplatform
-- Services that a platform's own people enter wait for their office, which confirms
-- them or returns them with a reason. What is on file counted at once and goes on
-- counting.
-- +goose Up
ALTER TABLE techplatform_work ADD COLUMN state TEXT COLLATE "C" NOT NULL DEFAULT 'counted'; -- waiting, counted, returned, withdrawn
ALTER TABLE techplatform_work ADD COLUMN returned TEXT NOT NULL DEFAULT ''; -- why it was returned
ALTER TABLE techplatform_work ADD COLUMN entered_by TEXT COLLATE "C" NOT NULL DEFAULT ''; -- the person, to keep it from confirming its own
UPDATE techplatform_work SET state = 'withdrawn' WHERE withdrawn <> '';
CREATE INDEX techplatform_work_state ON techplatform_work (state, region);
-- +goose Down
DROP INDEX techplatform_work_state;
ALTER TABLE techplatform_work DROP COLUMN entered_by;
ALTER TABLE techplatform_work DROP COLUMN returned;
ALTER TABLE techplatform_work DROP COLUMN state;
