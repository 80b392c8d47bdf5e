package workbench

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// changeKinds are the kinds of reorganisation, the commonest first.
func changeKinds() []territory.ChangeKind {
	return []territory.ChangeKind{territory.Rename, territory.Upgrade, territory.Merge, territory.Split, territory.Moved}
}

// changeView is the form of a reorganisation.
type changeView struct {
	regionView
	kind     territory.ChangeKind
	siblings []territory.Place
}

func (s *Settings) changeOf(r *http.Request, kind string) (changeView, error) {
	v := changeView{kind: territory.ChangeKind(kind)}
	var err error
	if v.regionView, err = s.regionOf(r, region.Code(r.PathValue("code")), s.Kit.Today()); err != nil {
		return v, err
	}
	if !v.changes {
		return v, fault.Closed()
	}
	if !slices.Contains(changeKinds(), v.kind) {
		v.kind = territory.Rename
	}
	for _, c := range v.tree.Children(v.place.Parent, v.day) {
		if c.Code != v.place.Code {
			v.siblings = append(v.siblings, c)
		}
	}
	return v, nil
}

func (s *Settings) regionForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.changeOf(r, r.FormValue("kind"))
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "settings.form.region")
	if err != nil {
		return err
	}
	f.Start("stays", "1")
	if v.kind == territory.Merge {
		f.Start("to", string(v.place.Code))
	}
	return s.Kit.Page(w, r, http.StatusOK, regionFormPage(web.Page(r), f, v))
}

// readChange reads a reorganisation; what cannot be read is noted in the form.
func readChange(f *web.Form, v changeView) territory.Change {
	c := territory.Change{Kind: v.kind, On: f.Date("on"), Source: f.Text("source"), From: []region.Code{v.place.Code}, Towns: map[region.Code]region.Code{}}
	to := territory.NewPlace{Code: region.Code(f.Text("to")), Name: f.Text("name"), NameEn: f.Text("name_en"), Short: f.Text("short")}
	switch v.kind {
	case territory.Rename:
		to.Code = v.place.Code
		if to.Name == "" {
			f.Wrong("name", "field.required")
		}
		c.To = []territory.NewPlace{to}
	case territory.Split:
		if f.Tick("stays") {
			c.To = append(c.To, territory.NewPlace{Code: v.place.Code})
		}
		for _, words := range fieldLines(f, "parts", 2) {
			c.To = append(c.To, territory.NewPlace{Code: region.Code(words[0]), Name: words[1]})
		}
		if len(c.To) < 2 {
			f.Wrong("parts", "territory.shape.split")
		}
	default:
		for _, code := range f.Many("from") {
			if v.kind == territory.Merge && region.Code(code) != v.place.Code {
				c.From = append(c.From, region.Code(code))
			}
		}
		if v.kind == territory.Merge && len(c.From) < 2 {
			f.Wrong("from", "territory.shape.merge")
		}
		if to.Code == "" {
			f.Wrong("to", "field.required")
		}
		c.To = []territory.NewPlace{to}
	}
	for _, words := range fieldLines(f, "towns", 2) {
		c.Towns[region.Code(words[0])] = region.Code(words[1])
	}
	if c.On == "" {
		f.Wrong("on", "field.required")
	}
	if c.Source == "" {
		f.Wrong("source", "field.required")
	}
	return c
}

// fieldLines are the lines of a long field as words, each of which must have n.
func fieldLines(f *web.Form, name string, n int) [][]string {
	var all [][]string
	for i, line := range strings.Split(f.Long(name), "\n") {
		words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t,，;；", r) })
		switch {
		case len(words) == 0:
		case len(words) != n || !region.Code(words[0]).Valid():
			f.Wrong(name, "settings.regions.line", "line", i+1, "value", strings.TrimSpace(line))
		default:
			all = append(all, words)
		}
	}
	return all
}

// onFields tells at the fields of the form what is wrong with the change.
func onFields(err error, kind territory.ChangeKind) error {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	var at map[string]string
	switch kind {
	case territory.Split:
		at = map[string]string{"to": "parts", "name": "parts", "kind": "parts", "from": "on"}
	case territory.Merge:
		at = map[string]string{"kind": "from"}
	default:
		at = map[string]string{"kind": "to", "from": "on"}
	}
	if kind == territory.Rename {
		at["to"], at["kind"] = "name", "name"
	}
	for i, field := range e.Fields {
		if name, moved := at[field.Name]; moved {
			e.Fields[i].Name = name
		}
	}
	return err
}

