-- owner: app
-- Forms that were sent when they could not be taken, kept until their person
-- comes back with the token.
-- +goose Up
CREATE TABLE app_draft (
    token TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    page  TEXT NOT NULL,
    form  TEXT NOT NULL,
    at    BIGINT NOT NULL
);
CREATE INDEX app_draft_at ON app_draft (at);
-- +goose Down
DROP TABLE app_draft;
