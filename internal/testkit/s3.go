package testkit

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// S3 is an S3 in the test's own process (对象存储).
type S3 struct {
	// Place is its bucket, as files.OpenStore takes it.
	Place string
	down  atomic.Bool
}

// Down makes it refuse every request from now on, or answer again.
func (s *S3) Down(down bool) { s.down.Store(down) }

// NewS3 starts an S3 with an empty bucket, and puts the credentials that it
// takes into the environment.
func NewS3(t testing.TB) *S3 {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("uploads"); err != nil {
		t.Fatal(err)
	}
	s, fake := &S3{}, gofakes3.New(backend).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.down.Load() {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		fake.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test-secret")
	t.Setenv("AWS_MAX_ATTEMPTS", "1") // when it is down, a test need not wait
	s.Place = "s3://uploads/qiban?region=test&use_path_style=true&endpoint=" + server.URL
	return s
}
