package arch_test

import (
	"go/ast"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestEveryPackageHasOnePackageComment(t *testing.T) { run(t, packageComments) }

func packageComments(all *tree) []string {
	comments := map[string][]string{}
	for _, f := range all.shipped() {
		comments[f.dir] = append(comments[f.dir], "")
		if f.Doc != nil && !f.generated {
			comments[f.dir] = append(comments[f.dir], f.path)
		}
	}
	var found []string
	for dir, in := range comments {
		in = strings.Fields(strings.Join(in, " "))
		switch {
		case len(in) == 0:
			found = append(found, finding(dir, "no package comment; say in doc.go what the idea is and what it promises"))
		case len(in) > 1:
			found = append(found, finding(dir, "more than one package comment (%s); keep the one in doc.go", strings.Join(in, ", ")))
		}
	}
	return found
}

func TestNothingRunsOrChangesBehindTheProgramsBack(t *testing.T) {
	run(t, initFunctions)
	run(t, globals)
}

func initFunctions(all *tree) []string {
	var found []string
	for _, f := range all.shipped() {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				found = append(found, finding(all.at(fn), "no init functions: let internal/app call it, or make it a value"))
			}
		}
	}
	return found
}

// globals finds package variables that could change while the program runs. A
// variable may hold a table, a sentinel error, a compiled expression or an
// embedded file: it has its value from the start and nothing touches it.
func globals(all *tree) []string {
	vars := map[string]bool{} // dir + "." + name
	var found []string
	for _, f := range all.shipped() {
		for _, d := range f.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.VAR || f.generated {
				continue
			}
			for _, spec := range group.Specs {
				v := spec.(*ast.ValueSpec)
				for _, name := range v.Names {
					vars[f.dir+"."+name.Name] = true
				}
				if !embedded(group, v) && changeable(v) {
					found = append(found, finding(all.at(v), "%s is a variable of the package that can change; "+
						"put it in a struct that internal/app makes", v.Names[0].Name))
				}
			}
		}
	}
	for _, f := range all.shipped() {
		found = append(found, touches(all, f, vars)...)
	}
	return found
}

func embedded(group *ast.GenDecl, v *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{group.Doc, v.Doc} {
		if doc == nil {
			continue
		}
		for _, c := range doc.List {
			if strings.HasPrefix(c.Text, "//go:embed ") {
				return true
			}
		}
	}
	return false
}

// mutable are types and makers of things that exist to be changed.
var mutable = regexp.MustCompile(`^(sync\.(Mutex|RWMutex|Once|WaitGroup|Map|Pool|Cond|NewCond)|atomic\.\w+|make|new|bytes\.Buffer|strings\.Builder)$`)

func changeable(v *ast.ValueSpec) bool {
	if v.Names[0].Name == "_" {
		return false
	}
	if len(v.Values) == 0 {
		return true
	}
	for _, value := range v.Values {
		switch e := value.(type) {
		case *ast.CallExpr:
			if mutable.MatchString(dotted(e.Fun)) {
				return true
			}
		case *ast.CompositeLit:
			if mutable.MatchString(dotted(e.Type)) {
				return true
			}
		}
	}
	return false
}

// dotted writes x or x.y, and "" for anything longer; type arguments do not count.
func dotted(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.IndexExpr:
		return dotted(e.X)
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
	}
	return ""
}

// touches finds where a file changes one of the variables.
func touches(all *tree, f *goFile, vars map[string]bool) []string {
	var found []string
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		local := localNames(fn)
		touch := func(e ast.Expr) {
			if name := rootVariable(f, e, local); name != "" && vars[name] {
				found = append(found, finding(all.at(e), "this changes the package's variable %s; "+
					"put what changes in a struct that internal/app makes", path.Base(name)))
			}
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, e := range n.Lhs {
						touch(e)
					}
				}
			case *ast.IncDecStmt:
				touch(n.X)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					touch(n.X)
				}
			case *ast.CallExpr:
				if name := dotted(n.Fun); (name == "delete" || name == "clear") && len(n.Args) > 0 {
					touch(n.Args[0])
				}
			}
			return true
		})
	}
	return found
}

// localNames are the names that a function declares itself, anywhere in it.
func localNames(fn *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, name := range n.Names {
				names[name.Name] = true
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					names[dotted(e)] = true
				}
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				names[dotted(n.Key)] = true
				names[dotted(n.Value)] = true
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				names[name.Name] = true
			}
		}
		return true
	})
	return names
}

