-- owner: xfer
-- With which key a program asked for an import, '' when a person did: the job
-- then does no more than the key may, and the trail names it.
-- +goose Up
ALTER TABLE xfer_run ADD COLUMN by_key TEXT COLLATE "C" NOT NULL DEFAULT '';
-- +goose Down
ALTER TABLE xfer_run DROP COLUMN by_key;
