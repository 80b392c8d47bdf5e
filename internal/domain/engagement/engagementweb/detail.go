package engagementweb

import (
	"net/http"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// sight is what a view of one need shows.
type sight struct {
	p         web.P
	v         view
	d         engagement.Detail
	tree      *territory.Tree
	limits    flow.Limits
	unknown   string // the year whose holidays are not on file
	proposals []engagement.Proposal
	contact   *engagement.Contact // once it may be shown
	mayAsk    bool                // the contact may be looked at, which is noted
}

// detail shows one need from a side; a reader of another side is led to theirs.
func (s *Pages) detail(v view) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		h, err := s.sight(r, v)
		if err != nil {
			return err
		}
		if !allowed(v, web.Actor(r), &h.d.Need) {
			return web.SeeOther(w, r, viewOf(web.Actor(r), &h.d.Need).of(h.d.ID))
		}
		return s.Kit.Page(w, r, http.StatusOK, detailPage(h))
	}
}

// seeContact shows the need with its contact, which leaves a trace. It answers
// the page itself: a redirect would have to carry personal data or disclose on
// a plain GET.
func (s *Pages) seeContact(v view) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		h, err := s.sight(r, v)
		if err != nil {
			return err
		}
		c, err := s.Needs.Contact(r.Context(), web.Actor(r), h.d.ID)
		if err != nil {
			return err
		}
		h.contact, h.mayAsk = &c, false
		w.Header().Set("Cache-Control", "no-store")
		return s.Kit.Page(w, r, http.StatusOK, detailPage(h))
	}
}

func (s *Pages) sight(r *http.Request, v view) (*sight, error) {
	ctx, by := r.Context(), web.Actor(r)
	if !by.SignedIn() {
		return nil, signIn()
	}
	h := &sight{p: web.Page(r), v: v}
	var err error
	if h.d, err = s.Needs.Get(ctx, by, idOf(r)); err != nil {
		return nil, err
	}
	h.p.Title = h.d.Title
	if h.tree, err = s.Territory.Tree(ctx); err != nil {
		return nil, err
	}
	if h.limits, err = s.Flow.Limits(ctx); err != nil {
		return nil, err
	}
	if due := h.d.Deadline; due != nil && !due.Known {
		c, err := s.Flow.Calendar(ctx)
		if err != nil {
			return nil, err
		}
		h.unknown = unknownYear(c, due.Start, due.On)
	}
	if v == bench && opens(&h.d, engagement.MakeOffer) {
		if h.proposals, err = s.Needs.Propose(ctx, by, h.d.ID); err != nil {
			return nil, err
		}
	}
	if v == asking && viewOf(by, &h.d.Need) == asking {
		c, err := s.Needs.Contact(ctx, by, h.d.ID)
		if err != nil {
			return nil, err
		}
		h.contact = &c
	} else {
		h.mayAsk = mayAsk(by, &h.d.Need)
	}
	return h, nil
}

// mayAsk reports whether the reader may look at the contact: the office that
// handles the need and the institution in charge may.
func mayAsk(by authz.Actor, n *engagement.Need) bool {
	t := authz.At(n.Office)
	if n.InCharge {
		t = t.Of(authz.Institution, string(n.Institution))
	}
	return by.May(engagement.SeeContact, t)
}

// contentFacts are what is asked for, line by line; what was not said is left out.
func contentFacts(p web.P, c *engagement.Content) []ui.Fact {
	facts := []ui.Fact{{Label: p.T("ask.fact.text"), Value: c.Text}}
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, ui.Fact{Label: p.T(key), Value: value})
		}
	}
	add("ask.fact.amount", amountAndTerm(p, c))
	if c.WantedBy != "" {
		add("ask.fact.wanted_by", p.T("ask.before", "date", p.Date(ui.Day(c.WantedBy))))
	}
	add("ask.fact.collateral", collaterals(p, c.Collateral))
	return facts
}

