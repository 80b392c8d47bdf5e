package account

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
)

// Grant is a role to be given to a person, over a region's subtree or over one
// organisation: exactly one of the two is set. FromAt 0 is at once, ToAt 0 is
// until ended; both are Unix milliseconds.
type Grant struct {
	Person       string
	Role         string
	Region       region.Code
	Party        authz.Party
	FromAt, ToAt int64
}

// Give grants a role (授权). The actor must hold Give over the very region or
// organisation, and cannot grant to themselves. Conflict when the person already
// has it, or when two administrators would become one.
func (s *Service) Give(ctx context.Context, by authz.Actor, in Grant) (id string, err error) {
	role, err := s.checkGrant(ctx, in)
	if err != nil {
		return "", err
	}
	change := &gate.Change{By: by, Do: Give, On: over(in.Region, in.Party), Record: record(in.Person)}
	if err := gate.Check(change); err != nil {
		return "", err
	}
	if by.ID == in.Person {
		return "", conflict("account.grant.self")
	}
	err = s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
		var err error
		id, err = s.give(ctx, tx, by.ID, in, role)
		change.Detail = grantDetail(id, in)
		return err
	})
	return id, err
}

// grantDetail is what the trail keeps of a grant.
func grantDetail(id string, in Grant) map[string]any {
	return map[string]any{"grant": id, "role": in.Role, "region": in.Region, "party": in.Party.ID, "to": in.ToAt}
}

// checkGrant checks the input alone: the role exists and goes with its place.
func (s *Service) checkGrant(ctx context.Context, in Grant) (Role, error) {
	var fields fault.Fields
	role, ok, err := s.role(ctx, s.db, in.Role)
	if err != nil {
		return Role{}, err
	}
	switch {
	case !ok:
		fields.Add("role", "field.choice")
	case role.Over == OverRegion && (!in.Region.Valid() || in.Party != authz.Party{}):
		fields.Add("region", "account.grant.needs_region")
	case role.Over != OverRegion && (in.Region != "" || in.Party.Kind != role.Over || in.Party.ID == ""):
		fields.Add("party", "account.grant.needs_party")
	}
	if in.ToAt != 0 && in.ToAt <= max(in.FromAt, db.Millis(s.db.Now())) {
		fields.Add("to", "account.grant.past")
	}
	return role, fields.Err()
}

// give writes a grant: the only place where one is made. It holds the person,
// so that two grants given at once cannot break the rules together.
func (s *Service) give(ctx context.Context, tx *db.Tx, by string, in Grant, role Role) (string, error) {
	if err := tx.Lock(ctx, "account_person", in.Person); err != nil {
		return "", err
	}
	a, err := byID(ctx, tx, in.Person)
	if err != nil {
		return "", err
	}
	if a.Status != Active {
		return "", conflict("account.grant.inactive")
	}
	g := GrantRow{
		ID: db.NewID(), Person: in.Person, Role: in.Role, Region: in.Region, PartyKind: in.Party.Kind,
		PartyID: in.Party.ID, FromAt: in.FromAt, ToAt: in.ToAt, GivenBy: by, GivenAt: db.Millis(tx.Now),
	}
	if g.FromAt == 0 {
		g.FromAt = g.GivenAt
	}
	var have []struct {
		GrantRow
		Admin string `db:"admin"`
	}
	if err := tx.Select(ctx, &have, `SELECT g.id, g.role, g.region, g.party_kind, g.party_id, g.to_at, r.admin
		FROM account_grant g JOIN account_role r ON r.id = g.role WHERE g.person = ? AND `+unended,
		in.Person, g.GivenAt); err != nil {
		return "", err
	}
	for _, h := range have {
		switch {
		case role.Admin != "" && h.Admin != "" && h.Admin != role.Admin:
			return "", conflict("account.grant.apart")
		case h.Role == g.Role && h.Region == g.Region && h.Party() == g.Party() && h.ToAt == 0:
			return "", conflict("account.grant.already")
		}
	}
	if err := insertGrant(ctx, tx, g); err != nil {
		return "", err
	}
	return g.ID, s.tell(ctx, tx, in.Person, "account.told.granted", "role", roleWord(role))
}

