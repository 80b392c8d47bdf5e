-- owner: domain/recognition
-- The year whose missing report its holder was told of.
-- +goose Up
ALTER TABLE recognition_award ADD COLUMN report_told BIGINT NOT NULL DEFAULT 0;
CREATE INDEX recognition_application_office ON recognition_application (office, state);
CREATE INDEX recognition_award_office ON recognition_award (office, state);
-- +goose Down
DROP INDEX recognition_award_office;
DROP INDEX recognition_application_office;
ALTER TABLE recognition_award DROP COLUMN report_told;
