package account

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
)

// OverRegion is what a role is granted over when not over a kind of party.
const OverRegion = "region"

// Self is the role everyone holds over themselves (本人). The program's list may
// name it to add rights of other domains; the account's own are always in it.
const Self = "self"

// The three administrators (三员).
const (
	SystemAdmin   = "system"   // 系统管理员: accounts
	SecurityAdmin = "security" // 安全管理员: grants and settings
	AuditAdmin    = "audit"    // 审计管理员: the trail
)

// Role is a role as the program's list, or an installation, defines it. The
// text key of its name is RoleKey.
type Role struct {
	authz.Role
	// Over is what it can be granted over: OverRegion, or a kind of party
	// (authz.Enterprise, authz.Institution). Empty only for Self.
	Over string
	// Official roles end sessions early and ask for a second factor.
	Official bool
	// Admin is which of the three administrators it makes, empty for none.
	Admin string
	// Own marks a role that this installation defined itself (DefineRole).
	Own bool
}

// Key is the text key of the role's name. A role of the installation's own has
// no text: its name is shown as it is.
func (r Role) Key() string { return RoleKey(r.Name) }

// RoleKey is the text key of a role by its name: role.centre_staff for
// centre-staff.
func RoleKey(name string) string { return "role." + strings.ReplaceAll(name, "-", "_") }

// AdminRoles are the three separated administrators (三员). The program's list
// may add rights of its own to them, such as settings to the security one.
func AdminRoles() []Role {
	role := func(name, admin string, may ...authz.Permission) Role {
		return Role{Role: authz.Role{Name: name, Permissions: may}, Over: OverRegion, Official: true, Admin: admin}
	}
	return []Role{
		role("system-administrator", SystemAdmin, See, Create, Disable, Enable, CheckPhone, IssueCode, ResetFactor, EndKey),
		role("security-administrator", SecurityAdmin, See, Give, End, Invite, Withdraw, DefineRole),
		role("audit-administrator", AuditAdmin, SeeAudit),
	}
}

// reserved rights stay with the administrators: no role that an installation
// defines may hold them, or the three would not be apart.
func reserved() []authz.Permission {
	return []authz.Permission{Create, Disable, Enable, IssueCode, ResetFactor, Give, DefineRole, SeeAudit, Vouch}
}

func checkRoles(roles []Role) error {
	seen := map[string]bool{}
	for _, r := range roles {
		switch {
		case r.Name == "" || seen[r.Name]:
			return fmt.Errorf("account: the role %q is unnamed or named twice", r.Name)
		case r.Name == Self && r.Over != "":
			return fmt.Errorf("account: the role %q is granted to nobody", Self)
		case r.Name != Self && !slices.Contains([]string{OverRegion, authz.Enterprise, authz.Institution}, r.Over):
			return fmt.Errorf("account: the role %s is over %q, which nothing is", r.Name, r.Over)
		case r.Admin != "" && (r.Over != OverRegion || !slices.Contains([]string{SystemAdmin, SecurityAdmin, AuditAdmin}, r.Admin)):
			return fmt.Errorf("account: the role %s is no kind of administrator", r.Name)
		}
		seen[r.Name] = true
	}
	return nil
}

// Seed writes the program's list of roles where the database differs from it.
// Every start calls it; several processes may at once.
func (s *Service) Seed(ctx context.Context) error {
	have, err := loadRoles(ctx, s.db)
	if err != nil {
		return err
	}
	by := authz.System("roles", DefineRole)
	for _, want := range s.cfg.Roles {
		if got, ok := have[want.Name]; ok && equal(got, want) {
			continue
		}
		change := &gate.Change{
			By: by, Do: DefineRole, On: authz.At(s.cfg.Home), Record: gate.Record{Kind: "role", ID: want.Name},
			Detail: map[string]any{"permissions": want.Permissions},
		}
		if err := s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error {
			return putRole(ctx, tx, want)
		}); err != nil {
			return err
		}
	}
	return nil
}

// equal compares two definitions; the order of permissions does not matter.
func equal(a, b Role) bool {
	return a.Over == b.Over && a.Official == b.Official && a.Admin == b.Admin && a.Own == b.Own &&
		slices.Equal(sorted(a.Permissions), sorted(b.Permissions))
}

func sorted(p []authz.Permission) []authz.Permission {
	return slices.Compact(slices.Sorted(slices.Values(p)))
}

