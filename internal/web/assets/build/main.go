// Command build bundles what the browser needs into internal/web/assets/dist:
// all style sheets into one, our scripts and htmx into one, charts into one.
// Run it from the root of the repository after `npm ci --ignore-scripts` in
// internal/web/assets; no Node program takes part.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

const home = "internal/web/assets"

// layers in the order in which later wins; the components follow.
var layers = []string{"layers", "reset", "tokens", "base", "layout", "utilities", "print"}

// beside lists where style sheets lie beside the components and pages they dress.
var beside = []string{
	"internal/web/ui/*.css",
	"internal/portal/*.css",
	"internal/workbench/*.css",
	"internal/api/*.css",
	"internal/domain/*/*/*.css",
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

func run() error {
	if _, err := os.Stat(home); err != nil {
		return errors.New("run me from the root of the repository: go run ./" + home + "/build")
	}
	if _, err := os.Stat(home + "/node_modules/htmx.org"); err != nil {
		return errors.New("the npm packages are not there yet: (cd " + home + " && npm ci --ignore-scripts)")
	}
	sheet, err := styles()
	if err != nil {
		return err
	}
	out := map[string][]byte{}
	for _, b := range []struct {
		name, code string
		loader     api.Loader
	}{
		{"app.css", sheet, api.LoaderCSS},
		{"app.js", `import "./` + home + `/js/app.js"`, api.LoaderJS},
		{"charts.js", `import "./` + home + `/js/charts.js"`, api.LoaderJS},
	} {
		if out[b.name], err = bundle(b.code, b.loader); err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
	}
	if out["icon.svg"], err = os.ReadFile(home + "/static/icon.svg"); err != nil {
		return err
	}
	return write(out)
}

// styles is the entry sheet: every layer, then every sheet beside a component or page.
func styles() (string, error) {
	var b strings.Builder
	for _, l := range layers {
		fmt.Fprintf(&b, "@import \"./%s/css/%s.css\";\n", home, l)
	}
	for _, pattern := range beside {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		sort.Strings(found)
		for _, f := range found {
			fmt.Fprintf(&b, "@import \"./%s\";\n", filepath.ToSlash(f))
		}
	}
	return b.String(), nil
}

func bundle(code string, loader api.Loader) ([]byte, error) {
	r := api.Build(api.BuildOptions{
		Stdin:             &api.StdinOptions{Contents: code, ResolveDir: ".", Loader: loader},
		Bundle:            true,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Format:            api.FormatIIFE,
		Charset:           api.CharsetUTF8,
		LegalComments:     api.LegalCommentsNone,
		Define:            map[string]string{"process.env.NODE_ENV": `"production"`},
		LogLevel:          api.LogLevelWarning,
	})
	if len(r.Errors) > 0 {
		return nil, fmt.Errorf("%d errors, the first: %s", len(r.Errors), r.Errors[0].Text)
	}
	return r.OutputFiles[0].Contents, nil
}

// write names each file by its content, packs it, and says so in the manifest.
// Only what is packed is kept: it is what nearly every browser is sent, and the
// program carries it.
func write(out map[string][]byte) error {
	dist := filepath.Join(home, "dist")
	old, err := filepath.Glob(filepath.Join(dist, "*"))
	if err != nil {
		return err
	}
	for _, f := range old {
		if filepath.Base(f) == ".keep" {
			continue
		}
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	manifest := map[string]string{}
	for name, body := range out {
		sum := sha256.Sum256(body)
		ext := path.Ext(name)
		hashed := strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:5]) + ext
		manifest[name] = hashed
		packed, err := pack(body)
		if err != nil {
			return err
		}
		if err := put(dist, hashed+".gz", packed); err != nil {
			return err
		}
		fmt.Printf("%-28s %7d bytes, %6d packed\n", hashed, len(body), len(packed))
	}
	raw, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	return put(dist, "manifest.json", raw)
}

func put(dir, name string, body []byte) error {
	return os.WriteFile(filepath.Join(dir, name), body, 0o644) //nolint:gosec // public files
}

func pack(body []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
