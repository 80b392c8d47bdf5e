-- owner: domain/recognition
-- A call keeps the terms that its title had when it was announced: what is changed
-- at the title holds for later calls.
-- +goose Up
ALTER TABLE recognition_call ADD COLUMN grade TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE recognition_call ADD COLUMN months BIGINT NOT NULL DEFAULT 0;
ALTER TABLE recognition_call ADD COLUMN publicity BIGINT NOT NULL DEFAULT 0; -- working days
ALTER TABLE recognition_call ADD COLUMN reviewers BIGINT NOT NULL DEFAULT 0;
UPDATE recognition_call SET
    grade = (SELECT t.grade FROM recognition_title t WHERE t.id = recognition_call.title),
    months = (SELECT t.months FROM recognition_title t WHERE t.id = recognition_call.title),
    publicity = (SELECT t.publicity FROM recognition_title t WHERE t.id = recognition_call.title),
    reviewers = (SELECT t.reviewers FROM recognition_title t WHERE t.id = recognition_call.title)
    WHERE title IN (SELECT id FROM recognition_title);
-- +goose Down
ALTER TABLE recognition_call DROP COLUMN reviewers;
ALTER TABLE recognition_call DROP COLUMN publicity;
ALTER TABLE recognition_call DROP COLUMN months;
ALTER TABLE recognition_call DROP COLUMN grade;
