-- owner: domain/yearbook
-- An edition is the chapter as it was read when it was frozen, in both
-- languages; it never changes. A correction is a new edition.
-- +goose Up
CREATE TABLE yearbook_edition (
    region    TEXT COLLATE "C" NOT NULL,
    year      BIGINT NOT NULL,
    edition   BIGINT NOT NULL,
    body      TEXT NOT NULL,
    frozen_by TEXT COLLATE "C" NOT NULL,
    frozen_at BIGINT NOT NULL,
    PRIMARY KEY (region, year, edition)
);
-- +goose Down
DROP TABLE yearbook_edition;
