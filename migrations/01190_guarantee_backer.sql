-- owner: domain/guarantee
-- Enterprises that stand behind a contract with a counter-guarantee (反担保人), each
-- for at most so many fen.
-- +goose Up
CREATE TABLE guarantee_backer (
    case_id       TEXT COLLATE "C" NOT NULL REFERENCES guarantee_case (id),
    enterprise_id TEXT COLLATE "C" NOT NULL,
    backed_as     TEXT COLLATE "C" NOT NULL,
    amount        BIGINT NOT NULL CHECK (amount > 0),
    PRIMARY KEY (case_id, backed_as)
);
CREATE INDEX guarantee_backer_of ON guarantee_backer (enterprise_id);
-- +goose Down
DROP TABLE guarantee_backer;
