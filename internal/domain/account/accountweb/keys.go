package accountweb

import (
	"net/http"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// keysPage lists one's own keys.
func (s *Pages) keysPage(w http.ResponseWriter, r *http.Request) error {
	by, err := needed(r)
	if err != nil {
		return err
	}
	list, err := s.Accounts.Keys(r.Context(), by, by.ID)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, keysPage(web.Page(r), list))
}

func (s *Pages) newKeyPage(w http.ResponseWriter, r *http.Request) error {
	by, err := needed(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	f.Start("days", "90")
	return s.Kit.Page(w, r, http.StatusOK, newKeyPage(web.Page(r), f, scopesFor(web.Lang(r), by, s.Accounts.Scopes())))
}

// newKey makes a key and shows it: this once.
func (s *Pages) newKey(w http.ResponseWriter, r *http.Request) error {
	by, err := needed(r)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, formArea)
	if err != nil {
		return err
	}
	days, _ := strconv.Atoi(f.Text("days")) // what is none is refused as no choice
	in := account.NewKey{Name: f.Text("key_name"), Scopes: f.Many("scopes"), Days: days}
	_, secret, err := s.Accounts.MakeKey(r.Context(), by, in)
	if err != nil && told(f, err) {
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, newKeyPage(web.Page(r), f, scopesFor(web.Lang(r), by, s.Accounts.Scopes())))
	}
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.Kit.Page(w, r, http.StatusOK, madeKeyPage(web.Page(r), in.Name, secret))
}

func (s *Pages) endKey(w http.ResponseWriter, r *http.Request) error {
	if err := s.Accounts.StopKey(r.Context(), web.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "account.keys.ended")
	return web.SeeOther(w, r, "/me/keys")
}

// endTheirKey ends a key of somebody else.
func (s *Pages) endTheirKey(w http.ResponseWriter, r *http.Request) error {
	if err := s.Accounts.StopKey(r.Context(), web.Actor(r), r.PathValue("key")); err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "account.keys.ended")
	return web.SeeOther(w, r, "/bench/people/"+r.PathValue("id"))
}

// scopesFor are the scopes that would give the actor's key something to do, and
// those about oneself.
func scopesFor(lang text.Lang, by authz.Actor, all []account.Scope) []ui.Option {
	var list []ui.Option
	for _, sc := range all {
		useful := len(sc.Permissions) == 0
		for _, p := range sc.Permissions {
			useful = useful || by.Somewhere(p)
		}
		if useful {
			list = append(list, ui.Option{Value: sc.Name, Label: lang.T(sc.Key()), Hint: sc.Name})
		}
	}
	return list
}

func lasting(p web.P) []ui.Option {
	var list []ui.Option
	for _, n := range account.KeyDays() {
		list = append(list, ui.Option{Value: strconv.Itoa(n), Label: p.T("account.keys.days", "n", n)})
	}
	return list
}

// keyTable lists keys; end draws the button that ends one.
func keyTable(p web.P, keys []account.KeyInfo, end string) ui.Table {
	t := ui.Table{Caption: p.T("account.keys.title"), Hidden: true, Stack: true, Head: []ui.Col{
		{Label: p.T("account.form.key_name")},
		{Label: p.T("account.form.scopes"), Wide: true},
		{Label: p.T("account.keys.until")},
		{Label: p.T("account.keys.used")},
		{Label: p.T("account.col.act")},
	}}
	for _, k := range keys {
		var names []string
		for _, name := range k.Scopes() {
			if key := (account.Scope{Name: name}).Key(); text.Has(key) {
				name = p.T(key)
			}
			names = append(names, name)
		}
		used := p.T("account.keys.never")
		if day := ui.Day(k.UsedOn); k.UsedOn != "" && !day.IsZero() {
			used = p.Date(day)
		}
		row := ui.Row{Cells: []ui.Cell{
			{Body: keyName(p, k)}, {Text: strings.Join(names, p.T("account.keys.and"))}, {Text: day(p, k.EndsAt)}, {Text: used}, {},
		}}
		if k.State == account.KeyLive {
			row.Cells[4].Body = endKeyButton(p, strings.ReplaceAll(end, "{key}", k.ID))
		} else {
			row.Cells[4].Body = ui.Tag(ui.Reed, p.T("account.keys.state."+string(k.State)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
