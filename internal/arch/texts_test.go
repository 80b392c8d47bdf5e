package arch_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// texts is the catalogue as it is written: key → 中文, English.
type texts map[string][2]string

const catalogDir = "internal/text/catalog"

// usedElsewhere are beginnings of keys that no Go string shows: say who uses them.
var usedElsewhere = []string{
	"account.form.", "import.form.", "patent.form.", "tech.form.", "technotice.form.", "techproduct.form.", "guarantees.form.", // web.Form puts the labels of fields together
	"parks.house.", "parks.profile.", "parks.seek.", "parks.plan.", "parks.step.", "parks.stay.", "parks.tenant.", "parks.photo.",
	"recognition.begin.", "recognition.object.", "recognition.step.", "recognition.score.", "recognition.tie.", "recognition.call.form.", "recognition.title.form.",
}

// suppliedAtTheEdge are parameters that the page or the API adds to a fault.
var suppliedAtTheEdge = []string{"id", "wait"}

// inAnotherLanguage are sentences for readers of the other language.
var inAnotherLanguage = []string{"web.lang.other"}

// sharedAreas are first words of keys that any file may define.
var sharedAreas = []string{"permission", "field", "theme", "form", "unit"}

var (
	keyForm   = regexp.MustCompile(`^[a-z]+(\.[a-z0-9_]+)+$`)
	slot      = regexp.MustCompile(`\{([^{}|]+)(?:\|[^{}]*)?\}`)
	han       = regexp.MustCompile(`\p{Han}`)
	quoted    = regexp.MustCompile(`\([^()]*\)|“[^”]*”|《[^》]*》|"[^"]*"|\{[^{}]*\}`)
	stiff     = regexp.MustCompile(`请知悉|温馨提示|您|敬请|予以|特此`)
	ofPattern = regexp.MustCompile(`^[a-z0-9_.\x00]*$`)
	verb      = regexp.MustCompile(`%[sdvq]`)
)

// readCatalog reads the files with their order and doublets, which a plain
// reading into a map would swallow.
func readCatalog(t *testing.T) (texts, []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, catalogDir, "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no catalogue in %s: %v", catalogDir, err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = raw
	}
	return catalog(files)
}

func catalog(files map[string][]byte) (texts, []string) {
	all, from := texts{}, map[string]string{}
	var found []string
	for _, file := range slices.Sorted(maps.Keys(files)) {
		at := catalogDir + "/" + file
		in := json.NewDecoder(bytes.NewReader(files[file]))
		if _, err := in.Token(); err != nil {
			found = append(found, finding(at, "%v", err))
			continue
		}
		for in.More() {
			token, err := in.Token()
			key, _ := token.(string)
			var pair []string
			if err == nil {
				err = in.Decode(&pair)
			}
			if err != nil || len(pair) != 2 {
				found = append(found, finding(at, `after %q: want "key": ["中文", "English"] (%v)`, key, err))
				break
			}
			if from[key] != "" {
				found = append(found, finding(at, "%s is already in %s", key, from[key]))
			}
			from[key], all[key] = file, [2]string(pair)
			found = append(found, words(at, strings.TrimSuffix(file, ".json"), key, all[key])...)
		}
	}
	return all, found
}

// words checks one entry of the catalogue.
func words(at, area, key string, pair [2]string) []string {
	var found []string
	say := func(format string, args ...any) {
		found = append(found, finding(at, key+": "+format, args...))
	}
	first, _, _ := strings.Cut(key, ".")
	if !keyForm.MatchString(key) {
		say("a key is lower-case words with dots, like need.posted.title")
	} else if first != area && !slices.Contains(sharedAreas, first) {
		say("a key of this file begins with %q", area+".")
	}
	zh, en := pair[0], pair[1]
	if strings.TrimSpace(zh) == "" || strings.TrimSpace(en) == "" {
		say("both languages are needed: [%q, %q]", zh, en)
		return found
	}
	if a, b := slots(zh), slots(en); !slices.Equal(a, b) {
		say("the parameters differ: Chinese has %v, English %v", a, b)
	}
	if han.MatchString(quoted.ReplaceAllString(en, "")) && !slices.Contains(inAnotherLanguage, key) {
		say("the English sentence has Chinese outside quotes or brackets: %s", en)
	}
	if m := stiff.FindString(zh); m != "" {
		say("speak plainly and to 你; leave out %q", m)
	}
	return found
}

