// Package assets serves what the browser needs besides pages (静态资源): one
// style sheet, one script, the chart script and the icon, bundled by
// `go run ./internal/web/assets/build`, embedded, and named by their content so
// that browsers may keep them for ever.
//
// A fresh checkout compiles before anything is bundled: then the set is empty,
// pages come out unstyled, and Missing says what to do about it.
package assets

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var embedded embed.FS

// The names pages ask for.
const (
	Style  = "app.css"
	Script = "app.js"
	Charts = "charts.js"
	Icon   = "icon.svg"
)

// Prefix is the path under which Set answers.
const Prefix = "/assets/"

// Set is one bundle: logical names and the hashed files they stand for.
type Set struct {
	files    fs.FS
	manifest map[string]string
}

// Load reads the embedded bundle. It never fails: see Missing.
func Load() *Set {
	files, err := fs.Sub(embedded, "dist")
	if err != nil {
		return &Set{}
	}
	return From(files)
}

// From reads a bundle from any folder that holds manifest.json.
func From(files fs.FS) *Set {
	s := &Set{files: files, manifest: map[string]string{}}
	raw, err := fs.ReadFile(files, "manifest.json")
	if err != nil {
		return s
	}
	if json.Unmarshal(raw, &s.manifest) != nil {
		s.manifest = map[string]string{}
	}
	return s
}

// URL is the address of a logical name, and "" when it was not bundled.
func (s *Set) URL(name string) string {
	if s == nil || s.manifest[name] == "" {
		return ""
	}
	return Prefix + s.manifest[name]
}

// Missing names what was not bundled; empty when pages will look as they should.
func (s *Set) Missing() []string {
	var gone []string
	for _, name := range []string{Style, Script, Charts, Icon} {
		if s.URL(name) == "" {
			gone = append(gone, name)
		}
	}
	return gone
}

// ServeHTTP answers Prefix + hashed name, compressed where the browser takes it,
// to be kept for a year. Unknown names are 404 and are not kept.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	if s.files == nil || name == "" || strings.Contains(name, "/") || !s.has(name) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", mime(name))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	body, err := fs.ReadFile(s.files, name+".gz")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
	} else if err == nil {
		body, err = unpack(body)
	}
	if err != nil {
		h.Del("Content-Encoding")
		h.Del("Cache-Control")
		http.NotFound(w, r)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) //nolint:gosec // our own bundled files; the reader may have gone
	}
}

// unpack is for the rare reader that takes nothing packed.
func unpack(packed []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// has keeps manifest.json and the packed twins from being asked for by name.
func (s *Set) has(name string) bool {
	for _, hashed := range s.manifest {
		if hashed == name {
			return true
		}
	}
	return false
}

func mime(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return "application/octet-stream"
	}
}