// about is the line under the heading: size, place.
func (h *sight) about() string {
	var parts []string
	if h.d.Enterprise == "" {
		parts = append(parts, h.p.T("ask.founder"))
	} else if h.d.Size != "" && h.d.Size != "unknown" {
		parts = append(parts, h.p.T("enterprise.size."+h.d.Size))
	}
	parts = append(parts, PlaceName(h.p, h.tree, h.d.Region))
	if h.v == bench {
		parts = append(parts, h.p.T(h.d.Channel.Key()))
	}
	return strings.Join(parts, " · ")
}

// institutionLine is what tells institutions apart: kind, capital, tier.
func institutionLine(p web.P, tree *territory.Tree, i *institution.Institution) string {
	parts := []string{p.T(i.Kind().Key())}
	if i.Capital > 0 {
		parts = append(parts, p.T("ask.capital", "amount", wan(p, i.Capital)))
	}
	if i.Tier != institution.NoTier {
		parts = append(parts, p.T(i.Tier.Key()))
	} else {
		parts = append(parts, PlaceName(p, tree, i.Region))
	}
	return strings.Join(parts, " · ")
}

// proposal is one institution to choose, with all its reasons.
func (h *sight) proposal(i int) ui.Offer {
	o := &h.proposals[i]
	sub := institutionLine(h.p, h.tree, &o.Institution)
	if o.Before {
		sub += " · " + h.p.T("ask.before_answer", "answer", h.p.T(o.Asked.Key()))
	}
	return ui.Offer{
		Name: "institution", Value: string(o.Institution.ID), Title: o.Institution.Name, Sub: sub,
		Met: o.Score, Of: len(o.Reasons), Reasons: reasons(h.p, o.Reasons), Chosen: i == 0 && !o.Before,
	}
}

// history is the need's way: what was done, what is being waited for, what is
// still to come.
func (h *sight) history() []ui.Event {
	var all []ui.Event
	for i := range h.d.Events {
		e := &h.d.Events[i]
		if h.v != bench && inside(e.Do) {
			continue
		}
		line := ui.Event{State: ui.Done, Title: eventTitle(h.p, h.tree, e), Meta: h.p.Moment(e.At)}
		if name := who(h.p, e); name != "" {
			line.Meta += " · " + name
		}
		if e.Do != engagement.MakeOffer && e.Do != engagement.Escalate && e.Do != engagement.Assign {
			line.Text = e.Note
		}
		all = append(all, line)
	}
	if engagement.Lifecycle().Ended(h.d.State) {
		return all
	}
	ahead := h.d.Ahead
	if h.d.State == engagement.Waiting {
		all = append(all, ui.Event{State: ui.Now, Title: StateWord(h.p, h.d.State), Meta: h.p.T("flow.lamp.stop")})
	} else if len(ahead) > 0 {
		now := ui.Event{State: ui.Now, Title: h.p.T(stepKey(ahead[0]))}
		if h.d.Deadline != nil {
			now.Meta = h.p.T(h.d.Lamp.Key, h.d.Lamp.Args...)
		}
		if h.d.AssigneeName != "" && ahead[0].Who == "centre" {
			now.Text = h.p.T("ask.by_whom", "name", h.d.AssigneeName)
		}
		all, ahead = append(all, now), ahead[1:]
	}
	for _, step := range ahead {
		all = append(all, ui.Event{State: ui.Next, Title: h.p.T(stepKey(step)), Meta: limitWords(h.p, h.limits, &h.d.Need, step.Limit)})
	}
	return all
}

func stepKey(s flow.Step) string {
	if a, ok := actOf(s.Do); ok {
		return "ask.ahead." + a.name
	}
	return s.Do.Key()
}

// inside reports events that only the office needs to know.
func inside(do authz.Permission) bool {
	return do == engagement.Assign || do == engagement.Remind || do == engagement.Escalate
}

