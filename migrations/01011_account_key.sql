-- owner: domain/account
-- Keys that programs act with for a person (接口密钥). Only a keyed hash of a key
-- is kept; tail is its last letters, for people to tell their keys apart.
-- +goose Up
CREATE TABLE account_key (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    person     TEXT COLLATE "C" NOT NULL REFERENCES account_person (id),
    name       TEXT NOT NULL,
    digest     TEXT COLLATE "C" NOT NULL UNIQUE,
    tail       TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    official   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL,
    ended_by   TEXT COLLATE "C" NOT NULL,
    used_on    TEXT NOT NULL
);
CREATE INDEX account_key_person ON account_key (person, ended_at);
-- +goose Down
DROP TABLE account_key;
