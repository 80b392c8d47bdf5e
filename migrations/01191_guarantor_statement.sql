-- owner: domain/guarantee
-- A guarantor's assets by class at the end of a day (资产分级), from its statements.
-- Money is in fen, days are ISO text.
-- +goose Up
CREATE TABLE guarantor_statement (
    guarantor_id TEXT COLLATE "C" NOT NULL REFERENCES guarantor (id),
    as_of        TEXT COLLATE "C" NOT NULL,
    total        BIGINT NOT NULL CHECK (total > 0),
    receivable   BIGINT NOT NULL CHECK (receivable >= 0),
    first_class  BIGINT NOT NULL CHECK (first_class >= 0),
    second_class BIGINT NOT NULL CHECK (second_class >= 0),
    third_class  BIGINT NOT NULL CHECK (third_class >= 0),
    source       TEXT NOT NULL,
    PRIMARY KEY (guarantor_id, as_of)
);
-- +goose Down
DROP TABLE guarantor_statement;
