package arch_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// tree is the Go source of the project, parsed but not type-checked: fast, and
// it works while something does not compile.
type tree struct {
	files *token.FileSet
	goes  []*goFile // ordered by path
}

// goFile is one Go source file.
type goFile struct {
	path      string // from the root, with slashes
	dir       string
	test      bool
	generated bool
	*ast.File
}

// skipped folders hold no source of the program; tools and bench/peers are
// modules of their own.
var skipped = []string{"node_modules", "testdata", "dist", "bin", "data", "tools", "peers"}

// project is the whole repository, read once.
var project = sync.OnceValues(func() (*tree, error) {
	sources := map[string]string{}
	err := walk(func(name string) error {
		if path.Ext(name) != ".go" {
			return nil
		}
		raw, err := os.ReadFile(filepath.Join(root, name))
		sources[name] = string(raw)
		return err
	})
	if err != nil {
		return nil, err
	}
	return parse(sources)
})

// root is the repository, seen from this package.
const root = "../.."

// walk calls fn with every file of the repository, by its path from the root.
func walk(fn func(name string) error) error {
	return filepath.WalkDir(root, func(full string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, full)
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(entry.Name(), ".") && name != "." && entry.Name() != ".ci"
		if entry.IsDir() {
			if hidden || slices.Contains(skipped, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		return fn(filepath.ToSlash(name))
	})
}

// parse makes a tree of sources by path.
func parse(sources map[string]string) (*tree, error) {
	t := &tree{files: token.NewFileSet()}
	for name, source := range sources {
		file, err := parser.ParseFile(t.files, name, source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		t.goes = append(t.goes, &goFile{
			path: name, dir: path.Dir(name), File: file,
			test: strings.HasSuffix(name, "_test.go"), generated: ast.IsGenerated(file),
		})
	}
	slices.SortFunc(t.goes, func(a, b *goFile) int { return strings.Compare(a.path, b.path) })
	return t, nil
}

// shipped are the files that are part of the program.
func (t *tree) shipped() []*goFile {
	return slices.DeleteFunc(slices.Clone(t.goes), func(f *goFile) bool { return f.test })
}

// at is where a node stands, for a message: file:line.
func (t *tree) at(n ast.Node) string {
	p := t.files.Position(n.Pos())
	return p.Filename + ":" + strconv.Itoa(p.Line)
}

// importName is the name by which the file calls the package, "" if it does not import it.
func (f *goFile) importName(importPath string) string {
	for _, spec := range f.Imports {
		if unquote(spec.Path) != importPath {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(importPath)
	}
	return ""
}

// unquote is the value of a string literal.
func unquote(lit *ast.BasicLit) string {
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}

// literal is the value of an expression that is a string literal.
func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	return unquote(lit), true
}

// unknown stands for a part of a string that the source alone does not tell.
const unknown = "\x00"

// eachString calls fn with every string in the file, sums of strings joined.
func (f *goFile) eachString(fn func(at ast.Node, value string)) {
	ast.Inspect(f.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BinaryExpr:
			if n.Op != token.ADD {
				return true
			}
			if value := join(n); strings.Trim(value, unknown) != "" {
				fn(n, value)
			}
			return !onlyStrings(n)
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				fn(n, unquote(n))
			}
		}
		return true
	})
}

func join(e ast.Expr) string {
	if sum, ok := e.(*ast.BinaryExpr); ok && sum.Op == token.ADD {
		return join(sum.X) + join(sum.Y)
	}
	if value, ok := literal(e); ok {
		return value
	}
	return unknown
}

func onlyStrings(e ast.Expr) bool { return !strings.Contains(join(e), unknown) }

// run fails the test with the findings of a check on the project.
func run(t *testing.T, check func(*tree) []string) {
	t.Helper()
	all, err := project()
	if err != nil {
		t.Fatal(err)
	}
	report(t, check(all))
}

func report(t *testing.T, findings []string) {
	t.Helper()
	slices.Sort(findings)
	for _, f := range slices.Compact(findings) {
		t.Error(f)
	}
}

// finds fails the test unless the check says exactly these things of the
// sources; each is given by a part of the message.
func finds(t *testing.T, check func(*tree) []string, sources map[string]string, want ...string) {
	t.Helper()
	small, err := parse(sources)
	if err != nil {
		t.Fatal(err)
	}
	got := check(small)
	slices.Sort(got)
	got = slices.Compact(got)
	ok := len(got) == len(want)
	for _, w := range want {
		ok = ok && slices.ContainsFunc(got, func(g string) bool { return strings.Contains(g, w) })
	}
	if !ok {
		t.Errorf("the check found\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func finding(at, format string, args ...any) string {
	return at + ": " + fmt.Sprintf(format, args...)
}