// slots are the names of a sentence's parameters, each once, in order. A "#" asks
// the yearbook for a figure without its unit; it is the same figure.
func slots(s string) []string {
	var names []string
	for _, m := range slot.FindAllStringSubmatch(s, -1) {
		names = append(names, strings.TrimSuffix(m[1], "#"))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestTheCatalogueSaysTheSameInBothLanguages(t *testing.T) {
	_, found := readCatalog(t)
	report(t, found)
}

func TestEveryKeyInTheCodeIsInTheCatalogue(t *testing.T) {
	all, _ := readCatalog(t)
	run(t, func(tr *tree) []string { return usedKeys(tr, all) })
}

func TestEveryKeyInTheCatalogueIsUsed(t *testing.T) {
	all, _ := readCatalog(t)
	run(t, func(tr *tree) []string { return unusedKeys(tr, all) })
}

// usedKeys finds keys in the places where keys stand, and checks that the
// sentence exists and gets its parameters.
func usedKeys(all *tree, known texts) []string {
	var found []string
	noted := map[string]bool{} // a missing sentence is told once, however often it is said
	for _, f := range all.shipped() {
		if f.dir == "internal/text" {
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			key, args, whole := keyAt(f, n)
			if key == "" {
				return true
			}
			pair, ok := known[key]
			if !ok {
				if !noted[key] {
					noted[key] = true
					found = append(found, finding(all.at(n), "no words for %q; add it to %s/%s.json in both languages",
						key, catalogDir, areaOf(key)))
				}
				return true
			}
			forScript := len(args) == 0 && strings.HasPrefix(f.dir, "internal/web/") // it fills the slots itself
			if missing := lacking(slots(pair[0]), args); whole && !forScript && len(missing) > 0 {
				found = append(found, finding(all.at(n), "%q needs the parameters %v, which are not given here", key, missing))
			}
			return true
		})
	}
	return found
}

// areaOf is the file that a key belongs in; a right belongs to its domain.
func areaOf(key string) string {
	area, _, _ := strings.Cut(strings.TrimPrefix(key, "permission."), ".")
	return area
}

// keyAt is the key that stands at a node and the names of its parameters;
// whole is false when the source does not show them all.
func keyAt(f *goFile, n ast.Node) (key string, args []string, whole bool) {
	switch n := n.(type) {
	case *ast.CallExpr:
		return keyInCall(f, n)
	case *ast.KeyValueExpr:
		if id, ok := n.Key.(*ast.Ident); ok && (id.Name == "Key" || strings.HasSuffix(id.Name, "Key")) {
			return asKey(n.Value), nil, false
		}
	case *ast.ValueSpec:
		if len(n.Values) == 1 {
			switch typed := dotted(n.Type); {
			case typed == f.importName(module+"internal/text")+".Key":
				return asKey(n.Values[0]), nil, false
			case typed == f.importName(module+"internal/authz")+".Permission", f.dir == "internal/authz" && typed == "Permission":
				if permission := asKey(n.Values[0]); permission != "" {
					return "permission." + permission, nil, false
				}
			}
		}
	}
	return "", nil, false
}

// keyInCall knows the calls that take keys: T(key, …), possibly after a
// language or context, fault.New(kind, key, …), fault.Because(cause, kind, key,
// …), Fields.Add(name, key, …), text.Key(key).
func keyInCall(f *goFile, call *ast.CallExpr) (key string, args []string, whole bool) {
	name := dotted(call.Fun)
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok && name == "" {
		name = "_." + sel.Sel.Name
	}
	faults := f.importName(module + "internal/fault")
	at := []int{}
	switch {
	case name == "T" || strings.HasSuffix(name, ".T"):
		at = []int{0, 1}
	case faults != "" && name == faults+".New", strings.HasSuffix(name, ".Add"):
		at = []int{1}
	case faults != "" && name == faults+".Because":
		at = []int{2}
	case name == f.importName(module+"internal/text")+".Key":
		return asKey(call.Args[0]), nil, false
	}
	for _, i := range at {
		if i < len(call.Args) && asKey(call.Args[i]) != "" {
			args, whole = names(call.Args[i+1:])
			return asKey(call.Args[i]), args, whole && !call.Ellipsis.IsValid()
		}
	}
	return "", nil, false
}

// names reads the parameter names out of alternating names and values.
func names(args []ast.Expr) (list []string, whole bool) {
	for i := 0; i < len(args); i += 2 {
		name, ok := literal(args[i])
		if !ok {
			return nil, false
		}
		list = append(list, name)
	}
	return list, true
}

func asKey(e ast.Expr) string {
	if s, ok := literal(e); ok && keyForm.MatchString(s) {
		return s
	}
	return ""
}

func lacking(needed, given []string) []string {
	return slices.DeleteFunc(slices.Clone(needed), func(name string) bool {
		return slices.Contains(given, name) || slices.Contains(suppliedAtTheEdge, name)
	})
}

// unusedKeys finds sentences that nobody says. A key counts as said when some
// string of the program equals it, or when a string put together of parts
// ("flow.who." + who, name + ".state." + state) could.
func unusedKeys(all *tree, known texts) []string {
	whole, patterns := map[string]bool{}, map[string]bool{}
	for _, f := range all.shipped() {
		f.eachString(func(_ ast.Node, value string) {
			whole[value] = true
			value = verb.ReplaceAllString(value, unknown)
			if strings.Contains(value, unknown) && ofPattern.MatchString(value) && telling(value) {
				patterns[value] = true
			}
		})
		ast.Inspect(f.File, func(n ast.Node) bool {
			if key, _, _ := keyAt(f, n); key != "" {
				whole[key] = true
			}
			return true
		})
	}
	var could []*regexp.Regexp
	for p := range patterns {
		could = append(could, regexp.MustCompile("^"+strings.ReplaceAll(regexp.QuoteMeta(p), unknown, `.+`)+"$"))
	}
	dead := map[string][]string{}
	for key := range known {
		used := whole[key] ||
			slices.ContainsFunc(could, func(re *regexp.Regexp) bool { return re.MatchString(key) }) ||
			slices.ContainsFunc(usedElsewhere, func(begin string) bool { return strings.HasPrefix(key, begin) })
		if area := areaOf(key); !used {
			dead[area] = append(dead[area], key)
		}
	}
	var found []string
	for area, keys := range dead {
		slices.Sort(keys)
		found = append(found, finding(catalogDir+"/"+area+".json", "nobody says %s; delete them, or name their beginning in "+
			"usedElsewhere in internal/arch/texts_test.go with who uses it", strings.Join(keys, ", ")))
	}
	return found
}

// telling keeps out patterns that any key would fit, like a + "." + b.
func telling(pattern string) bool {
	return strings.Contains(pattern, ".") && strings.Trim(pattern, unknown+".") != ""
}

func TestTextsAreFoundAndExplained(t *testing.T) {
	known, found := catalog(map[string][]byte{
		"need.json": []byte(`{"need.full": ["有 {n} 个，{who}", "{n} {n|one|many} for {who}"], "need.half": ["有", ""],
			"need.full": ["a", "b"], "need.slots": ["{a}", "{b}"], "plan.stray": ["甲", "a"], "need.zh": ["甲", "甲"],
			"need.cited": ["甲", "See “甲”"], "need.stiff": ["您好", "Hello"], "permission.need.post": ["提需求", "post"]}`),
	})
	want := []string{
		"need.half: both languages", "need.full is already in", "need.slots: the parameters differ",
		`plan.stray: a key of this file begins with "need."`, "need.zh: the English sentence has Chinese", `leave out "您"`,
	}
	for _, w := range want {
		if !strings.Contains(strings.Join(found, "\n"), w) {
			t.Errorf("no finding says %q", w)
		}
	}
	if len(found) != len(want) {
		t.Errorf("want %d findings, got %d:\n%s", len(want), len(found), strings.Join(found, "\n"))
	}

	known = texts{
		"need.full": {"{n} {who}", "{n} {who}"}, "need.plain": {"甲", "a"}, "need.state.open": {"开", "open"},
		"need.dead": {"死", "dead"}, "permission.need.post": {"提", "post"},
	}
	code := map[string]string{"internal/domain/need/need.go": `package need
import ("qiban.dev/qiban/internal/fault"; "qiban.dev/qiban/internal/authz"; "qiban.dev/qiban/internal/text")
const Post authz.Permission = "need.post"
const Take authz.Permission = "need.take"
func f(lang text.Lang, fields fault.Fields, state string) {
	lang.T("need.plain")
	lang.T("need.full", "n", 1)
	fields.Add("name", "need.gone")
	fault.New(fault.Conflict, "need.full", "n", 1, "who", 2)
	fault.Because(nil, fault.Conflict, "need.away")
	lang.T("need.state." + state)
	_ = fault.Field{Key: "need.lost"}
}`}
	finds(t, func(tr *tree) []string { return usedKeys(tr, known) }, code,
		`no words for "permission.need.take"`, `"need.full" needs the parameters [who]`, `no words for "need.gone"`,
		`no words for "need.away"`, `no words for "need.lost"`)
	finds(t, func(tr *tree) []string { return unusedKeys(tr, known) }, code, "nobody says need.dead")
}
