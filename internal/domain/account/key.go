package account

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// What is done with keys. Nobody may make one with a key: no scope holds it.
const (
	MakeKey authz.Permission = "account.key.make" // 新建接口密钥
	EndKey  authz.Permission = "account.key.end"  // 停用接口密钥
)

// Scope is a named set of rights that a key can be made for (权限范围). A key may
// do what its person may do, as far as its scopes hold it.
type Scope struct {
	Name        string
	Permissions []authz.Permission
}

// Key is the text key of the scope's name: scope.need_read for need:read.
func (s Scope) Key() string { return "scope." + strings.ReplaceAll(s.Name, ":", "_") }

// The states of a key.
const (
	KeyLive    flow.State = "live"    // 在用
	KeyExpired flow.State = "expired" // 已到期
	KeyEnded   flow.State = "ended"   // 已停用
)

// KeyInfo is a key as people see it: never the key itself. Times are Unix
// milliseconds.
type KeyInfo struct {
	ID        string `db:"id"`
	Person    string `db:"person"`
	Name      string `db:"name"`
	Tail      string `db:"tail"` // its last letters
	ScopeList string `db:"scopes"`
	Official  int64  `db:"official"`
	CreatedAt int64  `db:"created_at"`
	EndsAt    int64  `db:"ends_at"`
	EndedAt   int64  `db:"ended_at"`
	UsedOn    string `db:"used_on"` // the last day it was used, "" never
	State     flow.State
}

// Scopes are the names of what the key may do.
func (k KeyInfo) Scopes() []string { return strings.Fields(k.ScopeList) }

const keyColumns = `k.id, k.person, k.name, k.tail, k.scopes, k.official, k.created_at, k.ends_at, k.ended_at, k.used_on`

// NewKey is the form of a key.
type NewKey struct {
	Name   string // what it is for, in the person's own words
	Scopes []string
	Days   int // how long it lasts, one of KeyDays
	Once   string
}

// KeyDays are how long a key may last, in days.
func KeyDays() []int { return []int{30, 90, 180, 365} }

// keyPrefix lets people and scanners see what a string is.
const keyPrefix = "qb_"

// mostKeys is how many keys of one person can be in use at once.
const mostKeys = 20

// Scopes are all a key can be made for, in the order of the program's list.
func (s *Service) Scopes() []Scope { return s.cfg.Scopes }

// MakeKey makes a key for the actor and returns it: it is shown this once and
// kept only as a keyed hash. The person is told. Conflict at the twentieth.
func (s *Service) MakeKey(ctx context.Context, by authz.Actor, in NewKey) (id, secret string, err error) {
	a, err := byID(ctx, s.db, by.ID)
	if err != nil {
		return "", "", signIn()
	}
	change := &gate.Change{By: by, Do: MakeKey, On: a.target(), Record: gate.Record{Kind: "key"}, Once: in.Once}
	if err := gate.Check(change); err != nil {
		return "", "", err
	}
	if err := s.checkKey(&in); err != nil {
		return "", "", err
	}
	official, err := s.official(ctx, s.db, a.ID) // their session has passed the second factor then
	if err != nil {
		return "", "", err
	}
	secret = keyPrefix + newToken()
	err = s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		if err := s.keyRoom(ctx, tx, a.ID); err != nil {
			return err
		}
		id = db.NewID()
		change.Record.ID = id
		change.Detail = map[string]any{"scopes": in.Scopes, "days": in.Days}
		if _, err := tx.Exec(ctx, `INSERT INTO account_key (id, person, name, digest, tail, scopes, official, created_at, ends_at, ended_at, ended_by, used_on)
			VALUES (?,?,?,?,?,?,?,?,?,0,'','')`, id, a.ID, in.Name, s.keys.digest("key", secret), secret[len(secret)-4:],
			strings.Join(in.Scopes, " "), db.Bool(official), db.Millis(tx.Now), db.Millis(tx.Now.AddDate(0, 0, in.Days))); err != nil {
			return err
		}
		return s.tell(ctx, tx, a.ID, "account.told.key_made", "name", in.Name)
	})
	return id, secret, err
}

