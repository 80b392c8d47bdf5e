package arch_test

import (
	"slices"
	"strings"
	"testing"
)

func TestPackagesImportOnlyWhatTheTableAllows(t *testing.T) { run(t, imports) }

func imports(all *tree) []string {
	var found []string
	for _, f := range all.shipped() {
		if _, ok := home(f.dir); !ok {
			found = append(found, finding(f.dir, "this package is not in the table; give it a place in "+
				"internal/arch/table_test.go and in docs/architecture.md §2 and §3, or move the code to where it belongs"))
			continue
		}
		for _, spec := range f.Imports {
			found = append(found, oneImport(all.at(spec), f, unquote(spec.Path))...)
		}
	}
	return found
}

func oneImport(at string, f *goFile, path string) []string {
	if to, ours := strings.CutPrefix(path, module); ours {
		if !mayImport(f.dir, to) {
			return []string{finding(at, "%s may not import %s. %s", f.dir, to, advice(f.dir, to))}
		}
		return nil
	}
	if ok, who := throughDoor(f.dir, path); !ok {
		return []string{finding(at, "%s may not import %s; it is reached through %s", f.dir, path,
			strings.Join(strings.Fields(who), ", "))}
	}
	own, _ := home(f.dir)
	library := strings.Contains(strings.Split(path, "/")[0], ".")
	if own.rank == 0 && library {
		return []string{finding(at, "%s stands on the standard library alone; %s is more", f.dir, path)}
	}
	return nil
}

// advice is what to do instead of the import.
func advice(from, to string) string {
	mine, other := domainOf(from), domainOf(to)
	own, _ := home(from)
	target, known := home(to)
	switch {
	case !known:
		return "The table in internal/arch/table_test.go does not know it."
	case own.rank == 5 && target.rank == 5 && earlier(other, mine):
		return "If the idea really needs it, add " + other + " to the uses of " + mine + " in internal/arch/table_test.go."
	case own.rank == 5 && target.rank == 5:
		return "It comes later in the order of domains: send the news upward as a job, or move what both need down."
	case own.rank < target.rank:
		return "It points upward: let internal/app hand in what is needed."
	default:
		return "See docs/architecture.md §3."
	}
}

func earlier(a, b string) bool {
	names := order()
	return slices.Index(names, a) < slices.Index(names, b)
}

func order() []string {
	var names []string
	for _, d := range domains {
		names = append(names, d.name)
	}
	return names
}

func TestADomainUsesOnlyEarlierDomains(t *testing.T) {
	for i, d := range domains {
		for used := range strings.FieldsSeq(d.uses) {
			if at := slices.Index(order(), used); at < 0 || at >= i {
				t.Errorf("%s uses %s, which is not an earlier domain of the list", d.name, used)
			}
		}
	}
}

func TestThePagesOfTheTableExistOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range layers {
		for p := range strings.FieldsSeq(l.packages) {
			if seen[p] {
				t.Errorf("%s stands in two layers", p)
			}
			seen[p] = true
		}
	}
}

func TestTheTableTellsRightFromWrong(t *testing.T) {
	for _, c := range []struct {
		from, to string
		may      bool
	}{
		{"internal/domain/enterprise", "internal/gate", true},
		{"internal/domain/enterprise", "internal/domain/indicator", true},
		{"internal/domain/enterprise", "internal/domain/guarantee", false},
		{"internal/domain/enterprise", "internal/web", false},
		{"internal/domain/guarantee/guaranteeweb", "internal/domain/guarantee", true},
		{"internal/domain/guarantee/guaranteeweb", "internal/domain/enterprise", true},
		{"internal/domain/guarantee/guaranteeweb", "internal/domain/plan", false},
		{"internal/domain/guarantee/guaranteeweb", "internal/db", false},
		{"internal/domain/guarantee/parkweb", "internal/fault", false},
		{"internal/domain/nonsense", "internal/fault", false},
		{"internal/gate", "internal/authz", true},
		{"internal/gate", "internal/ledger", false},
		{"internal/notify", "internal/domain/account", false},
		{"internal/region", "internal/fault", false},
		{"internal/web", "internal/ledger", true},
		{"internal/web", "internal/db", false},
		{"internal/app", "internal/api", true},
		{"internal/api", "internal/app", false},
		{"cmd/qiban", "internal/app", true},
		{"cmd/qiban", "internal/db", false},
	} {
		if got := mayImport(c.from, c.to); got != c.may {
			t.Errorf("may %s import %s? The table says %v, want %v", c.from, c.to, got, c.may)
		}
	}
}

func TestImportsAreFoundAndExplained(t *testing.T) {
	finds(t, imports, map[string]string{
		"internal/domain/need/need.go":       `package need`,
		"internal/domain/park/park.go":       `package park; import "net/http"; var _ http.Handler`,
		"internal/domain/park/store.go":      `package park; import _ "qiban.dev/qiban/internal/domain/plan"`,
		"internal/domain/expert/expert.go":   `package expert; import _ "qiban.dev/qiban/internal/domain/territory"`,
		"internal/domain/account/account.go": `package account; import _ "qiban.dev/qiban/internal/domain/territory"`,
		"internal/region/region.go":          `package region; import _ "golang.org/x/text/width"`,
		"internal/authz/authz.go":            `package authz; import _ "qiban.dev/qiban/internal/gate"`,
	},
		"internal/domain/need: this package is not in the table",
		"may not import net/http; it is reached through internal/notify",
		"It comes later in the order of domains",
		"add territory to the uses of account",
		"standard library alone",
		"It points upward",
	)
}
