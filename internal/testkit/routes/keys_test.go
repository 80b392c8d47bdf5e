package routes_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/world"
)

const prefix = "/api/v1"

// Every operation is asked without a key and with a key of every role from five
// places: whole, without the scope that it takes, expired and ended. Who gets
// through is worked out from what the key's scopes leave of the rights.
func TestEveryOperationLetsThroughTheKeysThatMayAndNoOther(t *testing.T) {
	w := world.New(t, testkit.Migrated(t))
	patterns, err := w.Routes()
	if err != nil {
		t.Fatal(err)
	}
	rows, takes := operations(), scopesTaken(t, w)
	patterns = slices.DeleteFunc(patterns, func(p string) bool { return !strings.Contains(p, " "+prefix+"/") })
	for _, pattern := range patterns {
		op := strings.Replace(pattern, prefix, "", 1)
		row, ok := rows[op]
		if !ok {
			t.Errorf("%s has no row: say which scope it takes and whom it lets through in internal/testkit/routes/operations_test.go", op)
		}
		if ok && row.scope != takes[op] {
			t.Errorf("%s takes the scope %q, its row says %q", op, takes[op], row.scope)
		}
	}
	for op := range rows {
		if _, ok := takes[op]; !ok {
			t.Errorf("%s has a row and is no operation", op)
		}
	}
	const shares = 4
	for share := range shares {
		t.Run(fmt.Sprint(share), func(t *testing.T) {
			t.Parallel()
			w, requests := world.New(t, testkit.Migrated(t)), 0
			programs := keysOf(t, w)
			for i, op := range slices.Sorted(maps.Keys(rows)) {
				for _, a := range rows[op].asks {
					if i%shares == share {
						k := &keyed{&trial{T: t, w: w, pattern: patternOf(op), ask: a, people: programs, send: keyholder}, rows[op].scope}
						k.others()
						requests += k.run()
						if k.done == 0 {
							t.Errorf("%s comes as far as the record for nobody: what its row sends cannot be right (the last: %s)", op, k.last)
						}
					}
				}
			}
			t.Logf("%d people made %d requests", len(w.People), requests)
		})
	}
}

func patternOf(op string) string { return strings.Replace(op, " ", " "+prefix, 1) }

// open is the scope of what needs no key.
const open = "-"

// scopesTaken is what the specification says of every operation.
func scopesTaken(t *testing.T, w *world.World) map[string]string {
	t.Helper()
	rec := httptest.NewRecorder()
	w.Handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/openapi.json", nil))
	var doc struct {
		Paths map[string]map[string]struct{ Security []map[string][]string }
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	takes := map[string]string{}
	for path, item := range doc.Paths {
		for method, op := range item {
			takes[strings.ToUpper(method)+" "+path] = strings.Join(op.Security[0]["key"], " ")
			if len(op.Security) > 1 { // the first is: no key
				takes[strings.ToUpper(method)+" "+path] = open
			}
		}
	}
	return takes
}

// keysOf are the people as their whole keys make them; the first has none.
func keysOf(t *testing.T, w *world.World) []world.Person {
	t.Helper()
	all := slices.Clone(w.People)
	for i := range all[1:] {
		p := &all[i+1]
		by, _, err := w.Account.ResolveKey(t.Context(), p.Key(""))
		if err != nil {
			t.Fatal(err)
		}
		p.Actor, p.Token = by, p.Key("")
	}
	return all
}

// keyholder is what a program sends; the token is its key.
func keyholder(t *trial, p world.Person, method, address string) *http.Request {
	var body []byte
	kind := "application/octet-stream"
	var sends any
	if t.body != nil {
		sends = t.body(t.w)
	} else if t.own != nil {
		sends = t.own(t, p)
	}
	switch b := sends.(type) {
	case nil:
	case []byte: // a document
		body = b
	default:
		var err error
		kind = "application/json"
		if body, err = json.Marshal(b); err != nil {
			t.Fatal(err)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), method, address, bytes.NewReader(body))
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	if t.match != nil {
		r.Header.Set("If-Match", `"`+t.match(t.w)+`"`)
	}
	if p.Token != "" {
		r.Header.Set("Authorization", "Bearer "+p.Token)
	}
	return r
}

// keyed is a line of the table of operations.
type keyed struct {
	*trial
	scope string
}

// others asks with every key that opens nothing, whoever it is of: what expired,
// what was ended, and what was made for everything else.
func (k *keyed) others() {
	k.Helper()
	before, address := k.state(), k.address(k.w, false)
	for _, p := range k.w.People[1:] {
		for _, none := range []string{world.Expired, world.Ended} {
			p.Token = p.Key(none)
			if got := k.do(p, address); got.status != http.StatusUnauthorized {
				k.Errorf("%s by a key of %s that is %s: %s, want 401", k.pattern, p, none, got)
			}
		}
		if k.scope == open || k.scope == "" {
			continue
		}
		p.Token = p.Key(world.Without + k.scope)
		if got := k.do(p, address); got.status != http.StatusForbidden || !strings.Contains(got.body, k.scope) {
			k.Errorf("%s by a key of %s without the scope %s: %s, want 403 and the scope's name\n%s", k.pattern, p, k.scope, got, first(got.body))
		}
	}
	if after := k.state(); after != before {
		k.Errorf("%s: keys that open nothing changed something: %s, before %s", k.pattern, after, before)
	}
}