// prepare reads a reorganisation and works out what it would do. A nil form is
// one whose page has been answered.
func (s *Settings) prepare(w http.ResponseWriter, r *http.Request) (*web.Form, changeView, territory.Change, []territory.Turn, error) {
	var c territory.Change
	f, err := s.Kit.Form(r, "settings.form.region")
	if err != nil {
		return nil, changeView{}, c, nil, err
	}
	v, err := s.changeOf(r, f.Text("kind"))
	if err != nil {
		return nil, v, c, nil, err
	}
	if f.Raw("again") != "" {
		return nil, v, c, nil, s.Kit.Page(w, r, http.StatusOK, regionFormPage(web.Page(r), f, v))
	}
	c = readChange(f, v)
	var turns []territory.Turn
	if err = f.Err(); err == nil {
		turns, err = s.Territory.Preview(r.Context(), c)
		err = onFields(err, v.kind)
	}
	if f.Broken(err) {
		return nil, v, c, nil, s.Kit.Page(w, r, http.StatusUnprocessableEntity, regionFormPage(web.Page(r), f, v))
	}
	if err == nil && !web.Actor(r).May(territory.Reorganise, authz.At(c.Holder())) {
		err = fault.Closed()
	}
	return f, v, c, turns, err
}

// regionPreview shows what a reorganisation would do.
func (s *Settings) regionPreview(w http.ResponseWriter, r *http.Request) error {
	f, v, c, turns, err := s.prepare(w, r)
	if f == nil || err != nil {
		return err
	}
	p := web.Page(r)
	p.Title = p.T("settings.regions.preview", "kind", p.T(v.kind.Key()), "place", placeWords(p, v.place))
	return s.Kit.Page(w, r, http.StatusOK, regionPreviewPage(p, f, v, c, previewTable(p, v, c, turns)))
}

// previewTable is what every code becomes.
func previewTable(p ui.P, v changeView, c territory.Change, turns []territory.Turn) ui.Table {
	t := ui.Table{Dense: true, Stack: true, Caption: p.T("settings.regions.effect", "n", len(turns)), Head: []ui.Col{
		{Label: p.T("settings.regions.was")}, {Label: p.T("settings.regions.is")}, {Label: p.T("settings.regions.records")},
	}}
	for _, turn := range turns {
		name := v.tree.Name(turn.From, v.day)
		for _, to := range c.To {
			switch {
			case to.Code != turn.To:
			case to.Name != "":
				name = to.Name
			case slices.Contains(c.From, to.Code):
				name = v.tree.Name(to.Code, v.day)
			}
		}
		records := p.T("settings.regions.records.stay")
		if turn.Main {
			records = p.T("settings.regions.records.move")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: ui.Words(v.named(p, turn.From, v.day), name+" "+string(turn.To), records)})
	}
	return t
}

// regionSave carries a reorganisation out.
func (s *Settings) regionSave(w http.ResponseWriter, r *http.Request) error {
	f, v, c, _, err := s.prepare(w, r)
	if f == nil || err != nil {
		return err
	}
	if err := s.Territory.Reorganise(r.Context(), web.Actor(r), c); err != nil {
		if f.Broken(onFields(err, v.kind)) {
			return s.Kit.Page(w, r, http.StatusUnprocessableEntity, regionFormPage(web.Page(r), f, v))
		}
		return err
	}
	p := web.Page(r)
	s.Kit.Flash(w, r, ui.OK, "settings.regions.done", "place", placeWords(p, v.place), "kind", p.T(v.kind.Key()))
	return web.SeeOther(w, r, regionHref(v.place.Parent))
}

// keyTownOf is the town that is to be a key town.
func (s *Settings) keyTownOf(r *http.Request) (regionView, error) {
	v, err := s.regionOf(r, region.Code(r.PathValue("code")), s.Kit.Today())
	if err == nil && !v.names {
		err = fault.Closed()
	}
	return v, err
}

func (s *Settings) keyTownForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.keyTownOf(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "settings.form.town")
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, keyTownPage(web.Page(r), f.Start("from", v.day), v))
}

func (s *Settings) keyTownSave(w http.ResponseWriter, r *http.Request) error {
	v, err := s.keyTownOf(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "settings.form.town")
	if err != nil {
		return err
	}
	since, until := f.Date("from"), f.Date("to")
	if since == "" {
		f.Wrong("from", "field.required")
	}
	if err = f.Err(); err == nil {
		err = s.Territory.MarkKeyTown(r.Context(), web.Actor(r), v.place.Code, since, until)
	}
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.Conflict {
		err = fault.Fields{{Name: "from", Key: e.Key, Args: e.Args}}.Err() // another span puts it right
	}
	if f.Broken(err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, keyTownPage(web.Page(r), f, v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "settings.regions.marked", "place", v.place.Name)
	return web.SeeOther(w, r, regionHref(v.place.Code))
}
