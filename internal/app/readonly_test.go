package app_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/testkit"
)

// Where nothing is to change, the commands that would change something say so
// and leave everything as it was; the others work.
func TestCommandsChangeNothingOnAReadOnlyInstallation(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		folder := t.TempDir()
		file := func(name, text string) string {
			path := filepath.Join(folder, name)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		run := func(args ...string) (code int, said string) {
			var out, errs bytes.Buffer
			code = app.Run(t.Context(), append(args, testkit.Stored(source)...), &out, &errs)
			return code, out.String() + errs.String()
		}
		if code, said := run("migrate"); code != 0 {
			t.Fatal(said)
		}
		archive := filepath.Join(folder, "all.qiban")
		if code, said := run("backup", archive); code != 0 {
			t.Fatal(said)
		}
		rows := file("rows.csv", "统一社会信用代码,名称,所在乡镇\n")
		changing := [][]string{
			{"import", "enterprise", rows},
			{"ledger", "rebuild"},
			{"migrate"},
			{"demo"},
			{"restore", archive},
			{"user", "add", "13900000001", "--name", "何平", "--role", "official"},
			{"export", "enterprise", "--contacts"},
		}
		for _, args := range changing {
			if code, said := run(append(args, "--read-only")...); code != 1 || !strings.Contains(said, "nothing was changed: this installation is read-only") {
				t.Errorf("%v ended with %d and said %q", args, code, said)
			}
		}
		for _, args := range [][]string{
			{"ledger", "verify"},
			{"yearbook", "--year", "2008"},
			{"export", "enterprise"},
			{"backup", filepath.Join(folder, "again.qiban")},
		} {
			if code, said := run(append(args, "--read-only")...); code != 0 {
				t.Errorf("%v ended with %d and said %q", args, code, said)
			}
		}
		t.Setenv("QIBAN_READ_ONLY", "true")
		if code, said := run("migrate"); code != 1 || !strings.Contains(said, "QIBAN_READ_ONLY") {
			t.Errorf("with the variable, migrate ended with %d and said %q", code, said)
		}
	})
}

// Who shows a folder without changing it keeps commands from changing it too,
// until they end; who serves it with changes does not.
func TestCommandsAskWhoServesTheFolder(t *testing.T) {
	folder := t.TempDir()
	migrate := func() (int, string) {
		var out, errs bytes.Buffer
		return app.Run(t.Context(), []string{"migrate", "--data", folder}, &out, &errs), errs.String()
	}
	for _, c := range []struct {
		use  db.Use
		code int
	}{{db.Serving, 0}, {db.Looking, 1}, {db.Serving, 0}} {
		claim, err := db.Take(t.Context(), folder, c.use, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		code, said := migrate()
		if code != c.code || code == 1 && !strings.Contains(said, "qiban serve --read-only shows the folder") {
			t.Errorf("beside use %d migrate ended with %d and said %q", c.use, code, said)
		}
		if err := claim.Release(); err != nil {
			t.Fatal(err)
		}
		if code, said := migrate(); code != 0 {
			t.Errorf("after use %d migrate ended with %d and said %q", c.use, code, said)
		}
	}
}
