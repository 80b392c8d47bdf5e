package engagementweb

import (
	"net/http"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// sheet is a step's page: what it is about, and the form.
type sheet struct {
	p        web.P
	v        view
	a        act
	f        *web.Form
	d        engagement.Detail
	delivery *engagement.Delivery // the one it concerns
	tree     *territory.Tree
	people   []Colleague
	found    []institution.Institution // for another institution than those proposed
	// contact stands in the edit form when the one who edits may read it freely.
	contact *engagement.Contact
	files   ui.Files
}

func (h *sheet) href() string {
	id := ""
	if h.delivery != nil {
		id = h.delivery.ID
	}
	return h.a.href(h.v, h.d.ID, id)
}

// ask shows a step's page.
func (s *Pages) ask(v view, a act) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := s.Kit.Form(r, "ask."+a.name)
		if err != nil {
			return err
		}
		h, err := s.sheet(r, v, a, f)
		if err != nil {
			return err
		}
		if !opens(&h.d, a.do) {
			return closed(&h.d, a)
		}
		return s.Kit.Page(w, r, http.StatusOK, sheetPage(h))
	}
}

// act takes a step that was sent.
func (s *Pages) act(v view, a act) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := s.Kit.Form(r, "ask."+a.name)
		if err != nil {
			return err
		}
		by := web.Actor(r)
		if !by.SignedIn() {
			return signIn()
		}
		o := order{by: by, id: idOf(r), version: int(f.Int("version")), delivery: r.PathValue("delivery"), f: f}
		if a.papers() {
			if o.papers, err = s.papersOf(r, f); err != nil {
				return err
			}
		}
		err = a.run(s, r.Context(), &o)
		switch {
		case f.Broken(err):
			return s.again(w, r, v, a, f, http.StatusUnprocessableEntity)
		case fault.Is(err, fault.Stale):
			return s.again(w, r, v, a, f, http.StatusPreconditionFailed)
		case err != nil:
			return err
		}
		s.Kit.Flash(w, r, ui.OK, a.key("done"))
		return web.SeeOther(w, r, v.of(o.id))
	}
}

// again shows the step's page as it was sent: with what is wrong, or beside
// what somebody else has made of the need meanwhile.
func (s *Pages) again(w http.ResponseWriter, r *http.Request, v view, a act, f *web.Form, status int) error {
	h, err := s.sheet(r, v, a, f)
	if err != nil {
		return err
	}
	if status == http.StatusPreconditionFailed {
		return s.Kit.Page(w, r, status, stalePage(h))
	}
	return s.Kit.Page(w, r, status, sheetPage(h))
}

// closed says why a step cannot be taken: now by anybody, or by this reader.
func closed(d *engagement.Detail, a act) error {
	life := engagement.Lifecycle()
	if _, err := life.Next(d.State, a.do); err != nil {
		return err
	}
	if a.do == engagement.Rate && d.Rated {
		return fault.New(fault.Conflict, "need.conflict.rated")
	}
	return fault.New(fault.Denied, "fault.denied")
}

// sheet gathers what a step's page shows.
func (s *Pages) sheet(r *http.Request, v view, a act, f *web.Form) (*sheet, error) {
	h, ctx, by := &sheet{p: web.Page(r), v: v, a: a, f: f}, r.Context(), web.Actor(r)
	if !by.SignedIn() {
		return nil, signIn()
	}
	var err error
	if h.d, err = s.Needs.Get(ctx, by, idOf(r)); err != nil {
		return nil, err
	}
	if h.tree, err = s.Territory.Tree(ctx); err != nil {
		return nil, err
	}
	if id := r.PathValue("delivery"); id != "" {
		for i := range h.d.Deliveries {
			if h.d.Deliveries[i].ID == id {
				h.delivery = &h.d.Deliveries[i]
			}
		}
		if h.delivery == nil {
			return nil, fault.Missing()
		}
	}
	if a.papers() {
		h.files = s.Kit.Files(f, filesField)
	}
	switch a.do {
	case engagement.Assign:
		h.people, err = s.Colleagues(ctx, h.d.Office)
	case engagement.MakeOffer:
		h.found, err = s.others(r)
	case engagement.Edit:
		err = s.startEdit(r, h)
	case engagement.Deliver, engagement.Correct:
		startWork(h)
	}
	return h, err
}

