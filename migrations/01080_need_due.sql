-- owner: domain/engagement
-- What is due, the soonest first, whatever its state: tasks walk along it, some
-- hundreds at a time. With the state before the day every batch sorted all.
-- +goose Up
DROP INDEX need_due;
CREATE INDEX need_due ON need (due, id);
-- +goose Down
DROP INDEX need_due;
CREATE INDEX need_due ON need (state, due, id);
