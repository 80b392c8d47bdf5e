-- owner: ledger
-- How often what is kept of a stream's month has changed: what a process
-- remembers of it holds as long as this number does.
-- +goose Up
CREATE TABLE ledger_version (
    stream  TEXT COLLATE "C" NOT NULL,
    month   TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (stream, month)
)/* WITHOUT ROWID */;

-- ledger_kept says of every stream that was ever rolled what is kept of it:
-- besides bitmaps the sums ("cells"), which streams of levels do without, and
-- a row of its own ("") that it was rolled at all.
INSERT INTO ledger_kept (stream, who, ready) SELECT DISTINCT stream, 'cells', 1 FROM ledger_cell;
INSERT INTO ledger_kept (stream, who, ready) SELECT DISTINCT stream, '', 1 FROM ledger_cell;
-- +goose Down
DELETE FROM ledger_kept WHERE who IN ('', 'cells');
DROP TABLE ledger_version;
