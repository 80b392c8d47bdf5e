package routes_test

import (
	"net/url"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/testkit/world"
)

// rule is who gets through to a page or a step, worked out from the rights of
// the roles alone: it asks no handler. sees is whether a reader may know that
// the record is there; whoever does not is answered as if it were not.
type rule func(w *world.World, by authz.Actor) (in, sees bool)

// target is what a right is held over.
type target func(w *world.World) authz.Target

// anyone is for public pages.
func anyone(*world.World, authz.Actor) (bool, bool) { return true, true }

// signedIn is for the pages everybody has of their own.
func signedIn(_ *world.World, by authz.Actor) (bool, bool) { return by.SignedIn(), false }

// desk is for pages that list what lies in places: the right over any place.
func desk(do authz.Permission) rule {
	return func(_ *world.World, by authz.Actor) (bool, bool) { return len(by.Regions(do)) > 0, false }
}

// somewhere is the right over any place, organisation or oneself.
func somewhere(all ...authz.Permission) rule {
	return func(_ *world.World, by authz.Actor) (bool, bool) {
		return slices.ContainsFunc(all, by.Somewhere), false
	}
}

// over is a right over one target, which whoever has not need not know.
func over(do authz.Permission, on target) rule {
	return func(w *world.World, by authz.Actor) (bool, bool) { return by.May(do, on(w)), false }
}

// step is a right over a record that others may see.
func step(see authz.Permission, seen target, do authz.Permission, on target) rule {
	return func(w *world.World, by authz.Actor) (bool, bool) {
		return by.May(do, on(w)), by.May(see, seen(w))
	}
}

// both is for steps that two rights are needed for.
func both(a, b rule) rule {
	return func(w *world.World, by authz.Actor) (bool, bool) {
		in, sees := a(w, by)
		more, also := b(w, by)
		return in && more, sees || also
	}
}

// either is for what two rights lead to.
func either(a, b rule) rule {
	return func(w *world.World, by authz.Actor) (bool, bool) {
		in, sees := a(w, by)
		more, also := b(w, by)
		return in || more, sees || also
	}
}

// ask is one request of a route: a line of the table.
type ask struct {
	who rule
	// path fills the address in: id, … by name. unknown is the same with
	// something that does not exist; where it is nil, {id} is replaced.
	path func(w *world.World) map[string]string
	// query and form are sent along; nil sends nothing.
	query func(w *world.World) string
	form  func(w *world.World) url.Values
	// A program sends body as JSON, or what own makes for whoever asks, and match
	// as the version it has read.
	body  func(w *world.World) any
	own   func(t *trial, p world.Person) any
	match func(w *world.World) string
	// lists is the right by which the page lists records; its marks must be on
	// the page when the reader reaches them, and must not when not.
	lists authz.Permission
	marks func(w *world.World) []mark
}

// mark is a word that stands on a page only when it shows the record at target.
type mark struct {
	words string
	at    authz.Target
}
