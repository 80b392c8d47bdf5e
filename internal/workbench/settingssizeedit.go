package workbench

import (
	"net/http"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

func (s *Settings) sizeSetForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.sizeOf(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "settings.form.size")
	if err != nil {
		return err
	}
	f.Start("from", v.raw.From).Start("until", v.raw.Until).Start("from_grade", v.raw.FromGrade).
		Start("source", v.raw.Source[0]).Start("source_en", v.raw.Source[1]).Start("version", strconv.Itoa(v.version))
	return s.Kit.Page(w, r, http.StatusOK, sizeSetFormPage(web.Page(r), f, v))
}

func (s *Settings) sizeSetSave(w http.ResponseWriter, r *http.Request) error {
	v, err := s.sizeOf(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, "settings.form.size")
	if err != nil {
		return err
	}
	set := v.raw
	set.From, set.Until, set.FromGrade = f.Date("from"), f.Date("until"), f.Text("from_grade")
	set.Source = enterprise.Words{f.Text("source"), f.Text("source_en")}
	readGrade(f, "from_grade")
	if set.Source[1] == "" {
		f.Wrong("source_en", "field.required")
	}
	f.Broken(v.rules.Check(set)) // joins what the form itself found
	return s.sizeSave(w, r, f, v, set, func() error {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, sizeSetFormPage(web.Page(r), f, v))
	})
}

// readGrade checks how well a source is said to be read.
func readGrade(f *web.Form, name string) {
	if !slices.Contains([]string{"A", "B", "C", "M"}, f.Text(name)) {
		f.Wrong(name, "field.choice")
	}
}

// sizeSave keeps a changed set, or shows the form again.
func (s *Settings) sizeSave(w http.ResponseWriter, r *http.Request, f *web.Form, v sizeView, set enterprise.RuleSet, again func() error) error {
	err := f.Err()
	if err == nil {
		err = v.rules.Check(set)
	}
	if f.Broken(err) {
		return again()
	}
	if err == nil {
		err = s.Enterprises.SetRule(r.Context(), web.Actor(r), s.Home, set, int(f.Int("version")))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "settings.size.saved")
	return web.SeeOther(w, r, sizeHref(set.ID))
}

// tiers are the classes with a lower bound, the largest first; those of 2003
// have no third.
func tiers(b enterprise.Bounds) []enterprise.Class {
	if b.Small == 0 {
		return []enterprise.Class{enterprise.Large, enterprise.Medium}
	}
	return []enterprise.Class{enterprise.Large, enterprise.Medium, enterprise.Small}
}

// tierBound is the lower bound of a tier.
func tierBound(b *enterprise.Bounds, tier enterprise.Class) *int64 {
	switch tier {
	case enterprise.Large:
		return &b.Large
	case enterprise.Medium:
		return &b.Medium
	default:
		return &b.Small
	}
}

func boundField(m enterprise.Metric, tier enterprise.Class) string {
	return string(m) + "_" + string(tier)
}

// rowOf is the place of the row an address names; -1 for none, or when the set
// takes its rows from another.
func rowOf(r *http.Request, v sizeView) int {
	id := r.PathValue("row")
	return slices.IndexFunc(v.raw.Rows, func(row enterprise.Row) bool { return row.ID == id })
}

func (s *Settings) sizeRowForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.sizeOf(r)
	if err != nil {
		return err
	}
	at := rowOf(r, v)
	if at < 0 {
		return fault.Missing()
	}
	f, err := s.Kit.Form(r, "settings.form.row")
	if err != nil {
		return err
	}
	row := v.raw.Rows[at]
	for _, b := range row.Bounds {
		for _, tier := range tiers(b) {
			f.Start(boundField(b.Metric, tier), strconv.FormatInt(*tierBound(&b, tier), 10))
		}
	}
	f.Start("article", row.Article[0]).Start("article_en", row.Article[1]).Start("grade", row.Grade).Start("version", strconv.Itoa(v.version))
	return s.Kit.Page(w, r, http.StatusOK, sizeRowPage(web.Page(r), f, v, row))
}

func (s *Settings) sizeRowSave(w http.ResponseWriter, r *http.Request) error {
	v, err := s.sizeOf(r)
	if err != nil {
		return err
	}
	at := rowOf(r, v)
	if at < 0 {
		return fault.Missing()
	}
	f, err := s.Kit.Form(r, "settings.form.row")
	if err != nil {
		return err
	}
	set := v.raw
	set.Rows = slices.Clone(set.Rows)
	set.Rows[at] = readRow(f, set.Rows[at])
	return s.sizeSave(w, r, f, v, set, func() error {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, sizeRowPage(web.Page(r), f, v, v.raw.Rows[at]))
	})
}

// readRow reads the bounds of a row, each of which must be below the one of the
// class above it.
func readRow(f *web.Form, row enterprise.Row) enterprise.Row {
	row.Bounds = slices.Clone(row.Bounds)
	for i := range row.Bounds {
		b := &row.Bounds[i]
		above := int64(0)
		for _, tier := range tiers(*b) {
			name := boundField(b.Metric, tier)
			n := f.Int(name)
			switch {
			case n <= 0:
				f.Wrong(name, "settings.size.positive")
			case above > 0 && n >= above:
				f.Wrong(name, "settings.size.below", "above", ui.Commas(above))
			}
			*tierBound(b, tier), above = n, n
		}
	}
	row.Article = enterprise.Words{f.Text("article"), f.Text("article_en")}
	row.Grade = f.Text("grade")
	for i, name := range []string{"article", "article_en"} {
		if row.Article[i] == "" {
			f.Wrong(name, "field.required")
		}
	}
	readGrade(f, "grade")
	return row
}
