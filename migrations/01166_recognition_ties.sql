-- owner: domain/recognition
-- Which office noted a tie (empty: the reviewer), who and when, and since when it
-- is past.
-- +goose Up
ALTER TABLE recognition_conflict ADD COLUMN office TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE recognition_conflict ADD COLUMN noted_by TEXT NOT NULL DEFAULT '';
ALTER TABLE recognition_conflict ADD COLUMN noted_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE recognition_conflict ADD COLUMN ended_on TEXT COLLATE "C" NOT NULL DEFAULT ''; -- empty while it holds
CREATE INDEX recognition_conflict_party ON recognition_conflict (party_kind, party_id);
-- +goose Down
DROP INDEX recognition_conflict_party;
ALTER TABLE recognition_conflict DROP COLUMN ended_on;
ALTER TABLE recognition_conflict DROP COLUMN noted_at;
ALTER TABLE recognition_conflict DROP COLUMN noted_by;
ALTER TABLE recognition_conflict DROP COLUMN office;
