package account

import (
	"context"
	"slices"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// Stage is how far a sign-in has come.
type Stage string

const (
	Done      Stage = "done"  // signed in
	NeedCode  Stage = "code"  // the password was right; the second factor is next
	NeedEnrol Stage = "enrol" // the password was right; a second factor must be enrolled first
)

// Session is one sign-in as its owner sees it (会话). Times are Unix milliseconds.
type Session struct {
	ID        string `db:"id"`
	Agent     string `db:"agent"`   // the browser, as it names itself
	Network   string `db:"network"` // the address it came from
	CreatedAt int64  `db:"created_at"`
	SeenAt    int64  `db:"seen_at"` // to the minute
	EndsAt    int64  `db:"ends_at"` // at the latest
	Current   bool   // the one that asks
}

// sessionRow is a session joined with its person and one of their grants.
type sessionRow struct {
	ID        string      `db:"id"`
	Person    string      `db:"person"`
	Stage     Stage       `db:"stage"`
	Official  int64       `db:"official"`
	Kept      int64       `db:"kept"`
	SeenAt    int64       `db:"seen_at"`
	Idle      int64       `db:"idle"`
	EndsAt    int64       `db:"ends_at"`
	Name      string      `db:"name"`
	Role      string      `db:"role"`
	Region    region.Code `db:"region"`
	PartyKind string      `db:"party_kind"`
	PartyID   string      `db:"party_id"`
}

// open finds the live session of a token with its person's current grants, in
// one query: one row per grant, at least one. No row: there is no such session.
func (s *Service) open(ctx context.Context, token string) ([]sessionRow, error) {
	if token == "" {
		return nil, nil
	}
	now := db.Millis(s.db.Now())
	var rows []sessionRow
	err := s.db.Select(ctx, &rows, `SELECT s.id, s.person, s.stage, s.official, s.kept, s.seen_at, s.idle, s.ends_at, p.name,
			COALESCE(g.role, '') AS role, COALESCE(g.region, '') AS region,
			COALESCE(g.party_kind, '') AS party_kind, COALESCE(g.party_id, '') AS party_id
		FROM account_session s JOIN account_person p ON p.id = s.person
		LEFT JOIN account_grant g ON g.person = s.person AND `+current+`
		WHERE s.token = ? AND s.ended_at = 0 AND s.ends_at > ? AND s.seen_at + s.idle > ? AND p.status = ?
		ORDER BY g.given_at, g.id`,
		now, now, s.keys.digest("session", token), now, now, Active)
	return rows, err
}

// signedIn is a session with who is behind it.
type signedIn struct {
	by  authz.Actor
	row sessionRow
}

// Resolve is the actor behind a session token, with every grant in force. A
// token that is unknown, ended, expired, or not yet past its second step is
// SignIn. Answers are kept for a moment, see db.Fresh; else it costs two queries,
// and one write a minute to note that the session was seen.
func (s *Service) Resolve(ctx context.Context, token string) (authz.Actor, error) {
	if token == "" {
		return authz.Actor{}, signIn()
	}
	found, err := s.signedIn.Get(ctx, s.keys.digest("session", token), func(ctx context.Context) (signedIn, error) {
		rows, err := s.open(ctx, token)
		if err == nil && (len(rows) == 0 || rows[0].Stage != Done) {
			err = signIn()
		}
		if err != nil {
			return signedIn{}, err
		}
		by, err := s.behind(ctx, rows)
		return signedIn{by, rows[0]}, err
	})
	if err != nil {
		return authz.Actor{}, err
	}
	s.seen(ctx, found.row)
	return found.by, nil
}

// behind is the person of a session, with what they may do.
func (s *Service) behind(ctx context.Context, rows []sessionRow) (authz.Actor, error) {
	all, err := s.allRoles(ctx, s.db)
	if err != nil {
		return authz.Actor{}, err
	}
	by := authz.Actor{Kind: authz.Human, ID: rows[0].Person, Name: rows[0].Name, Grants: []authz.Grant{
		{Role: s.self(all), Party: authz.Party{Kind: authz.Person, ID: rows[0].Person}},
	}}
	for _, row := range rows {
		role, ok := all[row.Role]
		if !ok {
			continue
		}
		if role.Official && row.Official == 0 {
			return authz.Actor{}, signIn() // an office was granted since: begin again, with its stricter rules
		}
		g := authz.Grant{Role: role.Role, Region: row.Region}
		if row.Region == "" {
			g.Party = authz.Party{Kind: row.PartyKind, ID: row.PartyID}
		}
		by.Grants = append(by.Grants, g)
	}
	by.Grants = slices.Clip(by.Grants) // the actor is shared
	return by, nil
}

func signIn() error { return fault.New(fault.SignIn, "fault.sign_in") }

// seen notes that the session is in use. When the database cannot write just
// now the person goes on reading: the session may only end a little early.
func (s *Service) seen(ctx context.Context, row sessionRow) {
	now := s.db.Now()
	if now.Sub(db.Time(row.SeenAt)) < seenEvery {
		return
	}
	_ = s.outside(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE account_session SET seen_at = ? WHERE id = ? AND seen_at < ? AND ended_at = 0`,
			db.Millis(now), row.ID, db.Millis(now))
		return err
	})
}

// Half is the person between the password and the second step: an actor that
// may only enrol a second factor, and what is to be done. SignIn when the token
// is not such a session's.
func (s *Service) Half(ctx context.Context, token string) (authz.Actor, Stage, error) {
	rows, err := s.open(ctx, token)
	if err != nil {
		return authz.Actor{}, "", err
	}
	if len(rows) == 0 || rows[0].Stage == Done {
		return authz.Actor{}, "", signIn()
	}
	by := authz.Actor{Kind: authz.Human, ID: rows[0].Person, Name: rows[0].Name}
	if rows[0].Stage == NeedEnrol {
		by.Grants = ownGrants(rows[0].Person, EnrolFactor, Begin)
	}
	return by, rows[0].Stage, nil
}

// ownGrants are rights over oneself alone.
func ownGrants(person string, may ...authz.Permission) []authz.Grant {
	return []authz.Grant{{Role: authz.Role{Name: Self, Permissions: may}, Party: authz.Party{Kind: authz.Person, ID: person}}}
}

// own is the person as an actor over themselves, for steps that prove who they
// are by other means than a session.
func own(a account, may ...authz.Permission) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: a.ID, Name: a.Name, Grants: ownGrants(a.ID, may...)}
}

// promote makes a half session whole: its idle and absolute limits begin now.
func promote(ctx context.Context, tx *db.Tx, row sessionRow) (ends time.Time, err error) {
	idle, most := lasting(row.Official == 1, row.Kept == 1)
	ends = tx.Now.Add(most)
	return ends, tx.ExecOne(ctx, `UPDATE account_session SET stage = ?, seen_at = ?, idle = ?, ends_at = ?
		WHERE id = ? AND stage = ? AND ended_at = 0`,
		Done, db.Millis(tx.Now), idle.Milliseconds(), db.Millis(ends), row.ID, row.Stage)
}

// SignOut ends the session of a token; one that is not there is already ended.
func (s *Service) SignOut(ctx context.Context, token string) error {
	rows, err := s.open(ctx, token)
	if err != nil || len(rows) == 0 {
		return err
	}
	a, err := byID(ctx, s.db, rows[0].Person)
	if err != nil {
		return err
	}
	return s.endSessions(ctx, own(a, EndSession), a, `id = ?`, rows[0].ID)
}

// Sessions are the person's live sessions, the latest first; token marks the
// one that asks.
func (s *Service) Sessions(ctx context.Context, by authz.Actor, token string) ([]Session, error) {
	if !by.May(EndSession, authz.Target{}.Of(authz.Person, by.ID)) {
		return nil, signIn()
	}
	now := db.Millis(s.db.Now())
	var rows []struct {
		Session
		Token string `db:"token"`
	}
	err := s.db.Select(ctx, &rows, `SELECT id, agent, network, created_at, seen_at, ends_at, token FROM account_session
		WHERE person = ? AND ended_at = 0 AND stage = ? AND ends_at > ? AND seen_at + idle > ?
		ORDER BY seen_at DESC, id DESC`, by.ID, Done, now, now)
	list := make([]Session, len(rows))
	for i, row := range rows {
		list[i] = row.Session
		list[i].Current = row.Token == s.keys.digest("session", token)
	}
	return list, err
}

// EndOne ends one of the person's own sessions; NotFound when it is not theirs.
func (s *Service) EndOne(ctx context.Context, by authz.Actor, id string) error {
	a, err := byID(ctx, s.db, by.ID)
	if err != nil {
		return err
	}
	var found string
	if err := s.db.Get(ctx, &found, `SELECT id FROM account_session WHERE id = ? AND person = ?`, id, by.ID); err != nil {
		return err
	}
	return s.endSessions(ctx, by, a, `id = ?`, id)
}

// EndOthers ends every session of the person but the token's.
func (s *Service) EndOthers(ctx context.Context, by authz.Actor, token string) error {
	a, err := byID(ctx, s.db, by.ID)
	if err != nil {
		return err
	}
	return s.endSessions(ctx, by, a, `token <> ?`, s.keys.digest("session", token))
}

func (s *Service) endSessions(ctx context.Context, by authz.Actor, a account, which string, arg any) error {
	change := &gate.Change{By: by, Do: EndSession, On: a.target(), Record: record(a.ID)}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		return endWhere(ctx, tx, a.ID, which, arg)
	})
}

func endWhere(ctx context.Context, tx *db.Tx, person, which string, arg any) error {
	_, err := tx.Exec(ctx, `UPDATE account_session SET ended_at = ? WHERE person = ? AND ended_at = 0 AND `+which,
		db.Millis(tx.Now), person, arg)
	return err
}

// signOutEverywhere ends every session of a person but the one whose token
// digest is spared, and forgets their known browsers. Without a spared session
// it is not the person who acts, or they had lost their way in: their keys end too.
func signOutEverywhere(ctx context.Context, tx *db.Tx, person, spared string) error {
	if err := endWhere(ctx, tx, person, `token <> ?`, spared); err != nil {
		return err
	}
	if spared == "" {
		if err := endKeys(ctx, tx, person, ""); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM account_device WHERE person = ?`, person)
	return err
}

// browser shortens what a browser says of itself to what a person recognises.
func browser(agent string) string {
	named := func(list ...[2]string) string {
		for _, n := range list {
			if strings.Contains(agent, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	what := named([2]string{"MicroMessenger", "微信"}, [2]string{"Edg", "Edge"}, [2]string{"360SE", "360"}, [2]string{"QQBrowser", "QQ"},
		[2]string{"Firefox", "Firefox"}, [2]string{"Chrome", "Chrome"}, [2]string{"Safari", "Safari"})
	on := named([2]string{"HarmonyOS", "HarmonyOS"}, [2]string{"Windows", "Windows"}, [2]string{"Android", "Android"},
		[2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Mac OS", "macOS"}, [2]string{"Linux", "Linux"})
	return strings.TrimSpace(what + " " + on)
}
