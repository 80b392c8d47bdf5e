package arch_test

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// schema is what the migrations say: each table's owner, as a folder.
type schema map[string]string

var (
	ownerLine  = regexp.MustCompile(`^-- owner: ([a-z]+(?:/[a-z]+)?)\s*$`)
	makesTable = regexp.MustCompile(`(?im)^\s*CREATE\s+(?:VIRTUAL\s+)?(?:TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?"?(\w+)`)
	alters     = regexp.MustCompile(`(?im)^\s*(?:ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?|DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?|` +
		`CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?:IF\s+NOT\s+EXISTS\s+)?\w+\s+ON\s+|INSERT\s+INTO\s+|UPDATE\s+|DELETE\s+FROM\s+)"?(\w+)`)
	numbered = regexp.MustCompile(`^\d{5}_[a-z0-9_]+\.sql$`)
)

// readMigrations finds the owner of every table, and what is wrong with the files.
func readMigrations(files map[string]string) (schema, []string) {
	owners, byFile := schema{}, map[string]string{}
	numbers := map[string]string{}
	var found []string
	for name, sql := range files {
		base := path.Base(name)
		if !numbered.MatchString(base) {
			found = append(found, finding(name, "call it like 00120_park.sql: five digits, then what it is about"))
			continue
		}
		in := path.Dir(name) + "/" + base[:5]
		if other := numbers[in]; other != "" {
			found = append(found, finding(max(name, other), "has the number of %s; take the next free one", min(name, other)))
		}
		numbers[in] = name
		first, _, _ := strings.Cut(sql, "\n")
		m := ownerLine.FindStringSubmatch(first)
		if m == nil {
			found = append(found, finding(name, `the first line must name the owner of the tables, like "-- owner: domain/park"`))
			continue
		}
		owner := "internal/" + m[1]
		if _, ok := home(owner); !ok {
			found = append(found, finding(name, "the owner %s is not a package of the table in internal/arch", owner))
		}
		byFile[name] = owner
		for _, t := range makesTable.FindAllStringSubmatch(sql, -1) {
			if other, twice := owners[t[1]]; twice && other != owner {
				found = append(found, finding(name, "the table %s already belongs to %s", t[1], other))
			}
			owners[t[1]] = owner
		}
	}
	for name, owner := range byFile {
		for _, t := range alters.FindAllStringSubmatch(files[name], -1) {
			if of := owners[t[1]]; of != "" && of != owner {
				found = append(found, finding(name, "changes the table %s, which belongs to %s; put this in a migration of that owner", t[1], of))
			}
		}
	}
	return owners, found
}

func migrationFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := walk(func(name string) error {
		if !strings.HasPrefix(name, "migrations/") || path.Ext(name) != ".sql" || strings.HasPrefix(path.Base(name), "schema") {
			return nil
		}
		raw, err := os.ReadFile(filepath.Join(root, name))
		files[name] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestEveryMigrationNamesTheOwnerOfItsTables(t *testing.T) {
	owners, found := readMigrations(migrationFiles(t))
	report(t, found)
	if len(owners) == 0 {
		t.Error("no table was found in the migrations; this test would pass over nothing")
	}
}

func TestOnlyTheOwnerWritesATableAndOnlyUsersReadIt(t *testing.T) {
	owners, _ := readMigrations(migrationFiles(t))
	run(t, func(all *tree) []string { return statements(all, owners) })
}

var (
	writes = regexp.MustCompile(`(?i)\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|UPDATE(?:\s+ONLY)?)\s+"?(\w+)`)
	reads  = regexp.MustCompile(`(?i)\b(?:FROM|JOIN)\s+"?(\w+)`)
	isSQL  = regexp.MustCompile(`(?i)\b(?:SELECT|INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|DELETE\s+FROM|TRUNCATE|UPDATE\s+\w+\s+SET|JOIN|EXISTS)\b|(?i)^\s*FROM\b`)
)

// statements holds the SQL in Go strings against the owners. It sees table
// names that are written out; names put together at run time are for review.
func statements(all *tree, owners schema) []string {
	var found []string
	for _, f := range all.shipped() {
		if f.dir == "internal/testkit/world" { // for tests it puts in what no use case can: another province, sessions without passwords
			continue
		}
		lines := map[string]bool{}
		add := func(s string) {
			if !lines[s] {
				lines[s] = true
				found = append(found, s)
			}
		}
		f.eachString(func(node ast.Node, sql string) {
			if !isSQL.MatchString(sql) {
				return
			}
			for _, m := range writes.FindAllStringSubmatch(sql, -1) {
				if owner := owners[m[1]]; owner != "" && owner != f.dir {
					add(finding(all.at(node), "%s writes the table %s of %s; call a function of the owner that takes the transaction",
						f.dir, m[1], owner))
				}
			}
			for _, m := range reads.FindAllStringSubmatch(sql, -1) {
				if owner := owners[m[1]]; owner != "" && owner != f.dir && !mayRead(f.dir, owner) {
					add(finding(all.at(node), "%s reads the table %s of %s; %s", f.dir, m[1], owner, readAdvice(f.dir, owner)))
				}
			}
		})
	}
	return found
}

// mayRead: who may import the owner may read its tables, except pages, which
// ask the domain.
func mayRead(dir, owner string) bool {
	own, ok := home(dir)
	pages := own.rank >= 6 && own.rank <= 8
	return ok && !pages && mayImport(dir, owner)
}

func readAdvice(dir, owner string) string {
	if own, _ := home(dir); own.rank >= 6 && own.rank <= 8 {
		return "pages hold no SQL: ask the domain"
	}
	return advice(dir, owner)
}

func TestTableOwnershipIsFoundAndExplained(t *testing.T) {
	owners, found := readMigrations(map[string]string{
		"migrations/00100_park.sql":  "-- owner: domain/park\n-- +goose Up\nCREATE TABLE park (id TEXT);\nCREATE TABLE IF NOT EXISTS park_tenant (id TEXT);\n",
		"migrations/00101_other.sql": "-- +goose Up\nCREATE TABLE other (id TEXT);\n",
		"migrations/00102_odd.sql":   "-- owner: domain/nonsense\nCREATE TABLE odd (id TEXT);\n",
		"migrations/00103_plan.sql":  "-- owner: domain/plan\nALTER TABLE park ADD COLUMN x TEXT;\nCREATE TABLE park_tenant (id TEXT);\nCREATE INDEX plan_i ON plan (id);\n",
		"migrations/00100_again.sql": "-- owner: domain/plan\nCREATE TABLE plan (id TEXT);\n",
		"migrations/1_short.sql":     "-- owner: domain/plan\n",
	})
	for _, want := range []string{
		"00101_other.sql: the first line", "00102_odd.sql: the owner", "00103_plan.sql: changes the table park",
		"the table park_tenant already belongs", "00100_park.sql: has the number", "1_short.sql: call it",
	} {
		if !strings.Contains(strings.Join(found, "\n"), want) {
			t.Errorf("no finding says %q in\n%s", want, strings.Join(found, "\n"))
		}
	}
	owners = schema{"park": "internal/domain/park", "enterprise": "internal/domain/enterprise", "plan_step": "internal/domain/plan"}
	finds(t, func(all *tree) []string { return statements(all, owners) }, map[string]string{
		"internal/domain/park/store.go": "package park\nconst a = `SELECT p.id FROM park p JOIN enterprise e ON e.id = p.owner`\n" +
			"const b = \"UPDATE \" + \"enterprise SET name = ?\"\nconst c = `SELECT 1 FROM plan_step`\n" +
			"const d = `INSERT INTO park (id) VALUES (?)`\nconst e = \"please update enterprise data from plan_step\"\n",
		"internal/domain/park/parkweb/pages.go": "package parkweb\nvar a = `SELECT id FROM park`\n",
		"internal/domain/park/park_test.go":     "package park\nvar a = `DELETE FROM enterprise`\n",
	},
		"store.go:3: internal/domain/park writes the table enterprise",
		"store.go:4: internal/domain/park reads the table plan_step",
		"pages.go:2: internal/domain/park/parkweb reads the table park of internal/domain/park; pages hold no SQL",
	)
}
