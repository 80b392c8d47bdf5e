-- owner: domain/guarantee
-- What a member was paid out when it left a pool, and what that was counted from:
-- the pool's fund on that day. Money is in fen.
-- +goose Up
CREATE TABLE guarantor_settlement (
    member_id    TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES guarantor_member (id),
    guarantor_id TEXT COLLATE "C" NOT NULL REFERENCES guarantor (id),
    paid         BIGINT NOT NULL,
    shares       BIGINT NOT NULL,
    fund         BIGINT NOT NULL,
    payout       BIGINT NOT NULL CHECK (payout >= 0)
);
CREATE INDEX guarantor_settlement_of ON guarantor_settlement (guarantor_id);
-- +goose Down
DROP TABLE guarantor_settlement;
