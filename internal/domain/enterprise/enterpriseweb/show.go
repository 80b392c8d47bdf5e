package enterpriseweb

import (
	"context"
	"net/http"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// entryView is one entry as the county office sees it.
type entryView struct {
	Entry      enterprise.Enterprise
	Years      []enterprise.Year
	Rules      enterprise.Rules
	Sizing     *enterprise.Sizing // of the newest year
	Duplicates []enterprise.Duplicate
	Elsewhere  int
	Claims     []enterprise.ClaimRecord
	Names      map[string]string
	Contact    *enterprise.Contact // only after it was asked for
	Tree       *territory.Tree
	May        func(authz.Permission) bool
	Form       *web.Form
	Do         string // the step whose form has something to correct
}

// mostAlike is how many entries of a similar name are offered to look at.
const mostAlike = 6

// show is one entry with everything known of it.
func (s *Pages) show(w http.ResponseWriter, r *http.Request) error {
	v, err := s.entry(r)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, entryPage(web.Page(r), v))
}

func (s *Pages) entry(r *http.Request) (entryView, error) {
	ctx, by := r.Context(), web.Actor(r)
	var v entryView
	err := web.Staff(by, enterprise.View)
	if err != nil {
		return v, err
	}
	if v.Form, err = s.Kit.Form(r, "firm.step"); err != nil {
		return v, err
	}
	id := enterprise.ID(r.PathValue("id"))
	if v.Entry, err = s.Enterprises.Get(ctx, by, id); err != nil {
		return v, err
	}
	target := v.Entry.Target()
	v.May = func(p authz.Permission) bool { return by.May(p, target) }
	if v.Years, err = s.Enterprises.Years(ctx, by, id); err != nil {
		return v, err
	}
	if v.Rules, err = s.Enterprises.Rules(ctx); err != nil {
		return v, err
	}
	if len(v.Years) > 0 {
		answer, err := s.Enterprises.Sizing(ctx, by, id, v.Years[0].Year, enterprise.ForPolicy)
		if err != nil {
			return v, err
		}
		v.Sizing = &answer
	}
	if v.Tree, err = s.tree(r); err != nil {
		return v, err
	}
	if v.May(enterprise.Merge) {
		if v.Duplicates, v.Elsewhere, err = s.Enterprises.Duplicates(ctx, by, id); err != nil {
			return v, err
		}
		v.Duplicates = v.Duplicates[:min(len(v.Duplicates), mostAlike)]
	}
	if v.May(enterprise.DecideClaim) {
		if v.Claims, _, err = s.Enterprises.Claims(ctx, by, enterprise.ClaimFilter{Enterprise: id}, web.ListPage{Limit: 50}); err != nil {
			return v, err
		}
	}
	v.Names, err = s.names(ctx, v.Claims, v.Entry.CreatedBy)
	return v, err
}

// names are the names of those who made and decided something.
func (s *Pages) names(ctx context.Context, claims []enterprise.ClaimRecord, more ...string) (map[string]string, error) {
	if s.Names == nil {
		return nil, nil
	}
	ids := more
	for _, c := range claims {
		ids = append(ids, c.DecidedBy)
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	slices.Sort(ids)
	return s.Names(ctx, slices.Compact(ids)...)
}

// contact shows the person to speak to; asking for it leaves a trace.
func (s *Pages) contact(w http.ResponseWriter, r *http.Request) error {
	v, err := s.entry(r)
	if err != nil {
		return err
	}
	c, err := s.Enterprises.Contact(r.Context(), web.Actor(r), v.Entry.ID)
	if err != nil {
		return err
	}
	v.Contact = &c
	return s.Kit.Page(w, r, http.StatusOK, entryPage(web.Page(r), v))
}

// step takes the entry one step on: verify, reject, close, reopen, separate.
func (s *Pages) step(w http.ResponseWriter, r *http.Request) error {
	ctx, by, do := r.Context(), web.Actor(r), r.PathValue("do")
	f, err := s.Kit.Form(r, "firm.step")
	if err != nil {
		return err
	}
	id, version, reason := enterprise.ID(r.PathValue("id")), int(f.Int("version")), f.Long("reason")
	if err = f.Err(); err == nil {
		switch do {
		case enterprise.Verify.Verb():
			err = s.Enterprises.Verify(ctx, by, id, version)
		case enterprise.Reject.Verb():
			err = s.Enterprises.Reject(ctx, by, id, version, reason)
		case enterprise.Close.Verb():
			err = s.Enterprises.Close(ctx, by, id, version, reason)
		case enterprise.Reopen.Verb():
			err = s.Enterprises.Reopen(ctx, by, id, version, reason)
		case enterprise.Separate.Verb():
			err = s.Enterprises.Separate(ctx, by, id, version, reason)
		default:
			err = fault.Missing()
		}
	}
	return s.taken(w, r, f, do, err)
}

// merge makes this entry an alias of another (合并).
func (s *Pages) merge(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "firm.step")
	if err != nil {
		return err
	}
	id, to := enterprise.ID(r.PathValue("id")), enterprise.ID(f.Text("to"))
	version := int(f.Int("version"))
	if to == "" {
		f.Wrong("to", "firm.step.to_needed")
	}
	if err = f.Err(); err == nil {
		err = s.Enterprises.Merge(r.Context(), web.Actor(r), id, version, to, f.Long("reason"))
	}
	if err == nil {
		s.Kit.Flash(w, r, ui.OK, "firm.step.merge.done")
		return web.SeeOther(w, r, entryHref(to))
	}
	return s.taken(w, r, f, enterprise.Merge.Verb(), err)
}

