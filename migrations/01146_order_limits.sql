-- owner: domain/techplatform
-- Orders of technology platforms have time limits: since is the moment from which
-- the present step is counted, late_told that whose delay was told of.
-- +goose Up
ALTER TABLE techplatform_order ADD COLUMN since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE techplatform_order ADD COLUMN late_told BIGINT NOT NULL DEFAULT 0;
UPDATE techplatform_order SET since = updated_at;
CREATE INDEX techplatform_order_state ON techplatform_order (state, since);
-- +goose Down
DROP INDEX techplatform_order_state;
ALTER TABLE techplatform_order DROP COLUMN late_told;
ALTER TABLE techplatform_order DROP COLUMN since;