// keyRoom refuses one key too many; it holds the person meanwhile.
func (s *Service) keyRoom(ctx context.Context, tx *db.Tx, person string) error {
	if err := tx.Lock(ctx, "account_person", person); err != nil {
		return err
	}
	var live int
	if err := tx.Get(ctx, &live, `SELECT COUNT(*) FROM account_key WHERE person = ? AND ended_at = 0 AND ends_at > ?`,
		person, db.Millis(tx.Now)); err != nil {
		return err
	}
	if live >= mostKeys {
		return fault.New(fault.Conflict, "account.key.most", "max", mostKeys)
	}
	return nil
}

// checkKey tidies the form and tells everything wrong with it.
func (s *Service) checkKey(in *NewKey) error {
	var fields fault.Fields
	in.Name = strings.Join(strings.Fields(in.Name), " ")
	switch n := utf8.RuneCountInString(in.Name); {
	case n == 0:
		fields.Add("key_name", "field.required")
	case n > nameMost:
		fields.Add("key_name", "field.too_long", "max", nameMost, "n", n)
	}
	if len(in.Scopes) == 0 {
		fields.Add("scopes", "account.key.scopes")
	}
	slices.Sort(in.Scopes)
	in.Scopes = slices.Compact(in.Scopes)
	for _, name := range in.Scopes {
		if !slices.ContainsFunc(s.cfg.Scopes, func(sc Scope) bool { return sc.Name == name }) {
			fields.Add("scopes", "field.choice")
			break
		}
	}
	if !slices.Contains(KeyDays(), in.Days) {
		fields.Add("days", "field.choice")
	}
	return fields.Err()
}

// Use is what a request with a key is allowed.
type Use struct {
	Key    string
	Scopes []string
}

// keyRow is a key joined with its person and one of their grants.
type keyRow struct {
	KeyInfo
	PersonName string      `db:"person_name"`
	Role       string      `db:"role"`
	Region     region.Code `db:"region"`
	PartyKind  string      `db:"party_kind"`
	PartyID    string      `db:"party_id"`
}

// keyed is a key with who is behind it.
type keyed struct {
	by  authz.Actor
	key KeyInfo
}

// ResolveKey is the actor behind a key: its person, with what the key's scopes
// leave of every grant in force. An office granted after the key was made is not
// the key's. A key that is unknown, ended or expired, or whose person is not
// active, is SignIn. Answers are kept for a moment, see db.Fresh; else it costs
// two queries, and one write a day to note its use.
func (s *Service) ResolveKey(ctx context.Context, secret string) (authz.Actor, Use, error) {
	if !strings.HasPrefix(secret, keyPrefix) {
		return authz.Actor{}, Use{}, signIn()
	}
	found, err := s.keyed.Get(ctx, s.keys.digest("key", secret), func(ctx context.Context) (keyed, error) {
		return s.openKey(ctx, `k.digest = ?`, s.keys.digest("key", secret))
	})
	if err != nil {
		return authz.Actor{}, Use{}, err
	}
	s.used(ctx, found.key)
	return found.by, Use{Key: found.key.ID, Scopes: found.key.Scopes()}, nil
}

// openKey is the key of which the condition holds, if it is in use.
func (s *Service) openKey(ctx context.Context, which string, args ...any) (keyed, error) {
	now := db.Millis(s.db.Now())
	var rows []keyRow
	if err := s.db.Select(ctx, &rows, `SELECT `+keyColumns+`, p.name AS person_name,
			COALESCE(g.role, '') AS role, COALESCE(g.region, '') AS region,
			COALESCE(g.party_kind, '') AS party_kind, COALESCE(g.party_id, '') AS party_id
		FROM account_key k JOIN account_person p ON p.id = k.person
		LEFT JOIN account_grant g ON g.person = k.person AND `+current+`
		WHERE `+which+` AND k.ended_at = 0 AND k.ends_at > ? AND p.status = ?
		ORDER BY g.given_at, g.id`, slices.Concat([]any{now, now}, args, []any{now, Active})...); err != nil {
		return keyed{}, err
	}
	if len(rows) == 0 {
		return keyed{}, signIn()
	}
	all, err := s.allRoles(ctx, s.db)
	if err != nil {
		return keyed{}, err
	}
	k := rows[0]
	by := authz.Actor{Kind: authz.Key, ID: k.Person, Name: k.PersonName, Key: k.ID}
	cut := s.cut(k.Scopes())
	by.Grants = append(by.Grants, authz.Grant{Role: cut(s.self(all)), Party: authz.Party{Kind: authz.Person, ID: k.Person}})
	for _, row := range rows {
		role, ok := all[row.Role]
		if !ok || role.Official && k.Official == 0 {
			continue
		}
		g := authz.Grant{Role: cut(role.Role), Region: row.Region}
		if row.Region == "" {
			g.Party = authz.Party{Kind: row.PartyKind, ID: row.PartyID}
		}
		by.Grants = append(by.Grants, g)
	}
	by.Grants = slices.Clip(by.Grants) // the actor is shared
	return keyed{by, k.KeyInfo}, nil
}