// rootVariable is the variable at the root of x, x[i], x.field or pkg.X, as
// folder + "." + name; "" when it is local.
func rootVariable(f *goFile, e ast.Expr, local map[string]bool) string {
	switch e := e.(type) {
	case *ast.Ident:
		if local[e.Name] {
			return ""
		}
		return f.dir + "." + e.Name
	case *ast.IndexExpr:
		return rootVariable(f, e.X, local)
	case *ast.ParenExpr:
		return rootVariable(f, e.X, local)
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok && !local[x.Name] {
			for _, spec := range f.Imports {
				imported := unquote(spec.Path)
				if ours, ok := strings.CutPrefix(imported, module); ok && f.importName(imported) == x.Name {
					return ours + "." + e.Sel.Name
				}
			}
		}
		return rootVariable(f, e.X, local)
	}
	return ""
}

// clockless are packages in which time comes from the transaction or a clock
// that was handed in, so that tests and late entries can say what "now" is.
var clockless = regexp.MustCompile(`^internal/(domain/.*|fault|text|region|authz|flow|criteria|ledger)$`)

// programs may print: they are commands.
var programs = regexp.MustCompile(`^(cmd/.*|bench/.*|internal/web/assets/build|internal/testkit/withpg)$`)

func TestTimeAndOutputComeFromWhereTheyCanBeSeen(t *testing.T) { run(t, calls) }

func calls(all *tree) []string {
	var found []string
	for _, f := range all.shipped() {
		ast.Inspect(f.File, func(n ast.Node) bool {
			name := ""
			switch n := n.(type) {
			case *ast.SelectorExpr:
				name = dotted(n)
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && strings.HasPrefix(id.Name, "print") {
					name = "builtin." + id.Name
				}
			default:
				return true
			}
			if why := forbidden(f, name); why != "" {
				found = append(found, finding(all.at(n), "%s: %s", name, why))
			}
			return true
		})
	}
	return found
}

// forbidden says what to do instead of the name, "" when it is fine here.
func forbidden(f *goFile, name string) string {
	pkg, what, _ := strings.Cut(name, ".")
	switch {
	case pkg == "" || what == "":
		return ""
	case pkg == f.importName("time") && (what == "Now" || what == "Since" || what == "Until") && clockless.MatchString(f.dir):
		return "take tx.Now, or the clock you were given"
	case pkg == f.importName("fmt") && strings.HasPrefix(what, "Print") && !programs.MatchString(f.dir),
		name == "builtin.print", name == "builtin.println":
		return "return an error, or log with the slog.Logger you were given"
	case pkg == f.importName("log") && !programs.MatchString(f.dir):
		return "log with the slog.Logger you were given"
	}
	return ""
}

// someonesMachine are paths that exist on one machine only.
var someonesMachine = regexp.MustCompile("/" + "work/(main|shared)\\b|/" + "root/[a-z.]")

func TestNoFileNamesAPathOfOneMachine(t *testing.T) {
	readable := regexp.MustCompile(`(?i)(^|/)(Makefile|run|Dockerfile)$|\.(go|md|sh|json|ya?ml|css|js|mjs|sql|templ|html|csv|txt|mod)$`)
	err := walk(func(name string) error {
		if !readable.MatchString(name) {
			return nil
		}
		raw, err := os.ReadFile(filepath.Join(root, name))
		if hit := someonesMachine.Find(raw); hit != nil {
			t.Errorf("%s names %s, a path of one machine; write it relative to the repository", name, hit)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestHygieneIsFoundAndExplained(t *testing.T) {
	finds(t, packageComments, map[string]string{
		"a/a.go": "// Package a is one.\npackage a", "a/b.go": "// Package a is two.\npackage a",
		"b/b.go": "package b", "b/b_test.go": "// Package b is a test.\npackage b",
		"c/c.go": "// Package c is fine.\npackage c", "c/c2.go": "package c",
	}, "a: more than one", "b: no package comment")

	finds(t, initFunctions, map[string]string{"a/a.go": "package a\nfunc init() {}\nfunc (x T) init() {}"}, "a/a.go:2")

	finds(t, globals, map[string]string{
		"a/a.go": `package a
var table = map[string]int{"x": 1}
var errGone = errors.New("gone")
var count int
var lock = sync.Mutex{}
var cache = make(map[string]int)
var Shared = []string{"a"}
func f() { table["y"] = 2; local := map[string]int{}; local["z"] = 3; errGone := 1; errGone++ }
`,
		"b/b.go": `package b
import "qiban.dev/qiban/a"
func g() { a.Shared[0] = "b" }
`,
	}, "a/a.go:4: count", "a/a.go:5: lock", "a/a.go:6: cache", "a/a.go:8: this changes the package's variable a.table",
		"b/b.go:3: this changes the package's variable a.Shared")

	finds(t, calls, map[string]string{
		"internal/domain/park/a.go": `package park; import ("fmt"; clock "time"); func f() { clock.Now(); fmt.Println(); fmt.Sprint() }`,
		"internal/jobs/a.go":        `package jobs; import "time"; func f() { time.Now() }`,
		"cmd/qiban/a.go":            `package main; import "fmt"; func f() { fmt.Println() }`,
	}, "clock.Now: take tx.Now", "fmt.Println: return an error")
}
