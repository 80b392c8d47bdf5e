package techplatformweb

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// faultOf is the fault that err is or wraps, nil for none.
func faultOf(err error) *fault.Error {
	e, _ := errors.AsType[*fault.Error](err)
	return e
}

// manageView is a platform as its people and the office keep it.
type manageView struct {
	techplatform.Detail
	places   places
	Form     *web.Form
	Do       string
	Works    []techplatform.Work
	Bookings []techplatform.Booking
	May      func(authz.Permission) bool
	Office   bool
	Enters   bool // what the reader enters counts at once: an office of its place
}

func manageHref(id techplatform.ID) string { return "/platforms/" + string(id) + "/manage" }

func (v manageView) acts() web.Acts {
	return web.Acts{Form: v.Form, Do: v.Do, Path: manageHref(v.ID), Version: v.Version}
}

func (s *Pages) manageView(r *http.Request, f *web.Form) (manageView, error) {
	ctx, by := r.Context(), web.Actor(r)
	v := manageView{Form: f, Office: len(by.Regions(techplatform.See)) > 0}
	err := web.SignedIn(by)
	if err != nil {
		return v, err
	}
	if v.places, err = s.places(r); err != nil {
		return v, err
	}
	if v.Detail, err = s.Platforms.Get(ctx, by.Scope(techplatform.See), techplatform.ID(r.PathValue("id"))); err != nil {
		return v, err
	}
	v.Enters = by.May(techplatform.RecordWork, authz.At(v.Region))
	v.May = func(p authz.Permission) bool { return by.May(p, v.On(p, s.Home)) }
	if v.Works, _, err = s.Platforms.Works(ctx, by.Scope(techplatform.See), techplatform.WorkFilter{Platform: v.ID}, web.ListPage{Limit: 10}); err != nil {
		return v, err
	}
	v.Bookings, err = s.Platforms.Bookings(ctx, by, v.ID, s.Kit.Today())
	return v, err
}

// manage shows a platform with all that can be done about it.
func (s *Pages) manage(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	v, err := s.manageView(r, f)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, managePage(web.Page(r), v))
}

func (s *Pages) act(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, area)
	if err != nil {
		return err
	}
	do := r.PathValue("do")
	if err = s.change(r, f, do); taken(f, err) || f.Refused(err) {
		v, err := s.manageView(r, f)
		if err != nil {
			return err
		}
		v.Do = do
		return s.Kit.Page(w, r, f.Status(), managePage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "tech.page.saved")
	return web.SeeOther(w, r, manageHref(techplatform.ID(r.PathValue("id"))))
}

func (s *Pages) change(r *http.Request, f *web.Form, do string) error {
	ctx, by, id := r.Context(), web.Actor(r), techplatform.ID(r.PathValue("id"))
	version := int(f.Int("version"))
	var err error
	switch do {
	case "edit":
		err = s.edit(r, f, id, version)
	case "founders":
		list, rows := foundersOf(f)
		_, err = s.Platforms.SetFounders(ctx, by, id, version, list)
		err = fault.Renamed(err, func(name string) string {
			if _, n, field, ok := fault.Item(name); ok {
				return "founder_" + field + rows[n]
			}
			return name
		})
	case "publish", "hide":
		_, err = s.Platforms.Publish(ctx, by, id, version, do == "publish")
	case "end":
		_, err = s.Platforms.End(ctx, by, id, version, web.FormDay(f, "day"), f.Long("reason"))
	case "level":
		_, err = s.Platforms.SetLevel(ctx, by, id, version, techplatform.Term{
			Level: techplatform.Level(f.Text("level")), From: web.FormDay(f, "from"), To: web.FormDay(f, "to"), Document: f.Text("document"),
		})
	case "service":
		_, err = s.Platforms.SetOffering(ctx, by, id, version, techplatform.Offering{
			ID: f.Text("service"), Kind: techplatform.ServiceKind(f.Text("kind")), Name: f.Text("name"), Description: f.Long("description"),
			Price: web.FormNumber(f, "price", f.Yuan), Unit: f.Text("unit"), FreeShare: int(web.FormNumber(f, "free_share", f.Int)), Ended: f.Tick("ended"),
		})
	case "instrument":
		_, err = s.Platforms.SetInstrument(ctx, by, id, version, techplatform.Instrument{
			ID: f.Text("instrument"), Name: f.Text("name"), Model: f.Text("model"), About: f.Long("about"), Price: web.FormNumber(f, "price", f.Yuan),
			Opens: minutes(f, "opens"), Closes: minutes(f, "closes"), Weekends: f.Tick("weekends"), Ended: f.Tick("ended"),
		})
	case "block":
		timed(f)
		_, err = s.Platforms.Block(ctx, by, id, version, techplatform.Booking{Instrument: f.Text("instrument"), Slot: slotOf(f), Note: f.Text("note")})
	case "unblock":
		_, err = s.Platforms.Unblock(ctx, by, id, version, f.Text("booking"))
	case "work":
		err = s.work(r, f, id)
	case "withdraw":
		work, read := picked(f.Text("work"))
		_, err = s.Platforms.WithdrawWork(ctx, by, work, read, f.Long("reason"))
	default:
		err = fault.Missing()
	}
	return err
}

