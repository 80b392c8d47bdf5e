-- owner: domain/techplatform
-- Who was told that a step is overdue: since of the step whose delay was told of
-- to those who are to take it (late_told) and to the level above (above_told).
-- +goose Up
ALTER TABLE techplatform_order ADD COLUMN above_told BIGINT NOT NULL DEFAULT 0;
ALTER TABLE techplatform_notice ADD COLUMN late_told BIGINT NOT NULL DEFAULT 0;
ALTER TABLE techplatform_notice ADD COLUMN above_told BIGINT NOT NULL DEFAULT 0;
ALTER TABLE techplatform_product ADD COLUMN late_told BIGINT NOT NULL DEFAULT 0;
ALTER TABLE techplatform_product ADD COLUMN above_told BIGINT NOT NULL DEFAULT 0;
-- +goose Down
ALTER TABLE techplatform_product DROP COLUMN above_told;
ALTER TABLE techplatform_product DROP COLUMN late_told;
ALTER TABLE techplatform_notice DROP COLUMN above_told;
ALTER TABLE techplatform_notice DROP COLUMN late_told;
ALTER TABLE techplatform_order DROP COLUMN above_told;
