// Package authz says who may do what where (授权). A right is a permission — a
// verb such as engagement.need.accept — granted through a role over a region's
// subtree, or over a party: one's own enterprise, institution or self.
//
// The zero Actor can do nothing and the zero Scope reaches nothing: whatever is
// forgotten is refused.
package authz

import (
	"slices"
	"strings"

	"qiban.dev/qiban/internal/region"
)

// Permission is a verb on a kind of record. The same constant is the right, the
// edge in the lifecycle, the audit action and the last segment of the URL.
type Permission string

// Verb is the permission's last word: accept for engagement.need.accept.
func (p Permission) Verb() string { return string(p[strings.LastIndexByte(string(p), '.')+1:]) }

// Key is the text key of the permission's name.
func (p Permission) Key() string { return "permission." + string(p) }

// Role is a named set of permissions (角色). Roles are data: account keeps them.
type Role struct {
	Name        string
	Permissions []Permission
}

// Party is somebody a record belongs to or concerns: an enterprise, an
// institution, a person.
type Party struct{ Kind, ID string }

// known reports a party that is somebody.
func (p Party) known() bool { return p.Kind != "" && p.ID != "" }

// The kinds of party.
const (
	Enterprise  = "enterprise"  // 企业
	Institution = "institution" // 服务机构
	Person      = "person"      // 个人
)

// Grant gives a role over a subtree of regions or over one party; exactly one
// of the two is set.
type Grant struct {
	Role   Role
	Region region.Code
	Party  Party
}

// Kind is what sort of actor acts.
type Kind string

const (
	Nobody  Kind = ""
	Human   Kind = "person"  // a signed-in person 个人
	Key     Kind = "key"     // a program with a person's API key 接口密钥
	Job     Kind = "job"     // the system itself, for a named task 系统任务
	Visitor Kind = "visitor" // anyone, for a named purpose such as registering 访客
	Peer    Kind = "peer"    // another site 对等站点
)

// Actor is who acts. It is an argument of every use case, never hidden in a
// context.
type Actor struct {
	Kind   Kind
	ID     string // person or site id; the task or purpose for Job and Visitor
	Name   string // shown to the actor and to those it works with
	Grants []Grant
	// Key is the id of the key a program acts with. ID and Name are then those of
	// the person it acts for, and Grants what the key leaves of theirs.
	Key string
	// Request is what a program says of the request it acts by; zero for others.
	Request Request
}

// Request is one request of a program that may be sent more than once. Every
// write by the actor belongs to it.
type Request struct {
	Once  string // idempotency key, "" for none
	Print string // fingerprint of what was asked, to notice a key used for something else
}

// System is the actor of a task the program does by itself; it holds the
// permissions named, everywhere.
func System(task string, may ...Permission) Actor {
	return Actor{Kind: Job, ID: task, Grants: []Grant{{Role: Role{Name: task, Permissions: may}}}}
}

// Anyone is a visitor acting for a named purpose; it holds the permissions
// named, everywhere.
func Anyone(purpose string, may ...Permission) Actor {
	return Actor{Kind: Visitor, ID: purpose, Grants: []Grant{{Role: Role{Name: purpose, Permissions: may}}}}
}

// everywhere reports grants that the program gives its own tasks and the named
// purposes of visitors. A grant of a person can never be one.
func (a Actor) everywhere(g Grant) bool {
	return (a.Kind == Job || a.Kind == Visitor) && g.Region == "" && g.Party == Party{}
}

// Personal reports an actor that is a person, or a program with a person's key:
// ID is that person's.
func (a Actor) Personal() bool { return a.Kind == Human || a.Kind == Key }

// SignedIn reports whether a person or program stands behind the actor.
func (a Actor) SignedIn() bool { return a.Kind == Human || a.Kind == Key || a.Kind == Peer }

// Target is what an action touches: where it lies, and whose it is.
type Target struct {
	Region  region.Code
	Parties []Party
}

// At is a target that belongs to a place only.
func At(c region.Code) Target { return Target{Region: c} }

// Of adds a party to the target; a party without an id is left out.
func (t Target) Of(kind, id string) Target {
	if id != "" {
		t.Parties = append(slices.Clip(t.Parties), Party{kind, id})
	}
	return t
}

// May reports whether the actor holds the permission over the target.
func (a Actor) May(p Permission, t Target) bool {
	for _, g := range a.Grants {
		if !slices.Contains(g.Role.Permissions, p) {
			continue
		}
		switch {
		case g.Region != "":
			if g.Region.Contains(t.Region) {
				return true
			}
		case g.Party != Party{}:
			if g.Party.known() && slices.Contains(t.Parties, g.Party) {
				return true
			}
		case a.everywhere(g):
			return true
		}
	}
	return false
}

// Somewhere reports whether the actor holds the permission over anything at
// all: whether a menu item is worth showing.
func (a Actor) Somewhere(p Permission) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool {
		return slices.Contains(g.Role.Permissions, p) && (g.Region.Valid() || g.Region == "" && g.Party.known() || a.everywhere(g))
	})
}

