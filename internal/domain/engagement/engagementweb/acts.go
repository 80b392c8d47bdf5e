package engagementweb

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
)

// act is one step of the lifecycle as pages offer it: a button, a page of its
// own when something must be filled in, and what is done when it is sent. Its
// words are ask.<name>.do, .head, .lead, .done and the labels of its fields.
type act struct {
	do     authz.Permission
	name   string
	fields func(*sheet) templ.Component // nil: one press is enough
	run    func(*Pages, context.Context, *order) error
}

// order is a step that somebody sent.
type order struct {
	by       authz.Actor
	id       engagement.ID
	version  int
	delivery string
	papers   files.Papers
	f        *web.Form
}

// acts are the steps people take; the system's own are not among them.
func acts() []act {
	type need = engagement.Need
	of := func(run func(*engagement.Service, context.Context, *order) (need, error)) func(*Pages, context.Context, *order) error {
		return func(s *Pages, ctx context.Context, o *order) error { _, err := run(s.Needs, ctx, o); return err }
	}
	plain := func(use func(*engagement.Service, context.Context, authz.Actor, engagement.ID, int) (need, error)) func(*Pages, context.Context, *order) error {
		return of(func(n *engagement.Service, ctx context.Context, o *order) (need, error) {
			return use(n, ctx, o.by, o.id, o.version)
		})
	}
	why := func(use func(*engagement.Service, context.Context, authz.Actor, engagement.ID, int, string) (need, error)) func(*Pages, context.Context, *order) error {
		return of(func(n *engagement.Service, ctx context.Context, o *order) (need, error) {
			return use(n, ctx, o.by, o.id, o.version, o.f.Long("reason"))
		})
	}
	type svc = engagement.Service
	return []act{
		{engagement.Accept, "accept", nil, plain((*svc).Accept)},
		{engagement.AcceptWork, "take", nil, plain((*svc).AcceptOffer)},
		{engagement.Deliver, "record", workFields, runRecord},
		{engagement.Finish, "finish", nil, plain((*svc).Finish)},
		{engagement.Supply, "supply", supplyFields, of(func(n *svc, ctx context.Context, o *order) (need, error) {
			return n.Supply(ctx, o.by, o.id, o.version, o.f.Long("words"), o.papers)
		})},
		{engagement.Confirm, "confirm", nil, plain((*svc).Confirm)},
		{engagement.Rate, "rate", rateFields, runRate},
		{engagement.MakeOffer, "offer", offerFields, of(func(n *svc, ctx context.Context, o *order) (need, error) {
			return n.Offer(ctx, o.by, o.id, o.version, institution.ID(o.f.Text("institution")), o.f.Long("note"))
		})},
		{engagement.Assign, "assign", assignFields, runAssign},
		{engagement.Ask, "ask", reasonFields, why((*svc).Ask)},
		{engagement.Refer, "refer", referFields, of(func(n *svc, ctx context.Context, o *order) (need, error) {
			return n.Refer(ctx, o.by, o.id, o.version, region.Code(o.f.Text("office")), o.f.Long("reason"))
		})},
		{engagement.Extend, "extend", reasonFields, why((*svc).Extend)},
		{engagement.Edit, "edit", editFields, runEdit},
		{engagement.Dispute, "dispute", reasonFields, why((*svc).Dispute)},
		{engagement.Decline, "decline", reasonFields, why((*svc).DeclineOffer)},
		{engagement.Recall, "recall", reasonFields, why((*svc).Recall)},
		{engagement.Refuse, "refuse", reasonFields, why((*svc).Refuse)},
		{engagement.Withdraw, "withdraw", reasonFields, why((*svc).Withdraw)},
		{engagement.Reopen, "reopen", reasonFields, why((*svc).Reopen)},
		{engagement.ConfirmOne, "sure", nil, of(func(n *svc, ctx context.Context, o *order) (need, error) {
			return n.ConfirmDelivery(ctx, o.by, o.id, o.version, o.delivery)
		})},
		{engagement.Correct, "correct", workFields, runCorrect},
		{engagement.TakeBack, "undo", reasonFields, of(func(n *svc, ctx context.Context, o *order) (need, error) {
			return n.TakeBack(ctx, o.by, o.id, o.version, o.delivery, o.f.Long("reason"))
		})},
	}
}

// path is where the step lies below a view of the need; its last segment is
// the permission's verb.
func (a act) path() string {
	kind, verb, _ := strings.Cut(strings.TrimPrefix(string(a.do), "engagement."), ".")
	switch {
	case a.do == engagement.Deliver:
		return "deliveries/" + verb
	case kind == "delivery":
		return "deliveries/{delivery}/" + verb
	case kind == "offer":
		return "offer/" + verb
	default:
		return verb
	}
}

// href is the address of the step for one need.
func (a act) href(v view, id engagement.ID, delivery string) string {
	return v.of(id) + "/" + strings.ReplaceAll(a.path(), "{delivery}", delivery)
}

func (a act) key(word string) string { return "ask." + a.name + "." + word }

// actOf is the step of a permission; false for the system's own.
func actOf(do authz.Permission) (act, bool) {
	all := acts()
	i := slices.IndexFunc(all, func(a act) bool { return a.do == do })
	if i < 0 {
		return act{}, false
	}
	return all[i], true
}

// opens reports whether the reader of a detail can take the step now.
func opens(d *engagement.Detail, do authz.Permission) bool {
	return slices.ContainsFunc(d.Open, func(s flow.Step) bool { return s.Do == do })
}

