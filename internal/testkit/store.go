package testkit

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/config"
)

// Store is where the program keeps the records of a source, as db.Open takes it,
// and their uploads: beside the embedded database, or in a folder named after the
// PostgreSQL database, which goes when that goes. A prepared copy has its uploads
// there already.
func Store(source string) config.Store {
	if elsewhere(source) {
		return config.Store{DB: source, Files: uploadsOf(source)}
	}
	return config.Store{Data: source}
}

// Stored is Store as arguments of a command.
func Stored(source string) []string {
	s := Store(source)
	if s.DB == "" {
		return []string{"--data", s.Data}
	}
	return []string{"--db", s.DB, "--files", s.Files}
}

func elsewhere(source string) bool { return strings.Contains(source, "://") }

func uploadsOf(database string) string {
	u, err := url.Parse(database)
	if err != nil {
		panic(err) // it is made here
	}
	return filepath.Join(os.TempDir(), "qiban-files-"+strings.TrimPrefix(u.Path, "/"))
}

// ofTest takes the uploads of a database away after the test.
func ofTest(t testing.TB, database string) string {
	t.Helper()
	t.Cleanup(func() {
		if err := os.RemoveAll(uploadsOf(database)); err != nil {
			t.Error(err)
		}
	})
	return database
}