// Parties are the ids of the parties of a kind the actor is granted the
// permission over: the enterprises a person acts for.
func (a Actor) Parties(kind string, p Permission) []string {
	var ids []string
	for _, g := range a.Grants {
		if g.Party.Kind == kind && g.Party.known() && slices.Contains(g.Role.Permissions, p) && !slices.Contains(ids, g.Party.ID) {
			ids = append(ids, g.Party.ID)
		}
	}
	return ids
}

// Regions are the tops of the subtrees where the actor holds the permission.
func (a Actor) Regions(p Permission) []region.Code {
	var codes []region.Code
	for _, g := range a.Grants {
		if g.Region.Valid() && slices.Contains(g.Role.Permissions, p) && !slices.Contains(codes, g.Region) {
			codes = append(codes, g.Region)
		}
	}
	return codes
}

// Scope is how far the actor reaches with a permission: what every list takes.
func (a Actor) Scope(p Permission) Scope {
	var s Scope
	for _, g := range a.Grants {
		if !slices.Contains(g.Role.Permissions, p) {
			continue
		}
		switch {
		case g.Region != "":
			s.tops = append(s.tops, Within(g.Region).tops...)
		case g.Party != Party{}:
			s.parties = append(s.parties, Own(g.Party).parties...)
		case a.everywhere(g):
			s.all = true
		}
	}
	return s
}

// Scope is a set of regions and parties. The zero Scope reaches nothing.
type Scope struct {
	all     bool
	tops    []region.Code // of subtrees
	parties []Party
}

// Unbounded reaches every record. It is for published records and for the
// program's own tasks; why names the reason, for the reader of the code.
func Unbounded(why string) Scope {
	if why == "" {
		return Scope{}
	}
	return Scope{all: true}
}

// Within is the scope of one subtree; of a malformed code it reaches nothing.
func Within(c region.Code) Scope {
	if !c.Valid() {
		return Scope{}
	}
	return Scope{tops: []region.Code{c}}
}

// Own is the scope of the records of the given parties. One without an id is
// left out: it would reach every record that has no such party.
func Own(parties ...Party) Scope {
	var s Scope
	for _, p := range parties {
		if p.known() {
			s.parties = append(s.parties, p)
		}
	}
	return s
}

// Empty reports that the scope reaches nothing.
func (s Scope) Empty() bool { return !s.all && len(s.tops) == 0 && len(s.parties) == 0 }

// Reaches reports whether a record at the target lies within the scope. It
// agrees with SQL for every target.
func (s Scope) Reaches(t Target) bool {
	return s.all ||
		slices.ContainsFunc(s.tops, func(c region.Code) bool { return c.Span().Holds(t.Region) }) ||
		slices.ContainsFunc(s.parties, func(p Party) bool { return slices.Contains(t.Parties, p) })
}

// Office is the scope as an office sees it: what lies in its places, without
// what it reaches as a party. Whoever works for no office keeps the whole scope.
func (s Scope) Office() Scope {
	if !s.all && len(s.tops) > 0 {
		s.parties = nil
	}
	return s
}

// Columns name where a query keeps what a scope asks about: the region code of
// a record, and the id of its party of each kind.
type Columns struct {
	Region string
	Party  map[string]string
}

// SQL is the scope as a condition in parentheses, with ? placeholders.
func (s Scope) SQL(c Columns) (string, []any) {
	if s.all {
		return "(1=1)", nil
	}
	var or []string
	var args []any
	for _, top := range s.tops {
		if c.Region != "" {
			sp := top.Span()
			or = append(or, "("+c.Region+" >= ? AND "+c.Region+" < ?)")
			args = append(args, sp.From, sp.To)
		}
	}
	for _, p := range s.parties {
		column, ok := c.Party[p.Kind]
		if !ok {
			continue
		}
		if !strings.Contains(column, "?") {
			column += " = ?"
		}
		or = append(or, column)
		args = append(args, p.ID)
	}
	if len(or) == 0 {
		return "(1=0)", nil
	}
	return "(" + strings.Join(or, " OR ") + ")", args
}

// SQLWithin is the scope narrowed to the subtree of a place, as a condition for
// long lists; without a place it is the whole scope. A county's records are
// named by the county in their code, substr(region, 1, 6), and a town's by the
// code, so that an index that begins with it holds them in the order of the list.
func (s Scope) SQLWithin(place region.Code, c Columns) (string, []any) {
	if place == "" && len(s.tops) == 1 && len(s.parties) == 0 && !s.all {
		place = s.tops[0]
	}
	if !place.Valid() || c.Region == "" {
		return s.SQL(c)
	}
	var in string
	var args []any
	switch place.Level() {
	case region.Town:
		in, args = "("+c.Region+" = ?)", []any{string(place)}
	case region.County:
		in, args = "(substr("+c.Region+", 1, 6) = ?)", []any{string(place)}
	default:
		in, args = Within(place).SQL(c)
	}
	if s.all || slices.ContainsFunc(s.tops, func(top region.Code) bool { return top.Contains(place) }) {
		return in, args
	}
	reach, more := s.SQL(c)
	return "(" + in + " AND " + reach + ")", append(args, more...)
}
