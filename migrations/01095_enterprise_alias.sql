-- owner: domain/enterprise
-- Nobody asks which entries were merged into another, and nearly all were into
-- none: SQLite took the index for a good way to them and walked a million
-- entries for each thousand that an import asked for by their ids.
-- +goose Up
DROP INDEX enterprise_alias;
-- +goose Down
CREATE INDEX enterprise_alias ON enterprise (alias_of);