// eventTitle says in a few words what happened.
func eventTitle(p web.P, tree *territory.Tree, e *engagement.Event) string {
	switch e.Do {
	case engagement.Post:
		return p.T("ask.event.post")
	case engagement.MakeOffer:
		if e.Note == "" { // to whom is not the reader's to know
			return p.T("ask.ahead.offer")
		}
		return p.T("ask.event.offer", "name", e.Note)
	case engagement.Escalate:
		return p.T("ask.event.escalate", "name", namedOffice(p, tree, e.Note))
	case engagement.Assign:
		if e.Note == "" {
			return p.T("ask.event.unassign")
		}
		return p.T("ask.event.assign", "name", e.Note)
	case engagement.Remind:
		return p.T("ask.event.remind")
	case engagement.Lapse:
		return p.T("ask.event.lapse")
	}
	if a, ok := actOf(e.Do); ok {
		return p.T("ask.event." + a.name)
	}
	return p.T(e.Do.Key())
}

// deliveryFacts are what was recorded of one service.
func deliveryFacts(p web.P, d *engagement.Delivery) []ui.Fact {
	facts := []ui.Fact{
		{Label: p.T("ask.record.text"), Value: d.Text},
		{Label: p.T("ask.record.form"), Value: p.T(d.Theme.Key()) + " · " + p.T(d.Form.Key())},
		{Label: p.T("ask.record.quantity"), Value: p.T("ask.persons", "n", d.Quantity)},
	}
	if d.Amount > 0 {
		facts = append(facts, ui.Fact{Label: p.T("ask.record.amount"), Value: wan(p, d.Amount)})
	}
	var manner []string
	for _, m := range []string{d.Reach, d.Crowd, d.Rhythm} {
		if m != "" {
			manner = append(manner, p.T("need.manner."+m))
		}
	}
	if d.Topic != "" {
		manner = append(manner, d.Topic)
	}
	if len(manner) > 0 {
		facts = append(facts, ui.Fact{Label: p.T("ask.fact.manner"), Value: strings.Join(manner, p.T("ask.list"))})
	}
	if d.Reason != "" {
		facts = append(facts, ui.Fact{Label: p.T("ask.fact.reason"), Value: d.Reason})
	}
	return facts
}

func deliveryTone(s engagement.DeliveryState) ui.Tone {
	switch s {
	case engagement.DeliveryConfirmed:
		return ui.Moss
	case engagement.Recorded:
		return ui.Reed
	default:
		return ui.Plain
	}
}

// onDelivery are the steps open to the reader for one delivery.
func (h *sight) onDelivery(d *engagement.Delivery) []act {
	if d.State == engagement.DeliveryWithdrawn {
		return nil
	}
	var all []act
	for _, do := range []authz.Permission{engagement.ConfirmOne, engagement.Correct, engagement.TakeBack} {
		if a, ok := actOf(do); ok && opens(&h.d, do) && (do != engagement.ConfirmOne || d.State != engagement.DeliveryConfirmed) {
			all = append(all, a)
		}
	}
	return all
}

func ratingFacts(p web.P, r *engagement.Rating) []ui.Fact {
	onTime := "ask.no"
	if r.OnTime {
		onTime = "ask.yes"
	}
	facts := []ui.Fact{
		{Label: p.T("ask.rate.score"), Value: p.T("ask.points", "n", r.Score)},
		{Label: p.T("ask.rate.solved"), Value: p.T(r.Solved.Key())},
		{Label: p.T("ask.rate.on_time"), Value: p.T(onTime)},
	}
	if r.Words != "" {
		facts = append(facts, ui.Fact{Label: p.T("ask.rate.words"), Value: r.Words})
	}
	return facts
}

// offersTable lists to whom the need was offered and what they said.
func offersTable(p web.P, all []engagement.Offer) ui.Table {
	t := ui.Table{
		Caption: p.T("ask.offers.history"), Hidden: true, Dense: true, Stack: true,
		Head: []ui.Col{{Label: p.T("ask.offers.institution")}, {Label: p.T("ask.offers.at")}, {Label: p.T("ask.offers.answer")}, {Label: p.T("ask.offers.words")}},
	}
	for i := range all {
		o := &all[i]
		answer := p.T(o.Answer.Key())
		if !o.AnsweredAt.IsZero() {
			answer = p.T("ask.offers.answered", "answer", answer, "date", p.Short(o.AnsweredAt))
		}
		words := o.Words
		if words == "" {
			words = "—"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: ui.Words(o.Name, p.ShortLong(o.At), answer, words)})
	}
	return t
}
