-- owner: flow
-- The history of every record that goes through a process (办理经过). Needs keep
-- theirs themselves.
-- +goose Up
CREATE TABLE flow_event (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    record_kind TEXT COLLATE "C" NOT NULL,
    record_id   TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    action      TEXT NOT NULL,
    from_state  TEXT NOT NULL,
    to_state    TEXT NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor_id    TEXT NOT NULL,
    actor_name  TEXT NOT NULL,
    note        TEXT NOT NULL
);
CREATE INDEX flow_event_record ON flow_event (record_kind, record_id, at);
-- +goose Down
DROP TABLE flow_event;
