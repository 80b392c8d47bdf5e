package techplatformweb

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// minutes reads a time of the day as it stands in a choice, 09:30; what is none
// is below zero, which the domain refuses.
func minutes(f *web.Form, name string) int {
	h, m, ok := strings.Cut(f.Text(name), ":")
	hours, err1 := strconv.Atoi(h)
	rest, err2 := strconv.Atoi(m)
	if !ok || err1 != nil || err2 != nil || hours < 0 || rest < 0 || rest > 59 {
		return -1
	}
	return hours*60 + rest
}

func slotOf(f *web.Form) techplatform.Slot {
	return techplatform.Slot{Day: web.FormDay(f, "day"), From: minutes(f, "from"), To: minutes(f, "to")}
}

// timed calls the span of a form hours, not days.
func timed(f *web.Form) *web.Form {
	return f.Named("from", "tech.form.from_time").Named("to", "tech.form.to_time")
}

// hours are the half hours of a day from one time to another, to choose from.
func hours(from, to int) []ui.Option {
	var list []ui.Option
	for m := from; m <= to; m += 30 {
		list = append(list, ui.Option{Value: techplatform.Clock(m), Label: techplatform.Clock(m)})
	}
	return list
}

// orderView is the form of an order.
type orderView struct {
	techplatform.Detail
	Form  *web.Form
	Firms []ui.Option // of the reader; none: only enterprises order
}

// hours are the times that an instrument of the platform may be booked at.
func (v orderView) hours() []ui.Option {
	from, to := 24*60, 0
	for _, i := range v.Instruments {
		from, to = min(from, i.Opens), max(to, i.Closes)
	}
	return hours(from, to)
}

func (s *Pages) orderView(r *http.Request) (orderView, error) {
	var v orderView
	by := web.Actor(r)
	err := web.SignedIn(by)
	if err != nil {
		return v, err
	}
	if v.Detail, err = s.Platforms.Published(r.Context(), techplatform.ID(r.PathValue("id"))); err != nil {
		return v, err
	}
	if v.Form, err = s.Kit.Form(r, area); err != nil {
		return v, err
	}
	timed(v.Form)
	v.Firms, err = s.ownFirms(r, by, techplatform.Place)
	return v, err
}

// order is the form; the address may say which service, instrument and time.
func (s *Pages) order(w http.ResponseWriter, r *http.Request) error {
	v, err := s.orderView(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	for _, name := range []string{"service", "instrument", "day", "from", "to"} {
		v.Form.Start(name, q.Get(name))
	}
	if len(v.Firms) > 0 {
		v.Form.Start("enterprise", v.Firms[0].Value)
	}
	return s.Kit.Page(w, r, http.StatusOK, orderPage(web.Page(r), v))
}

func (s *Pages) place(w http.ResponseWriter, r *http.Request) error {
	v, err := s.orderView(r)
	if err != nil {
		return err
	}
	f := v.Form
	wish := techplatform.Wish{
		Service: f.Text("service"), Title: f.Text("title"), Text: f.Long("text"), WantedBy: web.FormDay(f, "wanted_by"), Instrument: f.Text("instrument"),
	}
	if wish.Instrument != "" {
		wish.Slot = slotOf(f)
	}
	o, err := s.Platforms.Place(r.Context(), web.Actor(r), v.ID, enterprise.ID(f.Text("enterprise")), wish, f.Once())
	if taken(f, err) || f.Refused(err) {
		return s.Kit.Page(w, r, f.Status(), orderPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "tech.page.placed", "number", o.Number)
	return web.SeeOther(w, r, orderHref(o.ID))
}

// taken puts the conflict of a time that somebody else has at its field.
func taken(f *web.Form, err error) bool {
	e := faultOf(err)
	if e == nil || e.Key != "tech.conflict.taken" {
		return false
	}
	f.Wrong("from", e.Key, e.Args...)
	return true
}

func orderHref(id techplatform.OrderID) string { return "/orders/" + string(id) }

// ordersView is a list of orders: the reader's own, or those of the office's place.
type ordersView struct {
	web.Filters
	List   []techplatform.Order
	Total  int
	Next   string
	Office bool
	Own    []techplatform.Platform // that the reader's institutions run
	times  techplatform.Times
}

// orders are those the reader may see: an enterprise's, a platform's, an office's.
func (s *Pages) orders(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	err := web.SignedIn(by)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := ordersView{Filters: web.Filters{Path: "/orders", Query: q}, Office: len(by.Regions(techplatform.SeeOrder)) > 0}
	f := techplatform.OrderFilter{
		Platform: techplatform.ID(q.Get("platform")), State: flow.State(q.Get("state")), Text: strings.TrimSpace(q.Get("q")),
	}
	scope := by.Scope(techplatform.SeeOrder)
	if v.List, v.Next, err = s.Platforms.Orders(r.Context(), scope, f, web.PageOf(q)); err != nil {
		return err
	}
	if v.Total, err = s.Platforms.CountOrders(r.Context(), scope, f); err != nil {
		return err
	}
	var own []authz.Party
	for _, id := range by.Parties(authz.Institution, techplatform.See) {
		own = append(own, authz.Party{Kind: authz.Institution, ID: id})
	}
	if v.Own, _, err = s.Platforms.List(r.Context(), authz.Own(own...), techplatform.Filter{}, web.ListPage{}); err != nil {
		return err
	}
	if v.times, err = s.Platforms.Times(r.Context()); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, ordersPage(web.Page(r), v))
}

func (v ordersView) chips(p web.P) []ui.Filter {
	return []ui.Filter{v.Chip(p, "state", p.T("tech.page.state"), web.Options(p, techplatform.Lifecycle().States, techplatform.Lifecycle().StateKey))}
}

// orderSight is one order as its reader sees it.
type orderSight struct {
	techplatform.OrderDetail
	Form   *web.Form
	Do     string // the step whose form has something to correct
	Choose ui.Files
	Office bool
	times  techplatform.Times
}

func (v orderSight) acts() web.Acts {
	return web.Acts{Form: v.Form, Do: v.Do, Path: orderHref(v.ID), Version: v.Version}
}

// may reports whether the reader may take the step now.
func (v orderSight) may(do authz.Permission) bool {
	return slices.ContainsFunc(v.Open, func(s flow.Step) bool { return s.Do == do })
}

func (s *Pages) sight(r *http.Request, f *web.Form) (orderSight, error) {
	by := web.Actor(r)
	v := orderSight{Form: timed(f), Office: len(by.Regions(techplatform.SeeOrder)) > 0}
	err := web.SignedIn(by)
	if err == nil {
		v.OrderDetail, err = s.Platforms.Order(r.Context(), by, techplatform.OrderID(r.PathValue("id")))
	}
	v.Choose = s.Kit.Files(f, files.Field)
	if err == nil {
		v.times, err = s.Platforms.Times(r.Context())
	}
	return v, err
}

func (s *Pages) showOrder(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	v, err := s.sight(r, f)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, showOrderPage(web.Page(r), v))
}