// buttons are the steps open to the reader as the head of the page offers them:
// the one that leads on first, the others below 更多. What belongs to a single
// delivery, or is a form on the page, stands there.
func buttons(d *engagement.Detail) (lead *act, others []act) {
	elsewhere := []authz.Permission{engagement.ConfirmOne, engagement.Correct, engagement.TakeBack, engagement.MakeOffer}
	for _, a := range acts() {
		if !opens(d, a.do) || slices.Contains(elsewhere, a.do) {
			continue
		}
		if lead == nil && leads(d, a.do) {
			lead = &a
		} else {
			others = append(others, a)
		}
	}
	return lead, others
}

// leads reports whether the step is what the page most wants of its reader.
func leads(d *engagement.Detail, do authz.Permission) bool {
	switch do {
	case engagement.Deliver:
		return len(d.Deliveries) == 0
	case engagement.Finish:
		return len(d.Deliveries) > 0
	default:
		return slices.Contains([]authz.Permission{
			engagement.Accept, engagement.AcceptWork, engagement.Supply, engagement.Confirm, engagement.Rate,
		}, do)
	}
}

func runAssign(s *Pages, ctx context.Context, o *order) error {
	d, err := s.Needs.Get(ctx, o.by, o.id)
	if err != nil {
		return err
	}
	name, err := s.colleague(ctx, d.Office, o.f)
	if err != nil {
		return err
	}
	_, err = s.Needs.Assign(ctx, o.by, o.id, o.version, o.f.Text("person"), name)
	return err
}

// colleague is the name of the member of staff a form chooses; the broken field
// when it is nobody of the office.
func (s *Pages) colleague(ctx context.Context, office region.Code, f *web.Form) (string, error) {
	all, err := s.Colleagues(ctx, office)
	if err != nil {
		return "", err
	}
	for _, c := range all {
		if c.ID == f.Text("person") {
			return c.Name, nil
		}
	}
	f.Wrong("person", "field.choice")
	return "", f.Err()
}

func runRecord(s *Pages, ctx context.Context, o *order) error {
	_, _, err := s.Needs.Deliver(ctx, o.by, o.id, o.version, workOf(o.f), o.papers)
	return err
}

func runCorrect(s *Pages, ctx context.Context, o *order) error {
	_, err := s.Needs.Correct(ctx, o.by, o.id, o.version, o.delivery, workOf(o.f), o.f.Long("reason"), o.papers)
	return err
}

func runRate(s *Pages, ctx context.Context, o *order) error {
	f := o.f
	if f.Text("on_time") == "" {
		f.Wrong("on_time", "field.required")
	}
	r := engagement.Rating{
		OnTime: f.Text("on_time") == "yes", Solved: engagement.Solved(f.Text("solved")),
		Score: int(f.Int("score")), Words: f.Long("words"),
	}
	if f.Err() != nil {
		r.Score = 0 // the rest of what is wrong is told too, and nothing is taken
	}
	_, err := s.Needs.Rate(ctx, o.by, o.id, o.version, r)
	return err
}

func runEdit(s *Pages, ctx context.Context, o *order) error {
	c := contactOf(o.f)
	contact := &c
	if o.f.Raw("contact_phone") == "" && o.f.Raw("contact_name") == "" {
		contact = nil // it was not shown, so it stays
	}
	_, err := s.Needs.Edit(ctx, o.by, o.id, o.version, contentOf(o.f), contact, o.papers)
	return err
}

// The readers below make what cannot be read a value that the domain refuses,
// so that everything wrong with a form is told at once.

func amountOf(f *web.Form, name string) int64 {
	v := f.Wan(name)
	if f.Field(name).Error != "" {
		return -1
	}
	return v
}

func numberOf(f *web.Form, name string) int64 {
	v := f.Int(name)
	if f.Field(name).Error != "" {
		return -1
	}
	return v
}

func dayOf(f *web.Form, name string) string {
	v := f.Date(name)
	if f.Field(name).Error != "" {
		return f.Text(name)
	}
	return v
}

func contentOf(f *web.Form) engagement.Content {
	c := engagement.Content{
		Theme: institution.Theme(f.Text("theme")), Title: f.Text("title"), Text: f.Long("text"),
		Amount: amountOf(f, "amount"), Months: int(numberOf(f, "months")), WantedBy: dayOf(f, "wanted_by"),
	}
	for _, k := range f.Many("collateral") {
		c.Collateral = append(c.Collateral, engagement.Collateral(k))
	}
	return c
}

func contactOf(f *web.Form) engagement.Contact {
	return engagement.Contact{Name: f.Text("contact_name"), Post: f.Text("contact_post"), Phone: f.Text("contact_phone")}
}

func workOf(f *web.Form) engagement.Work {
	if f.Text("on") == "" {
		f.Wrong("on", "field.required")
	}
	return engagement.Work{
		On: dayOf(f, "on"), Theme: institution.Theme(f.Text("theme")), Form: institution.Form(f.Text("form")),
		Amount: amountOf(f, "amount"), Quantity: numberOf(f, "quantity"), Text: f.Long("text"),
		Manner: engagement.Manner{
			Reach: f.Text("reach"), Crowd: f.Text("crowd"), Rhythm: f.Text("rhythm"), Topic: f.Text("topic"),
		},
	}
}

// stepOf is the step of a permission that is known to have one.
func stepOf(do authz.Permission) act {
	a, _ := actOf(do)
	return a
}
