package account

import (
	"context"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// PersonRow is a person in a list: number and address are masked.
type PersonRow struct {
	ID       string      `db:"id"`
	Name     string      `db:"name"`
	Phone    string      `db:"phone"`
	Email    string      `db:"email"`
	Region   region.Code `db:"region"`
	Status   flow.State  `db:"status"`
	FactorAt int64       `db:"factor_at"`
	SeenAt   int64       `db:"seen_at"` // last session; 0 never
	Grants   []GrantRow  // in force or to come, within the same scope
}

// Page asks for one page of a list; see db.Page.
type Page = db.Page

// PeopleFilter narrows a list of people; the zero filter narrows nothing.
type PeopleFilter struct {
	Query  string // part of a name, or a whole phone number or address
	Role   string
	Status flow.State
}

// reach is the condition that a person is within a scope: by their own place,
// or by a grant they hold.
func reach(scope authz.Scope) (string, []any) {
	own, args := scope.SQL(personColumns())
	granted, more := scope.SQL(grantColumns())
	return `(` + own + ` OR EXISTS (SELECT 1 FROM account_grant g WHERE g.person = p.id AND g.ended_at = 0 AND ` + granted + `))`,
		append(args, more...)
}

// within is the filter and the scope as one condition.
func (f PeopleFilter) within(scope authz.Scope) (string, []any) {
	where, args := reach(scope)
	if f.Status == "" {
		where, args = where+` AND p.status <> ?`, append(args, Closed)
	} else {
		where, args = where+` AND p.status = ?`, append(args, f.Status)
	}
	if q := strings.TrimSpace(f.Query); q != "" {
		login, _ := loginOf(q)
		like := db.Part(q)
		where, args = where+` AND (p.name LIKE ? ESCAPE '\' OR p.phone = ? OR p.email = ?)`, append(args, like, login, login)
	}
	if f.Role != "" {
		where += ` AND EXISTS (SELECT 1 FROM account_grant h WHERE h.person = p.id AND h.ended_at = 0 AND h.role = ?)`
		args = append(args, f.Role)
	}
	return where, args
}

// People are the people within a scope of See, by name, with the next page's
// cursor. Closed accounts are left out unless asked for.
func (s *Service) People(ctx context.Context, scope authz.Scope, f PeopleFilter, page Page) ([]PersonRow, string, error) {
	where, args := f.within(scope)
	list, next, err := db.Paged(ctx, s.db, page, db.Order{Columns: []string{"p.name", "p.id"}}, `SELECT p.id, p.name, COALESCE(p.phone, '') AS phone, COALESCE(p.email, '') AS email,
			p.region, p.status, p.factor_at,
			COALESCE((SELECT MAX(t.seen_at) FROM account_session t WHERE t.person = p.id), 0) AS seen_at
		FROM account_person p WHERE `+where, args,
		func(x *PersonRow) []string { return []string{x.Name, x.ID} })
	if err != nil {
		return nil, "", err
	}
	return list, next, s.dress(ctx, scope, list) // dress changes the rows in place
}

// dress masks the rows and adds the grants, in one query for all.
func (s *Service) dress(ctx context.Context, scope authz.Scope, list []PersonRow) error {
	if len(list) == 0 {
		return nil
	}
	at := make(map[string]int, len(list))
	ids := make([]string, len(list))
	for i := range list {
		list[i].Phone, list[i].Email = MaskPhone(list[i].Phone), MaskEmail(list[i].Email)
		at[list[i].ID], ids[i] = i, list[i].ID
	}
	marks, args := in(ids)
	where, more := scope.SQL(grantColumns())
	var grants []GrantRow
	err := s.db.Select(ctx, &grants, grantSelect+`WHERE g.person IN `+marks+` AND `+unended+` AND `+where+` ORDER BY g.given_at, g.id`,
		append(append(args, db.Millis(s.db.Now())), more...)...)
	for _, g := range grants {
		i := at[g.Person]
		list[i].Grants = append(list[i].Grants, g)
	}
	return err
}

// Count is how many people the filter finds within the scope.
func (s *Service) Count(ctx context.Context, scope authz.Scope, f PeopleFilter) (int64, error) {
	where, args := f.within(scope)
	var n int64
	err := s.db.Get(ctx, &n, `SELECT COUNT(*) FROM account_person p WHERE `+where, args...)
	return n, err
}

// Person is one account with its number and address, for staff who may see it;
// the reading is noted in the audit trail. NotFound outside their reach.
func (s *Service) Person(ctx context.Context, by authz.Actor, id string) (Person, error) {
	a, err := s.visible(ctx, by, id)
	if err != nil {
		return Person{}, err
	}
	change := &gate.Change{By: seeing(by, a), Do: See, On: a.target(), Record: record(a.ID)}
	if err := s.gate.Disclose(ctx, change, "contact"); err != nil {
		return Person{}, err
	}
	a.Situation = "" // counted, never shown
	return a.Person, nil
}

// seeing lets whoever sees a person through one of their grants, not through
// their place, be named in the trail for it.
func seeing(by authz.Actor, a account) authz.Actor {
	by.Grants = append(slices.Clip(by.Grants), ownGrants(a.ID, See)...)
	return by
}

func (s *Service) visible(ctx context.Context, by authz.Actor, id string) (account, error) {
	where, args := reach(by.Scope(See))
	var a account
	err := s.db.Get(ctx, &a, accountSelect+`WHERE p.id = ? AND `+where, append([]any{id}, args...)...)
	return a, err
}

// managed loads the account of somebody else for an act of staff: NotFound
// outside the actor's sight; Denied unless they hold the right over the
// person's place and over every region the person works for, so that a county
// cannot act on the city's people. Administrators' secrets can be reset only
// by the program itself, on the command line.
func (s *Service) managed(ctx context.Context, by authz.Actor, do authz.Permission, id string) (account, error) {
	var a account
	var err error
	if by.Kind == authz.Job {
		a, err = byID(ctx, s.db, id)
	} else {
		a, err = s.visible(ctx, by, id)
	}
	if err != nil {
		return account{}, err
	}
	if err := gate.Check(&gate.Change{By: by, Do: do, On: a.target()}); err != nil {
		return account{}, err
	}
	if by.ID == a.ID {
		return account{}, conflict("account.self")
	}
	var works []struct {
		Region region.Code `db:"region"`
		Admin  string      `db:"admin"`
	}
	if err := s.db.Select(ctx, &works, `SELECT g.region, r.admin FROM account_grant g JOIN account_role r ON r.id = g.role
		WHERE g.person = ? AND g.region <> '' AND `+unended, a.ID, db.Millis(s.db.Now())); err != nil {
		return account{}, err
	}
	for _, w := range works {
		if err := gate.Check(&gate.Change{By: by, Do: do, On: authz.At(w.Region)}); err != nil {
			return account{}, err
		}
		if w.Admin != "" && by.Kind != authz.Job && (do == IssueCode || do == ResetFactor) {
			return account{}, fault.New(fault.Denied, "account.admin_only_command")
		}
	}
	return a, nil
}

// DisableAccount stops an account (停用) and ends its sessions; its grants stay
// for when it is enabled again. Conflict for the last administrator of a kind.
func (s *Service) DisableAccount(ctx context.Context, by authz.Actor, id, reason string) error {
	return s.move(ctx, by, id, Disable, reason, func(ctx context.Context, tx *db.Tx) error {
		if err := s.keepAdmins(ctx, tx, id); err != nil {
			return err
		}
		return signOutEverywhere(ctx, tx, id, "")
	})
}

// EnableAccount lets a disabled account sign in again (恢复).
func (s *Service) EnableAccount(ctx context.Context, by authz.Actor, id, reason string) error {
	return s.move(ctx, by, id, Enable, reason, func(context.Context, *db.Tx) error { return nil })
}

const reasonMost = 200

func (s *Service) move(ctx context.Context, by authz.Actor, id string, do authz.Permission, reason string, also func(context.Context, *db.Tx) error) error {
	a, err := s.managed(ctx, by, do, id)
	if err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return fault.Fields{{Name: "reason", Key: "field.required"}}.Err()
	}
	if n := len([]rune(reason)); n > reasonMost {
		return fault.Fields{{Name: "reason", Key: "field.too_long", Args: []any{"max", reasonMost, "n", n}}}.Err()
	}
	if a.Status, err = PersonLife().Next(a.Status, do); err != nil {
		return err
	}
	change := &gate.Change{By: by, Do: do, On: a.target(), Record: record(a.ID), Detail: map[string]any{"reason": reason}}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		if err := also(ctx, tx); err != nil {
			return err
		}
		return updatePerson(ctx, tx, a)
	})
}

