-- owner: domain/account
-- People (人员), their sign-in and sessions (登录、会话), what they may do
-- (角色与授权) and invitations (邀请). No secret is kept readable: passwords are
-- argon2id, tokens and codes keyed hashes, second-factor keys encrypted.
-- +goose Up
CREATE TABLE account_person (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    phone         TEXT COLLATE "C" UNIQUE,
    email         TEXT COLLATE "C" UNIQUE,
    email_pending TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    region        TEXT COLLATE "C" NOT NULL,
    status        TEXT NOT NULL,
    password      TEXT NOT NULL,
    password_at   BIGINT NOT NULL,
    factor        TEXT NOT NULL,
    factor_next   TEXT NOT NULL,
    factor_at     BIGINT NOT NULL,
    factor_step   BIGINT NOT NULL,
    situation     TEXT NOT NULL,
    consent       TEXT NOT NULL,
    consent_at    BIGINT NOT NULL,
    phone_seen_at BIGINT NOT NULL,
    demo          BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    version       BIGINT NOT NULL
);
CREATE INDEX account_person_region ON account_person (region, name, id);
CREATE INDEX account_person_name ON account_person (name, id);

CREATE TABLE account_role (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    reach    TEXT NOT NULL,
    official BIGINT NOT NULL,
    admin    TEXT NOT NULL,
    own      BIGINT NOT NULL
);

CREATE TABLE account_role_permission (
    role       TEXT COLLATE "C" NOT NULL REFERENCES account_role (id),
    permission TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (role, permission)
);
CREATE INDEX account_role_permission_permission ON account_role_permission (permission, role);

CREATE TABLE account_grant (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    person     TEXT COLLATE "C" NOT NULL REFERENCES account_person (id),
    role       TEXT COLLATE "C" NOT NULL REFERENCES account_role (id),
    region     TEXT COLLATE "C" NOT NULL,
    party_kind TEXT NOT NULL,
    party_id   TEXT COLLATE "C" NOT NULL,
    from_at    BIGINT NOT NULL,
    to_at      BIGINT NOT NULL,
    given_by   TEXT COLLATE "C" NOT NULL,
    given_at   BIGINT NOT NULL,
    ended_by   TEXT COLLATE "C" NOT NULL,
    ended_at   BIGINT NOT NULL
);
CREATE INDEX account_grant_person ON account_grant (person, ended_at);
CREATE INDEX account_grant_region ON account_grant (region, role, ended_at);
CREATE INDEX account_grant_party ON account_grant (party_id, role, ended_at);
CREATE INDEX account_grant_role ON account_grant (role, ended_at);

CREATE TABLE account_session (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    token      TEXT COLLATE "C" NOT NULL UNIQUE,
    person     TEXT COLLATE "C" NOT NULL REFERENCES account_person (id),
    stage      TEXT NOT NULL,
    official   BIGINT NOT NULL,
    kept       BIGINT NOT NULL,
    agent      TEXT NOT NULL,
    network    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    idle       BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL
);
CREATE INDEX account_session_person ON account_session (person, ended_at);
CREATE INDEX account_session_ends ON account_session (ends_at);

CREATE TABLE account_device (
    device  TEXT COLLATE "C" NOT NULL,
    person  TEXT COLLATE "C" NOT NULL REFERENCES account_person (id),
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (device, person)
);
CREATE INDEX account_device_person ON account_device (person);

CREATE TABLE account_attempt (
    bucket   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL
);
CREATE INDEX account_attempt_last ON account_attempt (last_at);

CREATE TABLE account_code (
    id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    person  TEXT COLLATE "C" NOT NULL REFERENCES account_person (id),
    kind    TEXT NOT NULL,
    code    TEXT COLLATE "C" NOT NULL,
    tries   BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);
CREATE INDEX account_code_person ON account_code (person, kind);

CREATE TABLE account_invitation (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    login      TEXT COLLATE "C" NOT NULL,
    name       TEXT NOT NULL,
    role       TEXT COLLATE "C" NOT NULL REFERENCES account_role (id),
    region     TEXT COLLATE "C" NOT NULL,
    party_kind TEXT NOT NULL,
    party_id   TEXT COLLATE "C" NOT NULL,
    code       TEXT COLLATE "C" NOT NULL,
    tries      BIGINT NOT NULL,
    state      TEXT NOT NULL,
    sent_by    TEXT COLLATE "C" NOT NULL,
    sent_at    BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    person     TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL
);
CREATE INDEX account_invitation_login ON account_invitation (login, state);
CREATE INDEX account_invitation_region ON account_invitation (region, state);
CREATE INDEX account_invitation_party ON account_invitation (party_id, state);
-- +goose Down
DROP TABLE account_invitation;
DROP TABLE account_code;
DROP TABLE account_attempt;
DROP TABLE account_device;
DROP TABLE account_session;
DROP TABLE account_grant;
DROP TABLE account_role_permission;
DROP TABLE account_role;
DROP TABLE account_person;