// taken answers a step: the entry again, with what is to be corrected or with
// what was done.
func (s *Pages) taken(w http.ResponseWriter, r *http.Request, f *web.Form, do string, err error) error {
	if f.Broken(err) {
		v, err := s.entry(r)
		if err != nil {
			return err
		}
		v.Form, v.Do = f, do
		return s.Kit.Page(w, r, http.StatusUnprocessableEntity, entryPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "firm.step."+do+".done")
	return web.SeeOther(w, r, entryHref(enterprise.ID(r.PathValue("id"))))
}

// steps are what the reader may do with the entry now, as its lifecycle has it.
func (v entryView) steps() []flow.Step {
	if v.Entry.AliasOf != "" {
		return nil
	}
	var open []flow.Step
	for _, st := range enterprise.Lifecycle().Open(v.Entry.Status, v.May) {
		if st.Do != enterprise.Edit && st.Do != enterprise.Register {
			open = append(open, st)
		}
	}
	return open
}

func (v entryView) action(do string) string { return entryHref(v.Entry.ID) + "/" + do }

// history is what is on file about how the entry came to be as it is.
func (v entryView) history(p web.P) []ui.Event {
	events := []ui.Event{{Title: p.T("firm.history.registered"), Meta: meta(p.Moment(v.Entry.CreatedAt), v.Names[v.Entry.CreatedBy]), State: ui.Done}}
	for _, c := range v.Claims {
		events = append(events, ui.Event{Title: p.T("firm.history.claimed", "name", c.PersonName), Href: claimHref(c.ID), Meta: p.Moment(c.CreatedAt), State: ui.Done})
		if !c.DecidedAt.IsZero() {
			events = append(events, ui.Event{Title: p.T(claimKey(c.Status)), Meta: meta(p.Moment(c.DecidedAt), v.Names[c.DecidedBy]), Text: c.Reason, State: ui.Done})
		}
	}
	return append(events, ui.Event{Title: p.T(StateKey(v.Entry.Status)), Meta: p.Moment(v.Entry.UpdatedAt), Text: v.Entry.Reason, State: ui.Now})
}

func meta(when, who string) string {
	if who == "" {
		return when
	}
	return when + " · " + who
}

func (v entryView) facts(p web.P) []ui.Fact {
	e := v.Entry.Profile
	facts := []ui.Fact{
		{Label: p.T("firm.profile.region"), Value: placeName(p, v.Tree, e.Region)},
		{Label: p.T("firm.profile.address"), Value: e.Address},
		{Label: p.T("firm.profile.legal_form"), Value: formName(p, e.LegalForm)},
		{Label: p.T("firm.profile.industry"), Value: IndustryName(p.Lang, e.Industry)},
		{Label: p.T("firm.profile.established"), Value: p.DateOf(e.Established)},
	}
	if e.ShortName != "" {
		facts = append([]ui.Fact{{Label: p.T("firm.profile.short_name"), Value: e.ShortName}}, facts...)
	}
	return facts
}

func (v entryView) codes(p web.P) []ui.Row {
	var rows []ui.Row
	for _, h := range v.Entry.Identifiers {
		tone, words := ui.Reed, p.T("firm.code.claimed")
		if h.Verified {
			tone, words = ui.Moss, p.T("firm.code.verified")
		}
		note := ""
		if h.Note != "" {
			note = p.T(h.Note)
		}
		if h.Via != "" {
			note = p.T("firm.code.via")
		}
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: p.T("enterprise.kind." + string(h.Kind))}, {Text: h.Value, Code: true}, {Body: ui.Tag(tone, words)}, {Text: note, Faint: true},
		}})
	}
	return rows
}
