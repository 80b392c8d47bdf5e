package enterpriseweb

import (
	"net/http"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// claimsView is the list of claims that the reader decides.
type claimsView struct {
	listView
	Claims []enterprise.ClaimRecord
}

// claims are the claims to be decided, the oldest first (认领待办).
func (s *Pages) claims(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, enterprise.DecideClaim); err != nil {
		return err
	}
	tree, err := s.tree(r)
	if err != nil {
		return err
	}
	v := claimsView{listView: listView{Path: "/bench/claims", Query: r.URL.Query(), Tree: tree, Day: s.Kit.Today()}}
	filter := waiting()
	if state := v.Query.Get("status"); state != "" {
		filter.Status = []flow.State{flow.State(state)}
	}
	if v.Claims, v.Next, err = s.Enterprises.Claims(r.Context(), by, filter, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.Total, err = s.Enterprises.CountClaims(r.Context(), by, filter); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, claimsPage(web.Page(r), v))
}

func (v claimsView) rows(p web.P) []ui.Row {
	var rows []ui.Row
	for _, c := range v.Claims {
		rows = append(rows, ui.Row{Cells: []ui.Cell{
			{Text: p.T("firm.claim.by", "name", c.PersonName), Href: claimHref(c.ID)},
			{Text: c.Code, Code: true},
			{Text: placeName(p, v.Tree, c.Region)},
			{Body: ui.Tag(claimTone(c.Status), p.T(claimKey(c.Status)))},
			{Text: p.Short(c.CreatedAt), Faint: true},
		}})
	}
	return rows
}

func (v claimsView) filters(p web.P) []ui.Filter {
	var states []ui.Option
	for _, st := range enterprise.ClaimLifecycle().States {
		states = append(states, ui.Option{Value: string(st), Label: p.T(claimKey(st))})
	}
	f := v.chip(p, "status", p.T("firm.filter.status"), states)
	if !f.On {
		f.Label = p.T("firm.filter", "label", p.T("firm.filter.status"), "value", p.T("firm.claim.open"))
	}
	return []ui.Filter{f}
}

// claimView is one claim beside those who act for the enterprise now.
type claimView struct {
	Claim   enterprise.ClaimRecord
	Entry   *enterprise.Enterprise // what the claimant entered, or the one that has the number
	Other   *enterprise.Enterprise // the other entry of the same number
	Holders []enterprise.ClaimRecord
	Names   map[string]string
	Tree    *territory.Tree
	Form    *web.Form
	Open    bool // it can still be decided
}

func (s *Pages) claim(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "firm.decision")
	if err != nil {
		return err
	}
	return s.claimPage(w, r, http.StatusOK, f)
}

func (s *Pages) claimPage(w http.ResponseWriter, r *http.Request, status int, f *web.Form) error {
	ctx, by := r.Context(), web.Actor(r)
	if err := web.Staff(by, enterprise.DecideClaim); err != nil {
		return err
	}
	v := claimView{Form: f}
	var err error
	if v.Claim, err = s.Enterprises.GetClaim(ctx, by, r.PathValue("id")); err != nil {
		return err
	}
	if v.Tree, err = s.tree(r); err != nil {
		return err
	}
	if v.Entry, err = s.visible(r, v.Claim.Enterprise); err != nil {
		return err
	}
	if v.Other, err = s.visible(r, v.Claim.Contested); err != nil {
		return err
	}
	for _, id := range []enterprise.ID{v.Claim.Enterprise, v.Claim.Contested} {
		if id == "" {
			continue
		}
		list, err := s.Enterprises.Holders(ctx, by, id)
		if err != nil {
			return err
		}
		for _, h := range list {
			if h.ID != v.Claim.ID {
				v.Holders = append(v.Holders, h)
			}
		}
	}
	v.Open = !enterprise.ClaimLifecycle().Ended(v.Claim.Status)
	if v.Names, err = s.names(ctx, append(v.Holders, v.Claim)); err != nil {
		return err
	}
	return s.Kit.Page(w, r, status, claimPage(web.Page(r), v))
}

// visible is the entry if the reader may see it, nil otherwise.
func (s *Pages) visible(r *http.Request, id enterprise.ID) (*enterprise.Enterprise, error) {
	if id == "" {
		return nil, nil
	}
	e, err := s.Enterprises.Get(r.Context(), web.Actor(r), id)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return &e, err
}

// decide answers a claim: it is accepted, accepted in place of the others,
// refused, or marked as disputed.
func (s *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, "firm.decision")
	if err != nil {
		return err
	}
	ctx, by, id := r.Context(), web.Actor(r), r.PathValue("id")
	version, reason, done := int(f.Int("version")), f.Long("reason"), "firm.decision.done"
	answer := f.Text("answer")
	if answer == "" {
		f.Wrong("answer", "field.required")
	}
	if err = f.Err(); err == nil {
		switch answer {
		case "accept", "replace":
			err = s.Enterprises.Decide(ctx, by, id, version, enterprise.Decision{Accept: true, Replace: answer == "replace", Reason: reason})
		case "refuse":
			err = s.Enterprises.Decide(ctx, by, id, version, enterprise.Decision{Reason: reason})
		case "dispute":
			done = "firm.decision.disputed"
			err = s.Enterprises.Dispute(ctx, by, id, version, reason)
		default:
			f.Wrong("answer", "field.choice")
		}
	}
	if f.Broken(err) {
		return s.claimPage(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, done)
	return web.SeeOther(w, r, "/bench/claims")
}

func (v claimView) answers(p web.P) []ui.Option {
	answers := []string{"accept"}
	if len(v.Holders) > 0 {
		answers = append(answers, "replace")
	}
	answers = append(answers, "refuse")
	if v.Claim.Status == enterprise.ClaimPending {
		answers = append(answers, "dispute")
	}
	options := make([]ui.Option, len(answers))
	for i, a := range answers {
		options[i] = ui.Option{Value: a, Label: p.T("firm.decision." + a), Hint: p.T("firm.decision." + a + ".text")}
	}
	return options
}
