package routes_test

import (
	"maps"
	"net/url"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit/world"
)

// record is one that the table asks for: its kind's table, and how to find it.
type record struct {
	table string
	id    func(*world.World) string
	see   authz.Permission
	seen  target
}

// path fills a record's address in, and what else it names, by pairs.
func (r record) path(pairs ...string) func(*world.World) map[string]string {
	return func(w *world.World) map[string]string {
		m := fill(pairs...)(w)
		m["id"] = r.id(w)
		return m
	}
}

// now is its version.
func (r record) now() func(*world.World) string { return version(r.table, "id", r.id) }

// form is one with the version as it is now.
func (r record) form(pairs ...string) func(*world.World) url.Values {
	return func(w *world.World) url.Values {
		v := maps.Clone(fields(pairs...)(w))
		v.Set("version", r.now()(w))
		return v
	}
}

// look is who finds it.
func (r record) look() rule { return over(r.see, r.seen) }

// does is who may do something with it, told apart from who does not see it.
func (r record) does(do authz.Permission, on target) rule { return step(r.see, r.seen, do, on) }

// page is a small step on a record's page, {do} in its address.
func (r record) page(name string, do authz.Permission, on target, pairs ...string) ask {
	return ask{who: r.does(do, on), path: r.path("do", name), form: r.form(pairs...)}
}

// call is the same for a program.
func (r record) call(do authz.Permission, on target, body object) []ask {
	a := ask{who: r.does(do, on), path: r.path(), match: r.now()}
	if body != nil {
		a.body = sent(body)
	}
	return []ask{a}
}

// made is a record's id from the world's records of the own place.
func made(id func(*world.Records) string) func(*world.World) string {
	return func(w *world.World) string { return id(w.At[world.Own.Name]) }
}

// in is the record of several by the state it was brought to.
func in(state flow.State, all func(*world.Records) map[flow.State]string) func(*world.World) string {
	return func(w *world.World) string { return all(w.At[world.Own.Name])[state] }
}

// ours are the own place's town, its county, and the city above.
func ours(*world.World) authz.Target   { return authz.At(world.Own.Town) }
func county(*world.World) authz.Target { return authz.At(world.Own.Over) }
func judges(*world.World) authz.Target { return authz.At(world.Above.Over) }

// today is the day in China.
func today(w *world.World) string { return flow.DayOf(w.DB.Now()) }
