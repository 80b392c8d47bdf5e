-- owner: gate
-- The audit trail (审计): append-only lanes of hash-chained entries, and the
-- idempotency keys of writes that were done once.
-- +goose Up
CREATE TABLE audit_entry (
    lane        BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    site        TEXT NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor_id    TEXT COLLATE "C" NOT NULL,
    action      TEXT COLLATE "C" NOT NULL,
    record_kind TEXT NOT NULL,
    record_id   TEXT COLLATE "C" NOT NULL,
    region      TEXT COLLATE "C" NOT NULL,
    detail      TEXT NOT NULL,
    hash        TEXT NOT NULL,
    PRIMARY KEY (lane, seq)
);
CREATE INDEX audit_entry_record ON audit_entry (record_kind, record_id, at);
CREATE INDEX audit_entry_actor ON audit_entry (actor_id, at);
CREATE INDEX audit_entry_at ON audit_entry (at);

CREATE TABLE audit_head (
    lane BIGINT NOT NULL PRIMARY KEY,
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE gate_once (
    actor       TEXT COLLATE "C" NOT NULL,
    once        TEXT COLLATE "C" NOT NULL,
    action      TEXT NOT NULL,
    record_kind TEXT NOT NULL,
    record_id   TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (actor, once)
);
-- +goose Down
DROP TABLE gate_once;
DROP TABLE audit_head;
DROP TABLE audit_entry;
