package account

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
)

// ActorOf is who a person is now, with every grant in force: for work that they
// asked for and that goes on without them. With the id of a key of theirs it is
// what that leaves of it. SignIn when the account, or the key, is not in use.
func (s *Service) ActorOf(ctx context.Context, person, key string) (authz.Actor, error) {
	if key != "" {
		found, err := s.openKey(ctx, `k.id = ? AND k.person = ?`, key, person)
		return found.by, err
	}
	now := db.Millis(s.db.Now())
	var rows []sessionRow
	if err := s.db.Select(ctx, &rows, `SELECT p.id AS person, p.name, COALESCE(g.role, '') AS role, COALESCE(g.region, '') AS region,
			COALESCE(g.party_kind, '') AS party_kind, COALESCE(g.party_id, '') AS party_id
		FROM account_person p LEFT JOIN account_grant g ON g.person = p.id AND `+current+`
		WHERE p.id = ? AND p.status = ? ORDER BY g.given_at, g.id`, now, now, person, Active); err != nil {
		return authz.Actor{}, err
	}
	if len(rows) == 0 {
		return authz.Actor{}, signIn()
	}
	all, err := s.allRoles(ctx, s.db)
	if err != nil {
		return authz.Actor{}, err
	}
	by := authz.Actor{Kind: authz.Human, ID: person, Name: rows[0].Name, Grants: []authz.Grant{
		{Role: s.self(all), Party: authz.Party{Kind: authz.Person, ID: person}},
	}}
	for _, row := range rows {
		role, ok := all[row.Role]
		if !ok {
			continue
		}
		g := authz.Grant{Role: role.Role, Region: row.Region}
		if row.Region == "" {
			g.Party = authz.Party{Kind: row.PartyKind, ID: row.PartyID}
		}
		by.Grants = append(by.Grants, g)
	}
	return by, nil
}
