-- owner: domain/techplatform
-- An agreement over a technology need or offer waits for the other side: which
-- side said so (owner or asker) and who of it, since when the present step is
-- counted, what proves it, and who was told that it is overdue.
-- +goose Up
ALTER TABLE techplatform_intro ADD COLUMN claimed_side TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE techplatform_intro ADD COLUMN claimed_by TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE techplatform_intro ADD COLUMN proof TEXT NOT NULL DEFAULT '';
ALTER TABLE techplatform_intro ADD COLUMN since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE techplatform_intro ADD COLUMN late_told BIGINT NOT NULL DEFAULT 0;
ALTER TABLE techplatform_intro ADD COLUMN above_told BIGINT NOT NULL DEFAULT 0;
UPDATE techplatform_intro SET since = updated_at;
CREATE INDEX techplatform_intro_state ON techplatform_intro (state, since);
-- +goose Down
DROP INDEX techplatform_intro_state;
ALTER TABLE techplatform_intro DROP COLUMN above_told;
ALTER TABLE techplatform_intro DROP COLUMN late_told;
ALTER TABLE techplatform_intro DROP COLUMN since;
ALTER TABLE techplatform_intro DROP COLUMN proof;
ALTER TABLE techplatform_intro DROP COLUMN claimed_by;
ALTER TABLE techplatform_intro DROP COLUMN claimed_side;
