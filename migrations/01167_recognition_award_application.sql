-- owner: domain/recognition
-- The award of an application is looked for by its page and by the search.
-- +goose Up
CREATE INDEX recognition_award_application ON recognition_award (application_id);
-- +goose Down
DROP INDEX recognition_award_application;