// DefineRole makes or changes a role of this installation's own (自定义角色).
// Invalid when the name is a role of the program's, or a permission is unknown
// or reserved for the administrators.
func (s *Service) DefineRole(ctx context.Context, by authz.Actor, r Role) error {
	r.Admin, r.Own = "", true
	known := map[authz.Permission]bool{}
	var fields fault.Fields
	for _, built := range s.cfg.Roles {
		if built.Name == r.Name {
			fields.Add("name", "account.role.taken")
		}
		for _, p := range built.Permissions {
			known[p] = true
		}
	}
	if r.Name = checkName(&fields, r.Name); r.Name == Self {
		fields.Add("name", "account.role.taken")
	}
	if !slices.Contains([]string{OverRegion, authz.Enterprise, authz.Institution}, r.Over) {
		fields.Add("over", "field.choice")
	}
	for _, p := range r.Permissions {
		if !known[p] || slices.Contains(reserved(), p) {
			fields.Add("permissions", "account.role.reserved")
			break
		}
	}
	if err := fields.Err(); err != nil {
		return err
	}
	change := &gate.Change{
		By: by, Do: DefineRole, On: authz.At(s.cfg.Home), Record: gate.Record{Kind: "role", ID: r.Name},
		Detail: map[string]any{"permissions": r.Permissions},
	}
	return s.gate.Write(ctx, change, func(ctx context.Context, tx *db.Tx) error { return putRole(ctx, tx, r) })
}

// Roles are all roles, in the order of the program's list, the installation's
// own after them. Self is not among them.
func (s *Service) Roles(ctx context.Context) ([]Role, error) {
	all, err := s.allRoles(ctx, s.db)
	if err != nil {
		return nil, err
	}
	var list []Role
	for _, r := range s.cfg.Roles {
		if got, ok := all[r.Name]; ok && r.Name != Self {
			list = append(list, got)
		}
	}
	var own []Role
	for _, r := range all {
		if r.Own {
			own = append(own, r)
		}
	}
	slices.SortFunc(own, func(a, b Role) int { return strings.Compare(a.Name, b.Name) })
	return append(list, own...), nil
}

// role finds one role that can be granted.
func (s *Service) role(ctx context.Context, r db.Reader, name string) (Role, bool, error) {
	all, err := s.allRoles(ctx, r)
	if err != nil {
		return Role{}, false, err
	}
	role, ok := all[name]
	return role, ok && name != Self, nil
}

func (s *Service) allRoles(ctx context.Context, r db.Reader) (map[string]Role, error) {
	return s.roles.Get(ctx, struct{}{}, func(ctx context.Context) (map[string]Role, error) { return loadRoles(ctx, r) })
}

// self is the role everyone holds over themselves.
func (s *Service) self(all map[string]Role) authz.Role {
	return authz.Role{Name: Self, Permissions: append(SelfRights(), all[Self].Permissions...)}
}

func loadRoles(ctx context.Context, r db.Reader) (map[string]Role, error) {
	all := map[string]Role{}
	err := r.Each(ctx, func(rows *sqlx.Rows) error {
		var row struct {
			ID, Reach, Admin, Permission string
			Official, Own                int64
		}
		if err := rows.StructScan(&row); err != nil {
			return err
		}
		role := all[row.ID]
		role.Name, role.Over, role.Admin = row.ID, row.Reach, row.Admin
		role.Official, role.Own = row.Official == 1, row.Own == 1
		if row.Permission != "" {
			role.Permissions = append(role.Permissions, authz.Permission(row.Permission))
		}
		all[row.ID] = role
		return nil
	}, `SELECT r.id, r.reach, r.official, r.admin, r.own, COALESCE(p.permission, '') AS permission
		FROM account_role r LEFT JOIN account_role_permission p ON p.role = r.id ORDER BY r.id, p.permission`)
	return all, err
}

func putRole(ctx context.Context, tx *db.Tx, r Role) error {
	if _, err := tx.Exec(ctx, `INSERT INTO account_role (id, reach, official, admin, own) VALUES (?,?,?,?,?)
		ON CONFLICT (id) DO UPDATE SET reach = excluded.reach, official = excluded.official,
			admin = excluded.admin, own = excluded.own`,
		r.Name, r.Over, db.Bool(r.Official), r.Admin, db.Bool(r.Own)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM account_role_permission WHERE role = ?`, r.Name); err != nil {
		return err
	}
	for _, p := range sorted(r.Permissions) {
		if _, err := tx.Exec(ctx, `INSERT INTO account_role_permission (role, permission) VALUES (?,?)`, r.Name, p); err != nil {
			return err
		}
	}
	return nil
}
