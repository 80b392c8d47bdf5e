package testkit_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"qiban.dev/qiban/internal/testkit"
)

func TestTheRealProgramServesEitherDatabaseAndEndsWhenToldTo(t *testing.T) {
	testkit.EachMigrated(t, func(t *testing.T, source string) {
		var site *testkit.Program
		t.Run("serving", func(t *testing.T) {
			site = testkit.Serve(t, source)
			if page := get(t, site.URL+"/size"); !strings.Contains(page, "企业规模自测") {
				t.Errorf("the self-test answers %s", page)
			}
			end := time.Now().Add(20 * time.Second)
			for !strings.Contains(site.Log(), "GET /size") { // it is written after the answer
				if time.Now().After(end) {
					t.Fatalf("the log does not tell of the request:\n%s", site.Log())
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
		if res, err := http.Get(site.URL); err == nil {
			_ = res.Body.Close()
			t.Error("the program still answers after its test")
		}
	})
}

func get(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
