-- owner: domain/techplatform
-- New products that enterprises have confirmed (新产品鉴定): county, city, then the
-- province's answer. Which answers there are is data: an office may add others.
-- patents is the ids of the enterprise's patents, each between spaces; days are
-- ISO text.
-- +goose Up
CREATE TABLE techplatform_product (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number        TEXT COLLATE "C" NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    industry      TEXT COLLATE "C" NOT NULL,
    about         TEXT NOT NULL,
    patents       TEXT NOT NULL,
    enterprise_id TEXT COLLATE "C" NOT NULL,
    applied_for   TEXT COLLATE "C" NOT NULL,
    applicant     TEXT NOT NULL,
    region        TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    since         BIGINT NOT NULL,
    applied_on    TEXT COLLATE "C" NOT NULL,
    grade_id      TEXT COLLATE "C" NOT NULL,
    certificate   TEXT NOT NULL,
    decided_on    TEXT COLLATE "C" NOT NULL,
    version       BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX techplatform_product_state ON techplatform_product (state, decided_on);
CREATE INDEX techplatform_product_region ON techplatform_product (region);
CREATE INDEX techplatform_product_enterprise ON techplatform_product (enterprise_id);

-- What the province may find a product to be (鉴定结论).
CREATE TABLE techplatform_grade (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    english    TEXT NOT NULL,
    position   BIGINT NOT NULL,
    ended      BIGINT NOT NULL,
    version    BIGINT NOT NULL
);
INSERT INTO techplatform_grade (id, name, english, position, ended, version) VALUES
    ('world-advanced', '国际先进', 'Advanced in the world', 10, 0, 1),
    ('nation-leading', '国内领先', 'Leading in the nation', 20, 0, 1),
    ('nation-advanced', '国内先进', 'Advanced in the nation', 30, 0, 1),
    ('province-advanced', '省内先进', 'Advanced in the province', 40, 0, 1);
-- +goose Down
DROP TABLE techplatform_grade;
DROP TABLE techplatform_product;
