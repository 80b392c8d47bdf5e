package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
)

// manual is the page at /api, written from the specification.
type manual struct {
	Base     string // where operations are: https://…/api/v1
	Scopes   [][2]string
	Troubles []troubleLine
	Groups   []manualGroup
}

type troubleLine struct {
	Slug, Title, When string
	Status            int
}

type manualGroup struct {
	Tag, Title string
	Ops        []manualOp
}

// manualOp is one operation as people read it.
type manualOp struct {
	ID, Method, Path, Title, Note string
	Scope                         string // "" for any key
	Open                          bool
	Params, Body, Answer          []manualField
	Example                       string
	Status                        int
}

type manualField struct{ Name, Type, About string }

func (a *API) docs(w http.ResponseWriter, r *http.Request) error {
	p := web.Page(r)
	p.Title = p.T("api.docs.title")
	return a.Kit.Page(w, r, http.StatusOK, docsPage(p, a.manual(a.base(r), p.Lang)))
}

// base is where operations are, as the reader reaches them.
func (a *API) base(r *http.Request) string {
	switch {
	case a.Site != "":
		return strings.TrimSuffix(a.Site, "/") + Prefix
	case web.Secure(r):
		return "https://" + r.Host + Prefix
	}
	return "http://" + r.Host + Prefix
}

func (a *API) manual(base string, lang text.Lang) manual {
	a.document(lang) // makes the model
	schemas := a.specs.model.Components.Schemas
	m := manual{Base: base}
	for _, sc := range a.Accounts.Scopes() {
		m.Scopes = append(m.Scopes, [2]string{sc.Name, lang.T(sc.Key())})
	}
	for _, t := range allTroubles() {
		m.Troubles = append(m.Troubles, troubleLine{t.slug, lang.T("api.problem." + t.slug), lang.T("api.when." + t.slug), t.status})
	}
	for _, g := range a.domains() {
		group := manualGroup{Tag: g.tag, Title: g.about.in(lang)}
		for i := range a.operations {
			if op := &a.operations[i]; op.tag == g.tag {
				group.Ops = append(group.Ops, op.explained(m.Base, schemas, lang))
			}
		}
		m.Groups = append(m.Groups, group)
	}
	return m
}

func (w words) in(lang text.Lang) string { return said(w.both(), lang) }

func (o *operation) explained(base string, schemas huma.Registry, lang text.Lang) manualOp {
	d := o.describe(schemas, nil)
	m := manualOp{
		ID: o.id, Method: o.method, Path: o.path, Title: o.about.in(lang), Note: o.more.in(lang), Scope: o.scope, Open: o.open, Status: o.status,
	}
	for _, p := range d.Parameters {
		m.Params = append(m.Params, manualField{p.Name, lang.T("api.in." + p.In), said(p.Description, lang)})
	}
	if d.RequestBody != nil && !o.raw {
		m.Body = fields(schemas, d.RequestBody.Content["application/json"].Schema, "", 0, lang)
	}
	if o.output != nil {
		m.Answer = fields(schemas, schemas.Schema(o.output, true, o.id+"Answer"), "", 0, lang)
	}
	m.Example = o.example(base, m.Body)
	return m
}

// fields lists the members of a schema, those of objects within it by their path.
func fields(schemas huma.Registry, s *huma.Schema, at string, depth int, lang text.Lang) []manualField {
	if s.Ref != "" {
		s = schemas.SchemaFromRef(s.Ref)
	}
	if s.Type == huma.TypeArray {
		return fields(schemas, s.Items, at+"[]", depth, lang)
	}
	var list []manualField
	for _, name := range inOrder(s) {
		p := s.Properties[name]
		path := strings.TrimPrefix(at+"."+name, ".")
		list = append(list, manualField{path, kindOf(schemas, p, lang), described(p, slices.Contains(s.Required, name), lang)})
		if inner := object(schemas, p); inner != nil && depth < 2 {
			if p.Type == huma.TypeArray {
				path += "[]"
			}
			list = append(list, fields(schemas, inner, path, depth+1, lang)...)
		}
	}
	return list
}

// object is the object that a member is or lists.
func object(schemas huma.Registry, s *huma.Schema) *huma.Schema {
	if s.Type == huma.TypeArray && s.Items != nil {
		s = s.Items
	}
	if s.Ref != "" {
		s = schemas.SchemaFromRef(s.Ref)
	}
	if s.Type == huma.TypeObject && len(s.Properties) > 0 {
		return s
	}
	return nil
}

// inOrder are the members as they were written, the needed ones first.
func inOrder(s *huma.Schema) []string {
	names := append([]string(nil), s.Required...)
	for _, n := range sortedKeys(s.Properties) {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

func kindOf(schemas huma.Registry, s *huma.Schema, lang text.Lang) string {
	if s.Ref != "" {
		s = schemas.SchemaFromRef(s.Ref)
	}
	kind := map[string]string{
		huma.TypeString: "string", huma.TypeBoolean: "boolean", huma.TypeArray: "list", huma.TypeInteger: "integer", huma.TypeNumber: "number",
	}[s.Type]
	if kind == "" {
		kind = "object"
	}
	word := lang.T("api.type." + kind)
	if s.Nullable {
		word = lang.T("api.type.or_null", "kind", word)
	}
	return word
}

func described(s *huma.Schema, needed bool, lang text.Lang) string {
	about := said(s.Description, lang)
	if len(s.Enum) > 0 {
		var choices []string
		for _, e := range s.Enum {
			if word, ok := e.(string); ok {
				choices = append(choices, word)
			}
		}
		about = strings.TrimSpace(about + " " + lang.T("api.docs.choices", "list", strings.Join(choices, " · ")))
	}
	if !needed {
		about = strings.TrimSpace(about + " " + lang.T("api.docs.optional"))
	}
	return about
}

// example asks for the operation with curl.
func (o *operation) example(base string, body []manualField) string {
	var b strings.Builder
	b.WriteString("curl ")
	if o.method != http.MethodGet {
		b.WriteString("-X " + o.method + " ")
	}
	b.WriteString(base + o.path)
	if !o.open {
		b.WriteString(" \\\n  -H 'Authorization: Bearer qb_…'")
	}
	if o.match {
		b.WriteString(" \\\n  -H 'If-Match: \"1\"'")
	}
	if o.writes() {
		b.WriteString(" \\\n  -H 'Idempotency-Key: 2026-11-28/1'")
	}
	if len(body) > 0 {
		b.WriteString(" \\\n  --json '{\"" + strings.Trim(strings.SplitN(body[0].Name, ".", 2)[0], "[]") + "\": …}'")
	}
	return b.String()
}
