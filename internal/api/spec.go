package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
)

// specs are the specification in both languages, written when first asked for.
type specs struct {
	once   sync.Once
	model  *huma.OpenAPI
	zh, en document
}

type document struct {
	body []byte
	etag string
}

func (a *API) document(lang text.Lang) document {
	a.specs.once.Do(func() {
		a.specs.model = a.describe()
		a.specs.zh, a.specs.en = written(a.specs.model, text.Zh), written(a.specs.model, text.En)
	})
	if lang == text.En {
		return a.specs.en
	}
	return a.specs.zh
}

// Spec is the OpenAPI document, as JSON.
func (a *API) Spec(lang text.Lang) []byte { return a.document(lang).body }

// spec answers the document: in the language of ?lang, else of the asker.
func (a *API) spec(w http.ResponseWriter, r *http.Request) {
	lang := web.Lang(r)
	if asked := r.URL.Query().Get("lang"); asked != "" {
		lang = text.Parse(asked)
	}
	d, h := a.document(lang), w.Header()
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("ETag", d.etag)
	h.Set("Vary", "Accept-Language")
	h.Set("Content-Language", string(lang))
	h.Set("Content-Type", "application/json")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.body))
}

// written is the model as JSON in one language: words stand in it as 中文|English.
func written(model *huma.OpenAPI, lang text.Lang) document {
	raw, err := json.Marshal(model)
	if err != nil {
		panic(err) // it is made of our own types
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		panic(err)
	}
	body, err := json.MarshalIndent(inOne(tree, lang), "", "  ")
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(body)
	return document{body: append(body, '\n'), etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
}

func inOne(v any, lang text.Lang) any {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if s, ok := inner.(string); ok && (name == "description" || name == "summary" || name == "title") {
				v[name] = said(s, lang)
			} else {
				v[name] = inOne(inner, lang)
			}
		}
	case []any:
		for i := range v {
			v[i] = inOne(v[i], lang)
		}
	}
	return v
}

// said is one language of words written 中文|English.
func said(s string, lang text.Lang) string {
	zh, en, two := strings.Cut(s, "|")
	if two && lang == text.En {
		return en
	}
	return zh
}

// describe writes the specification from the operations.
func (a *API) describe() *huma.OpenAPI {
	d := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "企伴接口|Qiban API", Version: "1",
			Description: "企业服务系统的接口：凡有页面的事，都有接口，权限相同。|The service system for programs: whatever has a page has an operation, with the same rights.",
			License:     &huma.License{Name: "Apache-2.0", URL: "https://www.apache.org/licenses/LICENSE-2.0"},
		},
		Servers: []*huma.Server{{URL: strings.TrimSuffix(a.Site, "/") + Prefix}},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
			SecuritySchemes: map[string]*huma.SecurityScheme{"key": {
				Type: "http", Scheme: "bearer", BearerFormat: "qb_…",
				Description: "接口密钥，在“个人设置”里新建|An API key, made in one's settings",
			}},
		},
	}
	for _, g := range a.domains() {
		d.Tags = append(d.Tags, &huma.Tag{Name: g.tag, Description: g.about.both()})
	}
	reg := d.Components.Schemas
	failed := &huma.Response{
		Description: "没有办成|It did not work",
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: reg.Schema(reflect.TypeFor[Problem](), true, "")}},
	}
	asked := map[string]bool{}
	for i := range a.operations {
		o := a.operations[i].describe(reg, failed)
		if o.RequestBody != nil && !a.operations[i].raw {
			reach(reg, o.RequestBody.Content["application/json"].Schema, asked)
		}
		d.AddOperation(o)
	}
	for name, s := range reg.Map() {
		tidy(s, asked[name])
	}
	return d
}

// schemaName leaves generic types readable: page[Enterprise] is EnterprisePage.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	if rest, ok := strings.CutPrefix(name, "Page"); ok {
		return rest + "Page"
	}
	return name
}

