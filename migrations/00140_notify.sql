-- owner: notify
-- Inboxes (站内消息): what people were told, and whether they want mails too.
-- +goose Up
CREATE TABLE notify_message (
    id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    person  TEXT COLLATE "C" NOT NULL,
    key     TEXT NOT NULL,
    args    TEXT NOT NULL,
    link    TEXT NOT NULL,
    created BIGINT NOT NULL,
    read_at BIGINT NOT NULL
);
CREATE INDEX notify_message_person ON notify_message (person, id);
CREATE INDEX notify_message_unread ON notify_message (person) WHERE read_at = 0;
CREATE INDEX notify_message_created ON notify_message (created);

CREATE TABLE notify_wish (
    person TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    mail   BIGINT NOT NULL
);
-- +goose Down
DROP TABLE notify_wish;
DROP TABLE notify_message;
