package app

import (
	"net/http"

	"qiban.dev/qiban/internal/config"
)

// Routes are the patterns of everything Handler answers, such as
// "GET /needs/{id}": what the tests of rights and of queries go through.
func (a *App) Routes() ([]string, error) {
	_, mux, err := a.routed(config.Serve{})
	if err != nil {
		return nil, err
	}
	return mux.patterns, nil
}

// routes is a mux that remembers what it was given.
type routes struct {
	*http.ServeMux
	patterns []string
}

func (m *routes) Handle(pattern string, h http.Handler) {
	m.patterns = append(m.patterns, pattern)
	m.ServeMux.Handle(pattern, h)
}

// HandleFunc is for libraries that know only this way in.
func (m *routes) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	m.Handle(pattern, http.HandlerFunc(h))
}