// reach notes the schemas that requests are made of.
func reach(reg huma.Registry, s *huma.Schema, seen map[string]bool) {
	if s == nil {
		return
	}
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok && !seen[name] {
		seen[name] = true
		reach(reg, reg.Map()[name], seen)
	}
	reach(reg, s.Items, seen)
	for _, p := range s.Properties {
		reach(reg, p, seen)
	}
}

// tidy makes lists lists, never null, and lets answers grow: only what is sent
// must hold nothing unknown.
func tidy(s *huma.Schema, asked bool) {
	if s.Type == huma.TypeArray {
		s.Nullable = false
		tidy(s.Items, asked)
	}
	if !asked && s.AdditionalProperties == false {
		s.AdditionalProperties = nil
	}
	for _, p := range s.Properties {
		tidy(p, asked)
	}
}

func (o *operation) describe(reg huma.Registry, failed *huma.Response) *huma.Operation {
	d := &huma.Operation{
		OperationID: o.id, Method: o.method, Path: o.path, Tags: []string{o.tag}, Summary: o.about.both(),
		Responses: map[string]*huma.Response{"default": failed},
		Security:  []map[string][]string{{"key": scopes(o.scope)}},
	}
	if o.more != (words{}) {
		d.Description = o.more.both()
	}
	if o.open {
		d.Security = append([]map[string][]string{{}}, d.Security...)
	}
	for _, p := range o.input.params {
		s := huma.SchemaFromField(reg, p.field, "")
		tidy(s, true)
		par := &huma.Param{Name: p.name, In: p.in, Description: s.Description, Required: p.in == "path", Schema: s}
		if s.Type == huma.TypeArray {
			par.Style, par.Explode = "form", new(bool)
		}
		d.Parameters = append(d.Parameters, par)
	}
	if o.match {
		d.Parameters = append(d.Parameters, header("If-Match", `^"[0-9]+"$`, true, "读到的版本，即 ETag|The version that was read: its ETag"))
	}
	if o.writes() {
		d.Parameters = append(d.Parameters, header("Idempotency-Key", `^[!-~]{1,200}$`, false,
			"同一次请求再发一遍时不会再办一次|The same request sent again is not carried out again"))
	}
	if o.input.body != nil {
		d.RequestBody = &huma.RequestBody{
			Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: reg.Schema(o.input.body, true, o.id+"Body")}},
		}
	}
	if o.raw {
		d.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: binary()}}}
	}
	d.Responses[strconv.Itoa(o.status)] = o.answers(reg)
	if o.output != nil && !o.writes() {
		d.Responses["304"] = &huma.Response{Description: "没有变化|Not changed"}
	}
	return d
}

func (o *operation) answers(reg huma.Registry) *huma.Response {
	r := &huma.Response{Description: "办好了|Done", Headers: map[string]*huma.Header{}}
	if o.output != nil {
		r.Content = map[string]*huma.MediaType{"application/json": {Schema: reg.Schema(o.output, true, o.id+"Answer")}}
		r.Headers["ETag"] = headerOf("版本，有版本的记录才有|The version, for records that have one")
	}
	if o.file {
		r.Content = map[string]*huma.MediaType{"*/*": {Schema: binary()}}
		r.Headers["Content-Disposition"] = headerOf("文件名|The file's name")
	}
	if o.writes() {
		r.Headers["Idempotency-Replayed"] = headerOf("这次请求以前办过，没有再办|The request was carried out before, and not again")
	}
	if o.output != nil && slices.ContainsFunc(o.input.params, func(p param) bool { return p.name == "after" }) {
		r.Headers["Link"] = headerOf("下一页|The next page")
	}
	return r
}

func binary() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Format: "binary"} }

func headerOf(about string) *huma.Header {
	return &huma.Header{Description: about, Schema: &huma.Schema{Type: huma.TypeString}}
}

func header(name, pattern string, needed bool, about string) *huma.Param {
	return &huma.Param{Name: name, In: "header", Required: needed, Description: about, Schema: &huma.Schema{Type: huma.TypeString, Pattern: pattern}}
}

func scopes(name string) []string {
	if name == "" {
		return []string{}
	}
	return []string{name}
}