// others are institutions to choose from besides those proposed: what is
// published, since the register of other places is not the reader's.
func (s *Pages) others(r *http.Request) ([]institution.Institution, error) {
	found, _, err := s.Institutions.Public(r.Context(),
		institution.Filter{Text: strings.TrimSpace(r.FormValue("q"))}, engagement.Page{Limit: 50})
	return found, err
}

// startEdit fills the edit form with the need as it is. The contact is in it
// only for those who asked: nobody else reads it by the way.
func (s *Pages) startEdit(r *http.Request, h *sheet) error {
	n := &h.d.Need
	h.f.Start("theme", string(n.Theme)).Start("title", n.Title).Start("text", n.Text).Start("wanted_by", n.WantedBy)
	if n.Amount > 0 {
		h.f.Start("amount", ui.Wan(n.Amount))
	}
	if n.Months > 0 {
		h.f.Start("months", strconv.Itoa(n.Months))
	}
	kinds := make([]string, len(n.Collateral))
	for i, k := range n.Collateral {
		kinds[i] = string(k)
	}
	h.f.Start("collateral", kinds...)
	if h.v != asking {
		return nil
	}
	c, err := s.Needs.Contact(r.Context(), web.Actor(r), n.ID)
	if err != nil {
		return err
	}
	h.contact = &c
	h.f.Start("contact_name", c.Name).Start("contact_post", c.Post).Start("contact_phone", c.Phone)
	return nil
}

// startWork begins with what is most likely: today, the theme of the need, or
// the delivery as it was recorded.
func startWork(h *sheet) {
	work := engagement.Work{On: h.p.Now.In(ui.Shanghai()).Format("2006-01-02"), Theme: h.d.Theme, Quantity: 1}
	if h.delivery != nil {
		work = h.delivery.Work
	}
	f := h.f.Start("on", work.On).Start("theme", string(work.Theme)).Start("form", string(work.Form)).
		Start("quantity", strconv.FormatInt(work.Quantity, 10)).Start("text", work.Text).
		Start("reach", work.Reach).Start("crowd", work.Crowd).Start("rhythm", work.Rhythm).Start("topic", work.Topic)
	if work.Amount > 0 {
		f.Start("amount", ui.Wan(work.Amount))
	}
}

// offices are those a need can be referred to: all on the way from its town to
// the province, but the one that has it.
func offices(p web.P, tree *territory.Tree, n *engagement.Need) []ui.Option {
	var all []ui.Option
	for _, c := range n.Region.Path() {
		if c != n.Office {
			all = append(all, ui.Option{Value: string(c), Label: office(p, tree, c), Hint: hintUpDown(p, c, n.Office)})
		}
	}
	return all
}

func hintUpDown(p web.P, to, from region.Code) string {
	if to.Level() < from.Level() {
		return p.T("ask.refer.up")
	}
	return p.T("ask.refer.down")
}

// options are codes with their names to choose from.
func options[T ~string](p web.P, all []T, key func(T) string) []ui.Option {
	out := make([]ui.Option, len(all))
	for i, v := range all {
		out[i] = ui.Option{Value: string(v), Label: p.T(key(v))}
	}
	return out
}

// hinted adds a line of explanation to options where the catalogue has one.
func hinted(p web.P, all []ui.Option, prefix string) []ui.Option {
	for i := range all {
		if key := prefix + all[i].Value + ".about"; text.Has(key) {
			all[i].Hint = p.T(key)
		}
	}
	return all
}