// CheckPhone marks that staff have made sure of a person's phone number (核对).
func (s *Service) CheckPhone(ctx context.Context, by authz.Actor, id string) error {
	a, err := s.managed(ctx, by, CheckPhone, id)
	if err != nil {
		return err
	}
	if a.Phone == "" || a.PhoneSeenAt > 0 {
		return conflict("account.phone.nothing")
	}
	change := &gate.Change{By: by, Do: CheckPhone, On: a.target(), Record: record(a.ID)}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		a.PhoneSeenAt = db.Millis(tx.Now)
		return updatePerson(ctx, tx, a)
	})
}

// situationLeast is the smallest group that is counted by itself: of fewer,
// somebody could be recognised.
const situationLeast = 5

// CountSituations is how many active people within a region said which
// situation they are in. Groups under five are together under "" and left out
// when even together they are under five.
func (s *Service) CountSituations(ctx context.Context, r db.Reader, within region.Code) (map[string]int64, error) {
	where, args := authz.Within(within).SQL(personColumns())
	var rows []struct {
		Situation string `db:"situation"`
		N         int64  `db:"n"`
	}
	if err := r.Select(ctx, &rows, `SELECT p.situation, COUNT(*) AS n FROM account_person p
		WHERE p.situation <> '' AND p.status = ? AND `+where+` GROUP BY p.situation`, append([]any{Active}, args...)...); err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	var few int64
	for _, row := range rows {
		if row.N < situationLeast {
			few += row.N
			continue
		}
		counts[row.Situation] = row.N
	}
	if few >= situationLeast {
		counts[""] = few
	}
	return counts, nil
}
