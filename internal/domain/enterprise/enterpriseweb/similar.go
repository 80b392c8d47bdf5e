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
	Next  string
	Tree  *territory.Tree
}

// similar lists the pairs that the reader may merge (名称相近); merging is done on
// the page of either.
func (s *Pages) similar(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, enterprise.Merge); err != nil {
		return err
	}
	tree, err := s.tree(r)
	if err != nil {
		return err
	}
	v := similarView{Tree: tree}
	if v.Pairs, v.Next, err = s.Enterprises.Similar(r.Context(), by, web.PageOf(r.URL.Query())); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, similarPage(web.Page(r), v))
}

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
		}})
	}
	return rows
}

// next is the address of the page after this one, "" on the last.
func (v similarView) next() string {
	if v.Next == "" {
		return ""
	}
	return SimilarPath + "?" + url.Values{"after": {v.Next}}.Encode()
}