// work enters a service for the enterprises of the numbers.
func (s *Pages) work(r *http.Request, f *web.Form, id techplatform.ID) error {
	w := techplatform.Work{
		Kind: techplatform.ServiceKind(f.Text("kind")), On: web.FormDay(f, "on"), Title: f.Text("title"),
		Fee: web.FormNumber(f, "fee", f.Yuan), Free: f.Tick("free"),
	}
	var err error
	if w.Enterprises, err = s.Platforms.Clients(r.Context(), f.Long("enterprises")); err != nil {
		return err
	}
	_, err = s.Platforms.RecordWork(r.Context(), web.Actor(r), id, w, f.Once())
	return err
}

// edit changes what the form shows of the profile; the rest stays.
func (s *Pages) edit(r *http.Request, f *web.Form, id techplatform.ID, version int) error {
	by := web.Actor(r)
	d, err := s.Platforms.Get(r.Context(), by.Scope(techplatform.See), id)
	if err != nil {
		return err
	}
	in := profileOf(f)
	in.Kind, in.Base, in.Institution = d.Kind, d.Base, d.Institution
	_, err = s.Platforms.Edit(r.Context(), by, id, version, in)
	return err
}

func profileOf(f *web.Form) techplatform.Profile {
	p := techplatform.Profile{
		Name: f.Text("name"), Kind: techplatform.Kind(f.Text("kind")), Institution: institution.ID(f.Text("institution")), Base: f.Text("base"),
		Industry: f.Text("industry"), Region: region.Code(f.Text("region")), Founded: web.FormDay(f, "founded"), Address: f.Text("address"), About: f.Long("about"),
	}
	for _, v := range f.Many("functions") {
		p.Functions = append(p.Functions, techplatform.Function(v))
	}
	return p
}

// rowsOfFounders is how many the form has room for.
const rowsOfFounders = 6

// foundersOf reads the rows of the form; a row without a name is nobody. rows are
// the ends of the names of each one's fields.
func foundersOf(f *web.Form) (all []techplatform.Founder, rows []string) {
	for i := range rowsOfFounders {
		n := strconv.Itoa(i + 1)
		if name := f.Text("founder_name" + n); name != "" {
			all, rows = append(all, techplatform.Founder{
				Kind: techplatform.FounderKind(f.Text("founder_kind" + n)), Name: name, What: techplatform.Contribution(f.Text("founder_what" + n)),
				Amount: web.FormNumber(f, "founder_amount"+n, f.Wan), Note: f.Text("founder_note" + n),
			}), append(rows, n)
		}
	}
	return all, rows
}

// enterView is the form of a new platform.
type enterView struct {
	Form         *web.Form
	places       places
	Institutions []ui.Option
	Bases        []ui.Option
}

func (s *Pages) enterView(r *http.Request) (enterView, error) {
	var v enterView
	ctx, by := r.Context(), web.Actor(r)
	err := web.Staff(by, techplatform.Register)
	if err != nil {
		return v, err
	}
	if v.Form, err = s.Kit.Form(r, area); err != nil {
		return v, err
	}
	if v.places, err = s.places(r); err != nil {
		return v, err
	}
	v.places.Top = web.Top(by, techplatform.Register, s.Home)
	for _, f := range []institution.Filter{{Kind: institution.TechnologyPlatform}, {Kind: institution.University}, {Demonstration: true}} {
		list, _, err := s.Institutions.List(ctx, by.Scope(institution.See), f, web.ListPage{Limit: 200})
		if err != nil {
			return v, err
		}
		for _, i := range list {
			if !slices.ContainsFunc(v.Institutions, func(o ui.Option) bool { return o.Value == string(i.ID) }) {
				v.Institutions = append(v.Institutions, ui.Option{Value: string(i.ID), Label: i.Name})
			}
		}
	}
	bases, err := s.Platforms.Bases(ctx, v.places.Top)
	for _, b := range bases {
		v.Bases = append(v.Bases, ui.Option{Value: string(b.ID), Label: b.Name})
	}
	return v, err
}

func (s *Pages) enter(w http.ResponseWriter, r *http.Request) error {
	v, err := s.enterView(r)
	if err != nil {
		return err
	}
	v.Form.Start("kind", string(techplatform.Common))
	return s.Kit.Page(w, r, http.StatusOK, enterPage(web.Page(r), v))
}

func (s *Pages) saveEntry(w http.ResponseWriter, r *http.Request) error {
	v, err := s.enterView(r)
	if err != nil {
		return err
	}
	p, err := s.Platforms.Register(r.Context(), web.Actor(r), profileOf(v.Form), nil, v.Form.Once())
	if v.Form.Refused(err) {
		return s.Kit.Page(w, r, v.Form.Status(), enterPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "tech.page.entered")
	return web.SeeOther(w, r, manageHref(p.ID))
}
