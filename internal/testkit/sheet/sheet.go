// Package sheet tells in tests the story that every table that comes in and goes
// out has in common (表格的来回).
package sheet

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// Kind is a table with the use cases of one program behind it.
type Kind struct {
	Table  *xfer.Table
	Import func(ctx context.Context, by authz.Actor) (xfer.Importer, error)
	Export func(ctx context.Context, by authz.Actor, put func(cells []string) error) error
	DB     *db.DB
}

// Said is what became of a file: the count, and what was said of each rejected row.
type Said struct {
	xfer.Report
	Why []string
}

// Bring imports a file, or with dry looks at it.
func (k Kind) Bring(t *testing.T, by authz.Actor, file string, dry bool) (said Said) {
	t.Helper()
	r, err := xfer.Open(strings.NewReader(file), int64(len(file)), k.Table, xfer.Uploaded(), nil)
	must(t, err)
	imp, err := k.Import(t.Context(), by)
	must(t, err)
	said.Report, err = xfer.Run(t.Context(), r, imp, xfer.Plan{Dry: dry, Each: func(row *xfer.Row) error {
		if row.Outcome == xfer.Rejected {
			said.Why = append(said.Why, k.Table.Why(row.Bad, text.Zh))
		}
		return nil
	}})
	must(t, err)
	return said
}

// Out is the table as somebody takes it away.
func (k Kind) Out(t *testing.T, by authz.Actor, as xfer.Format) string {
	t.Helper()
	var out strings.Builder
	table, err := xfer.NewWriter(&out, k.Table, as, text.Zh)
	must(t, err)
	must(t, k.Export(t.Context(), by, xfer.Put(table, k.Table, text.Zh)))
	must(t, table.Close())
	return out.String()
}

func (k Kind) entries(t *testing.T) (n int) {
	t.Helper()
	must(t, k.DB.Get(t.Context(), &n, `SELECT COUNT(*) FROM audit_entry`))
	return n
}

// Story is what holds of every table, told with rows of one.
type Story struct {
	Name string
	// Of is the table of a program on a new database, in which what the rows rest on
	// is on file.
	Of func(t *testing.T, source string) Kind
	By authz.Actor // who may bring the rows
	// Stranger is an office that may bring such rows, and none of these; Unable is
	// somebody with the right to none.
	Stranger, Unable authz.Actor
	Head             string
	Good             []string // rows that are new
	// Unknown is the first good row with what it rests on named wrongly: a stranger
	// hears of the good one what anybody hears of this.
	Unknown string
	Bad     map[string][]string // a broken row → words that are said of it, each in its own cell
	Out     []string            // words that an export has
}

// Tell tells it, on both databases.
func (s Story) Tell(t *testing.T) {
	t.Run(s.Name, func(t *testing.T) { testkit.EachDatabase(t, s.tell) })
}

func (s Story) tell(t *testing.T, source string) {
	k, good := s.Of(t, source), s.Head+strings.Join(s.Good, "")
	all := int64(len(s.Good))
	if _, err := k.Import(t.Context(), s.Unable); !fault.Is(err, fault.Denied) {
		t.Errorf("somebody without the right: %v", err)
	}
	s.template(t, k)
	before := k.entries(t)
	if said := k.Bring(t, s.By, good, true); said.New+said.Changed != all || k.entries(t) != before {
		t.Fatalf("a look at it: %+v, and %d entries more", said, k.entries(t)-before)
	}
	s.refused(t, k)
	if said := k.Bring(t, s.By, good, false); said.New+said.Changed != all {
		t.Fatalf("%+v", said)
	}
	before = k.entries(t)
	same := func(what, file string) {
		t.Helper()
		if said := k.Bring(t, s.By, file, false); said.Unchanged != said.Rows || said.Rows < all || k.entries(t) != before {
			t.Errorf("%s: %+v, and %d entries more", what, said, k.entries(t)-before)
		}
	}
	same("the same again", good)
	out := k.Out(t, s.By, xfer.CSV)
	for _, words := range s.Out {
		if !strings.Contains(out, words) {
			t.Errorf("an export lacks %q:\n%s", words, out)
		}
	}
	for _, as := range []xfer.Format{xfer.CSV, xfer.XLSX} {
		file := k.Out(t, s.By, as)
		same("what went out as "+string(as), file)
		other := s.Of(t, t.TempDir())
		if said := other.Bring(t, s.By, file, false); said.Rejected != 0 {
			t.Errorf("%s elsewhere: %+v", as, said)
		}
		if diff := cmp.Diff(out, other.Out(t, s.By, xfer.CSV)); diff != "" {
			t.Errorf("through %s and out again:\n%s", as, diff)
		}
	}
	s.told(t, k)
	if k.entries(t) != before {
		t.Errorf("broken rows left %d entries", k.entries(t)-before)
	}
	if _, err := gate.Verify(t.Context(), k.DB); err != nil {
		t.Error(err)
	}
}

// refused tells that somebody else's rows look like unknown ones.
func (s Story) refused(t *testing.T, k Kind) {
	t.Helper()
	before := k.entries(t)
	foreign := k.Bring(t, s.Stranger, s.Head+strings.Join(s.Good, ""), false)
	unknown := k.Bring(t, s.By, s.Head+s.Unknown, false)
	if foreign.Rejected != foreign.Rows || unknown.Rejected != 1 || k.entries(t) != before {
		t.Errorf("somebody else's rows: %+v, unknown ones: %+v", foreign, unknown)
	} else if strip(foreign.Why[0]) != strip(unknown.Why[0]) {
		t.Errorf("of somebody else's row is said %s\nof an unknown one %s", foreign.Why[0], unknown.Why[0])
	}
}

// told tells that everything wrong with a row is said at once.
func (s Story) told(t *testing.T, k Kind) {
	t.Helper()
	for row, words := range s.Bad {
		said := k.Bring(t, s.By, s.Head+row, false)
		if said.Rejected != 1 {
			t.Errorf("a broken row lands: %s", row)
			continue
		}
		for _, w := range words {
			if !strings.Contains(said.Why[0], w) {
				t.Errorf("of %sis not said %s, but %s", row, w, said.Why[0])
			}
		}
		if strings.ContainsAny(said.Why[0], "⟦{") {
			t.Errorf("no words: %s", said.Why[0])
		}
	}
}

// template reads the empty table that people fill in.
func (s Story) template(t *testing.T, k Kind) {
	t.Helper()
	for _, lang := range []text.Lang{text.Zh, text.En} {
		for _, as := range []xfer.Format{xfer.CSV, xfer.XLSX} {
			var out strings.Builder
			must(t, xfer.Template(&out, k.Table, as, lang))
			r, err := xfer.Open(strings.NewReader(out.String()), int64(out.Len()), k.Table, xfer.Uploaded(), nil)
			must(t, err)
			if len(r.Header.Unknown) > 0 {
				t.Errorf("the template has columns of its own: %v", r.Header.Unknown)
			}
			_ = r.Close() // it was only read
		}
	}
	var keys []string
	for _, c := range k.Table.Columns {
		if slices.Contains(keys, c.Key) {
			t.Errorf("two columns are called %s", c.Key)
		}
		keys = append(keys, c.Key)
	}
}

// cell is what a row had in a cell, as a message repeats it.
var cell = regexp.MustCompile(`“[^”]*”|\d+`)

// strip is what is said, without what the row had in its cells.
func strip(why string) string { return cell.ReplaceAllString(why, "") }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
