package enterpriseweb

import (
	"net/http"
	"net/url"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// SimilarPath is where entries of similar names are looked through.
const SimilarPath = "/bench/enterprises/similar"

// similarView is the pairs of entries that may be one enterprise.
type similarView struct {
	Pairs []enterprise.Pair
	Apart bool // those that were told apart
	Next  string
	Tree  *territory.Tree
}

// similar lists the pairs that the reader may merge (名称相近); merging is done on
// the page of either. Those that were told apart are on a page of their own.
func (s *Pages) similar(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, enterprise.Merge); err != nil {
		return err
	}
	tree, err := s.tree(r)
	if err != nil {
		return err
	}
	v := similarView{Tree: tree, Apart: r.URL.Query().Has("apart")}
	if v.Pairs, v.Next, err = s.Enterprises.Similar(r.Context(), by, v.Apart, web.PageOf(r.URL.Query())); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, similarPage(web.Page(r), v))
}

// distinguish says that two entries are two enterprises (判为两家), or takes it back.
func (s *Pages) distinguish(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "firm.similar")
	if err != nil {
		return err
	}
	apart := f.Text("apart") == "1"
	if err := s.Enterprises.Distinguish(r.Context(), web.Actor(r), enterprise.ID(r.PathValue("id")), enterprise.ID(f.Text("other")), apart); err != nil {
		return err
	}
	if apart {
		s.Kit.Flash(w, r, ui.OK, "firm.similar.told")
		return web.SeeOther(w, r, SimilarPath)
	}
	s.Kit.Flash(w, r, ui.OK, "firm.similar.back.done")
	return web.SeeOther(w, r, apartPath)
}

// apartPath is where the pairs that were told apart are.
const apartPath = SimilarPath + "?apart=1"

func (v similarView) rows(p web.P) []ui.Row {
	var rows []ui.Row
	for _, pair := range v.Pairs {
		a, b := pair.Later, pair.Earlier
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: a.Profile.Name, Href: entryHref(a.ID)},
			{Text: a.CreditCode(), Code: true},
			{Text: placeName(p, v.Tree, a.Profile.Region)},
			{Text: b.Profile.Name, Href: entryHref(b.ID)},
			{Text: b.CreditCode(), Code: true},
			{Text: placeName(p, v.Tree, b.Profile.Region)},
			{Body: tellButton(p, pair, !v.Apart)},
		}})
	}
	return rows
}

// next is the address of the page after this one, "" on the last.
func (v similarView) next() string {
	if v.Next == "" {
		return ""
	}
	q := url.Values{"after": {v.Next}}
	if v.Apart {
		q.Set("apart", "1")
	}
	return SimilarPath + "?" + q.Encode()
}

// title is the text key of what the page is called.
func (v similarView) title() string {
	if v.Apart {
		return "firm.similar.apart.title"
	}
	return "firm.similar.title"
}

// nothing is what stands where there are no pairs.
func (v similarView) nothing(p web.P) ui.Nothing {
	if v.Apart {
		return ui.Nothing{Title: p.T("firm.similar.apart.none"), Text: p.T("firm.similar.apart.none.text"), Acts: []ui.Button{{Label: p.T("firm.similar.title"), Kind: ui.Quiet, Href: SimilarPath}}}
	}
	return ui.Nothing{Title: p.T("firm.similar.none"), Text: p.T("firm.similar.none.text"), Acts: []ui.Button{{Label: p.T("firm.list.title"), Kind: ui.Quiet, Href: "/bench/enterprises"}}}
}