// cut leaves of a role what the scopes hold.
func (s *Service) cut(scopes []string) func(authz.Role) authz.Role {
	held := map[authz.Permission]bool{}
	for _, sc := range s.cfg.Scopes {
		if slices.Contains(scopes, sc.Name) {
			for _, p := range sc.Permissions {
				held[p] = true
			}
		}
	}
	return func(r authz.Role) authz.Role {
		left := make([]authz.Permission, 0, len(held))
		for _, p := range r.Permissions {
			if held[p] {
				left = append(left, p)
			}
		}
		return authz.Role{Name: r.Name, Permissions: left}
	}
}

// used notes the day. When the database cannot write just now, the program goes on.
func (s *Service) used(ctx context.Context, k KeyInfo) {
	today := string(ledger.DateOf(s.db.Now()))
	if k.UsedOn >= today {
		return
	}
	_ = s.outside(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE account_key SET used_on = ? WHERE id = ? AND used_on < ?`, today, k.ID, today)
		return err
	})
}

// Keys are a person's keys, the newest first: the actor's own, or those of
// somebody whose keys they may end. Nobody else's are there to be seen.
func (s *Service) Keys(ctx context.Context, by authz.Actor, person string) ([]KeyInfo, error) {
	a, err := byID(ctx, s.db, person)
	if err != nil || !by.May(EndKey, a.target()) {
		return nil, fault.Missing()
	}
	var list []KeyInfo
	if err := s.db.Select(ctx, &list, `SELECT `+keyColumns+` FROM account_key k WHERE k.person = ? ORDER BY k.id DESC`, person); err != nil {
		return nil, err
	}
	now := db.Millis(s.db.Now())
	for i := range list {
		switch k := &list[i]; {
		case k.EndedAt > 0:
			k.State = KeyEnded
		case k.EndsAt <= now:
			k.State = KeyExpired
		default:
			k.State = KeyLive
		}
	}
	return list, nil
}

// StopKey ends a key at once (停用): one of the actor's own, or of somebody whose
// accounts they keep. NotFound for others' and for one that has ended.
func (s *Service) StopKey(ctx context.Context, by authz.Actor, id string) error {
	var person string
	if err := s.db.Get(ctx, &person, `SELECT person FROM account_key WHERE id = ? AND ended_at = 0`, id); err != nil {
		return err
	}
	var a account
	var err error
	if person == by.ID {
		a, err = byID(ctx, s.db, person)
	} else {
		a, err = s.managed(ctx, by, EndKey, person)
		if fault.Is(err, fault.Denied) { // they see the person, and none of the keys
			err = fault.Missing()
		}
	}
	if err != nil {
		return err
	}
	change := &gate.Change{By: by, Do: EndKey, On: a.target(), Record: gate.Record{Kind: "key", ID: id}}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		return tx.ExecOne(ctx, `UPDATE account_key SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at = 0`,
			db.Millis(tx.Now), by.ID, id)
	})
}

// endKeys ends every key of a person.
func endKeys(ctx context.Context, tx *db.Tx, person, by string) error {
	_, err := tx.Exec(ctx, `UPDATE account_key SET ended_at = ?, ended_by = ? WHERE person = ? AND ended_at = 0`,
		db.Millis(tx.Now), by, person)
	return err
}

// keysKept is how long ended keys are listed.
const keysKept = 183 * 24 * time.Hour
