package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"qiban.dev/qiban/demo"
)

// documents are the pages people read, by their path from the root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	names, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Join(root, "docs"), func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".md") {
			names = append(names, name)
		}
		return err
	})
	if err != nil || len(names) < 20 {
		t.Fatalf("%d documents, %v", len(names), err)
	}
	pages := map[string]string{}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = string(raw)
	}
	return pages
}

// Every link and picture of the documents leads to a file that is there.
func TestLinksOfTheDocumentsLead(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	for name, content := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(content, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", name, m[1])
			}
		}
	}
}

// A file that a document names by its path is there, and so is a command.
func TestDocumentsNameWhatThereIs(t *testing.T) {
	file := regexp.MustCompile("`((?:internal|cmd|demo|migrations|tools|docs)/[A-Za-z0-9_./-]+)`")
	command := regexp.MustCompile("(?m)(?:`|^|\\| |bin/)qiban ([a-z]+)\\b")
	var known []string
	for _, leaf := range leaves(t) {
		known = append(known, strings.Fields(leaf.Path())[0])
	}
	for name, content := range documents(t) {
		for _, m := range file.FindAllStringSubmatch(content, -1) {
			if strings.ContainsAny(m[1], "*<") {
				continue
			}
			if _, err := os.Stat(filepath.Join("..", "..", m[1])); err != nil {
				t.Errorf("%s names %s, which is not there", name, m[1])
			}
		}
		for _, m := range command.FindAllStringSubmatch(content, -1) {
			if !slices.Contains(known, m[1]) {
				t.Errorf("%s speaks of qiban %s, which is no command", name, m[1])
			}
		}
	}
}

// Both READMEs name every demonstration account and the password.
func TestTheReadmeNamesTheDemonstrationAccounts(t *testing.T) {
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		raw, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		content := string(raw)
		if !strings.Contains(content, "`"+demo.Password+"`") {
			t.Errorf("%s does not name the password", name)
		}
		for _, s := range demo.SignIns() {
			short := "…" + s.Phone[len(s.Phone)-2:]
			if !strings.Contains(content, s.Phone) && !strings.Contains(content, short) {
				t.Errorf("%s does not name %s, %s", name, s.Phone, s.Who)
			}
		}
	}
}
