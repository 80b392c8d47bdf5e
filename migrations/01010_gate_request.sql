-- owner: gate
-- Which request of a program a write belonged to, and what was asked: a repeated
-- request is answered with what the first made (幂等键).
-- +goose Up
ALTER TABLE gate_once ADD COLUMN request TEXT NOT NULL DEFAULT '';
ALTER TABLE gate_once ADD COLUMN print TEXT NOT NULL DEFAULT '';
CREATE INDEX gate_once_request ON gate_once (actor, request) WHERE request <> '';
-- +goose Down
DROP INDEX gate_once_request;
ALTER TABLE gate_once DROP COLUMN print;
ALTER TABLE gate_once DROP COLUMN request;