// step takes a step of an order; what is wrong with its form is told beside it.
func (s *Pages) step(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	do := r.PathValue("do")
	if err = s.take(r, f, do); taken(f, err) || f.Refused(err) {
		v, err := s.sight(r, f)
		if err != nil {
			return err
		}
		v.Do = do
		return s.Kit.Page(w, r, f.Status(), showOrderPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "tech.page.done."+do)
	return web.SeeOther(w, r, orderHref(techplatform.OrderID(r.PathValue("id"))))
}

func (s *Pages) take(r *http.Request, f *web.Form, do string) error {
	ctx, by, id := r.Context(), web.Actor(r), techplatform.OrderID(r.PathValue("id"))
	version, reason := int(f.Int("version")), f.Long("reason")
	var err error
	switch do {
	case "accept":
		_, err = s.Platforms.Accept(ctx, by, id, version)
	case "refuse":
		_, err = s.Platforms.Refuse(ctx, by, id, version, reason)
	case "withdraw":
		_, err = s.Platforms.Withdraw(ctx, by, id, version, reason)
	case "rebook":
		_, err = s.Platforms.Rebook(ctx, by, id, version, slotOf(f))
	case "deliver":
		err = s.deliver(r, f, id, version)
	case "confirm":
		_, err = s.Platforms.Confirm(ctx, by, id, version)
	case "dispute":
		_, err = s.Platforms.Dispute(ctx, by, id, version, reason)
	case "rate":
		_, err = s.Platforms.Rate(ctx, by, id, version, techplatform.Rating{
			Score: int(web.FormNumber(f, "score", f.Int)), OnTime: f.Text("on_time") == "yes", Words: f.Long("words"),
		})
	case "take_back":
		_, err = s.Platforms.TakeBack(ctx, by, id, version, reason)
	default:
		err = fault.Missing()
	}
	return err
}

func (s *Pages) deliver(r *http.Request, f *web.Form, id techplatform.OrderID, version int) error {
	var papers files.Papers
	var err error
	if papers.Add, err = s.Kit.Receive(r, f, files.Field); err != nil {
		return err
	}
	d := techplatform.Delivery{On: web.FormDay(f, "on"), Report: f.Long("report"), Fee: web.FormNumber(f, "fee", f.Yuan), Free: f.Tick("free")}
	if err = f.Err(); err == nil {
		_, err = s.Platforms.Deliver(r.Context(), web.Actor(r), id, version, d, papers, f.Once())
	}
	return err
}

// file gives a report away to whoever sees its order.
func (s *Pages) file(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	f, data, err := s.Platforms.OpenFile(r.Context(), by, techplatform.OrderID(r.PathValue("id")), r.PathValue("file"))
	if err != nil {
		return err
	}
	return s.Kit.Download(w, r, web.Download{Name: f.Name, Type: f.Type, Data: data})
}

// attached are the reports of an order, as they are listed.
func (v orderSight) attached(p web.P) []ui.Attachment {
	list := make([]ui.Attachment, len(v.Files))
	for i, f := range v.Files {
		list[i] = ui.Attachment{
			Name: f.Name, Href: orderHref(v.ID) + "/files/" + f.ID,
			Meta: p.T(files.TypeKey(f.Type)) + " · " + ui.Bytes(f.Size) + " · " + p.Short(f.At),
		}
	}
	return list
}