// EndGrant takes a grant back (收回授权). The person may also give it up
// themselves. Conflict for the last administrator of a kind.
func (s *Service) EndGrant(ctx context.Context, by authz.Actor, id string) error {
	var g GrantRow
	if err := s.db.Get(ctx, &g, grantSelect+`WHERE g.id = ? AND g.ended_at = 0`, id); err != nil {
		return err
	}
	target := g.over().Of(authz.Person, g.Person)
	if !by.May(See, g.over()) && !by.May(End, target) {
		return fault.Missing()
	}
	change := &gate.Change{
		By: by, Do: End, On: target, Record: record(g.Person),
		Detail: map[string]any{"grant": g.ID, "role": g.Role, "region": g.Region, "party": g.PartyID},
	}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error { return s.end(ctx, tx, by.ID, g) })
}

func (s *Service) end(ctx context.Context, tx *db.Tx, by string, g GrantRow) error {
	role, _, err := s.role(ctx, tx, g.Role)
	if err != nil {
		return err
	}
	if role.Admin != "" {
		if err := keepAdmin(ctx, tx, role.Admin, `g.id <> ?`, g.ID); err != nil {
			return err
		}
	}
	n, err := tx.Exec(ctx, `UPDATE account_grant SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at = 0`,
		db.Millis(tx.Now), by, g.ID)
	if err == nil && n == 0 {
		return fault.Missing()
	}
	return err
}

// keepAdmins refuses to take away a person who is the last administrator of a kind.
func (s *Service) keepAdmins(ctx context.Context, tx *db.Tx, person string) error {
	var kinds []string
	if err := tx.Select(ctx, &kinds, `SELECT DISTINCT r.admin FROM account_grant g JOIN account_role r ON r.id = g.role
		WHERE g.person = ? AND r.admin <> '' AND `+unended+` ORDER BY r.admin`, person, db.Millis(tx.Now)); err != nil {
		return err
	}
	for _, kind := range kinds {
		if err := keepAdmin(ctx, tx, kind, `g.person <> ?`, person); err != nil {
			return err
		}
	}
	return nil
}

// keepAdmin refuses when nobody would be left of an administrator's kind: an
// active person whose grant has begun and has no end. It holds the kind's
// roles, so that the last two cannot both leave at once.
func keepAdmin(ctx context.Context, tx *db.Tx, kind, other string, arg any) error {
	var roles []string
	if err := tx.Select(ctx, &roles, `SELECT id FROM account_role WHERE admin = ? ORDER BY id`, kind); err != nil {
		return err
	}
	for _, id := range roles {
		if err := tx.Lock(ctx, "account_role", id); err != nil {
			return err
		}
	}
	var n int64
	if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM account_grant g JOIN account_role r ON r.id = g.role
		JOIN account_person p ON p.id = g.person
		WHERE r.admin = ? AND p.status = ? AND g.ended_at = 0 AND g.from_at <= ? AND g.to_at = 0 AND `+other,
		kind, Active, db.Millis(tx.Now), arg); err != nil {
		return err
	}
	if n == 0 {
		return conflict("account.grant.last")
	}
	return nil
}

// Grants are a person's grants within a scope of See, those in force or to come
// first, then the ended.
func (s *Service) Grants(ctx context.Context, scope authz.Scope, person string) ([]GrantRow, error) {
	where, args := scope.SQL(grantColumns())
	var list []GrantRow
	err := s.db.Select(ctx, &list, grantSelect+`WHERE g.person = ? AND `+where+`
		ORDER BY CASE WHEN g.ended_at = 0 THEN 0 ELSE 1 END, g.given_at DESC, g.id`, append([]any{person}, args...)...)
	return list, err
}

func grantColumns() authz.Columns {
	return authz.Columns{Region: "g.region", Party: map[string]string{
		authz.Enterprise: "g.party_id", authz.Institution: "g.party_id", authz.Person: "g.person",
	}}
}
