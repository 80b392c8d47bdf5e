package techplatformweb

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// noticeArea is the area of the forms of notices.
const noticeArea = "technotice.form"

func noticeHref(id string) string { return "/technology/" + id }

// noticesView is a list of notices: the public one, the desk's or one's own.
type noticesView struct {
	web.Filters
	places     places
	List       []techplatform.Notice
	Total      int
	Next       string
	Industries []ui.Option // that the list can be narrowed by
	May        bool        // the reader posts notices
	Waiting    bool        // of the desk: those alone that wait for the reader
	Intros     []techplatform.Intro
	times      techplatform.Times
	name       func(code string) string // of an industry
}

func (s *Pages) noticesView(r *http.Request, path string) (noticesView, techplatform.NoticeFilter, error) {
	p, q := web.Page(r), r.URL.Query()
	v := noticesView{
		Filters: web.Filters{Path: path, Query: q}, May: web.Actor(r).Somewhere(techplatform.SubmitNotice),
		name: func(code string) string { return s.IndustryName(p.Lang, code) },
	}
	t, err := s.places(r)
	v.places = t
	return v, techplatform.NoticeFilter{
		Side: techplatform.Side(q.Get("side")), Industry: q.Get("industry"), Region: region.Code(q.Get("place")), State: flow.State(q.Get("state")),
		Text: strings.TrimSpace(q.Get("q")),
	}, err
}

func (v noticesView) chips(p web.P) []ui.Filter {
	chips := []ui.Filter{v.Chip(p, "side", p.T("technotice.form.side"), web.Options(p, techplatform.Sides(), techplatform.Side.Key))}
	if len(v.Industries) > 0 {
		chips = append(chips, v.Chip(p, "industry", p.T("technotice.form.industry"), v.Industries))
	}
	return append(chips, v.Chip(p, "place", p.T("tech.form.region"), v.places.Counties(p)))
}

// notices is the public list of technology needs and offers (技术供需).
func (s *Pages) notices(w http.ResponseWriter, r *http.Request) error {
	v, f, err := s.noticesView(r, "/technology")
	if err != nil {
		return err
	}
	if v.List, v.Next, v.Total, err = s.Platforms.PublicNotices(r.Context(), f, web.PageOf(v.Query)); err != nil {
		return err
	}
	industries, err := s.Platforms.PublicIndustries(r.Context())
	for _, code := range industries {
		v.Industries = append(v.Industries, ui.Option{Value: code, Label: v.name(code)})
	}
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, noticesPage(web.Page(r), v))
}

// deskNotices are those that wait for the reader's review, or all of the place.
func (s *Pages) deskNotices(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, techplatform.SeeNotice); err != nil {
		return err
	}
	v, f, err := s.noticesView(r, "/bench/technology")
	if err != nil {
		return err
	}
	at := web.PageOf(v.Query)
	if v.Waiting = v.Query.Get("show") != "all"; v.Waiting {
		v.List, v.Next, v.Total, err = s.Platforms.Waiting(r.Context(), by, f, at)
	} else {
		v.List, v.Next, v.Total, err = s.Platforms.Notices(r.Context(), by.Scope(techplatform.SeeNotice), f, at)
	}
	if err != nil {
		return err
	}
	if v.times, err = s.Platforms.Times(r.Context()); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, deskNoticesPage(web.Page(r), v))
}

// ownNotices are those of the reader's enterprises and institutions, and whom
// they were introduced to.
func (s *Pages) ownNotices(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	v, f, err := s.noticesView(r, "/my/technology")
	if err != nil {
		return err
	}
	var own []authz.Party
	for _, kind := range []string{authz.Enterprise, authz.Institution} {
		for _, id := range by.Parties(kind, techplatform.SeeNotice) {
			own = append(own, authz.Party{Kind: kind, ID: id})
		}
	}
	if v.List, v.Next, v.Total, err = s.Platforms.Notices(r.Context(), authz.Own(own...), f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if len(own) > 0 {
		if v.Intros, _, err = s.Platforms.Intros(r.Context(), by, techplatform.IntroFilter{}, web.ListPage{Limit: 50}); err != nil {
			return err
		}
	}
	return s.Kit.Page(w, r, http.StatusOK, ownNoticesPage(web.Page(r), v))
}

// noticeView is one notice, or the form of a new one.
type noticeView struct {
	techplatform.NoticeDetail
	places   places
	Form     *web.Form
	Do       string      // the step whose form has something to correct
	Partners []ui.Option // in whose name the reader posts or answers
	Answered bool        // each of them is introduced already
	Office   bool
	Choose   []ui.Option              // industries
	name     func(code string) string // of an industry
	times    techplatform.Times
}

func (v noticeView) acts() web.Acts {
	return web.Acts{Form: v.Form, Do: v.Do, Path: noticeHref(v.ID), Version: v.Version}
}

// may reports whether the reader may take the step now.
func (v noticeView) may(do authz.Permission) bool {
	return slices.ContainsFunc(v.Open, func(s flow.Step) bool { return s.Do == do })
}

// partners are the enterprises and institutions that the reader speaks for.
func (s *Pages) partners(r *http.Request, by authz.Actor, may authz.Permission) ([]ui.Option, error) {
	list, err := s.ownFirms(r, by, may)
	for i := range list {
		list[i].Value = authz.Enterprise + ":" + list[i].Value
	}
	for _, id := range by.Parties(authz.Institution, may) {
		i, lost := s.Institutions.Get(r.Context(), by.Scope(institution.See), institution.ID(id))
		if fault.Is(lost, fault.NotFound) {
			continue
		}
		if lost != nil {
			return nil, lost
		}
		list = append(list, ui.Option{Value: authz.Institution + ":" + id, Label: i.Name})
	}
	return list, err
}

// partyOf reads whom a form names.
func partyOf(f *web.Form) authz.Party {
	kind, id, _ := strings.Cut(f.Text("party"), ":")
	return authz.Party{Kind: kind, ID: id}
}

func valueOf(p authz.Party) string { return p.Kind + ":" + p.ID }

func (s *Pages) noticeView(r *http.Request, f *web.Form) (noticeView, error) {
	by, p := web.Actor(r), web.Page(r)
	v := noticeView{Form: f, Office: len(by.Regions(techplatform.SeeNotice)) > 0, name: func(code string) string { return s.IndustryName(p.Lang, code) }}
	var err error
	if v.places, err = s.places(r); err != nil {
		return v, err
	}
	v.NoticeDetail, err = s.Platforms.Notice(r.Context(), by, r.PathValue("id"))
	if fault.Is(err, fault.NotFound) { // one's own is not shown before it is published
		err = cmp.Or(web.SignedIn(by), err)
	}
	if err != nil {
		return v, err
	}
	if v.may(techplatform.ReviseNotice) {
		v.Choose = s.Industries(p, v.Industry)
	}
	if v.times, err = s.Platforms.Times(r.Context()); err != nil {
		return v, err
	}
	if !v.Public(v.places.Day) {
		return v, nil
	}
	all, err := s.partners(r, by, techplatform.Express)
	v.Partners = slices.DeleteFunc(all, func(o ui.Option) bool {
		return o.Value == valueOf(v.Party) || slices.ContainsFunc(v.Intros, func(i techplatform.Intro) bool {
			return valueOf(i.Asker) == o.Value && i.State != techplatform.Parted
		})
	})
	v.Answered = len(all) > 0 && len(v.Partners) == 0
	return v, err
}

func (s *Pages) notice(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, noticeArea)
	if err != nil {
		return err
	}
	v, err := s.noticeView(r, f)
	if err != nil {
		return err
	}
	if len(v.Partners) > 0 {
		f.Start("party", v.Partners[0].Value)
	}
	return s.Kit.Page(w, r, http.StatusOK, noticePage(web.Page(r), v))
}

func noticeOf(f *web.Form) techplatform.NoticeProfile {
	return techplatform.NoticeProfile{
		Title: f.Text("title"), Text: f.Long("text"), Industry: f.Text("industry"), Amount: web.FormNumber(f, "amount", f.Yuan), Contact: f.Text("contact"),
	}
}

// actNotice takes a step of a notice, or answers it.
func (s *Pages) actNotice(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, noticeArea)
	if err != nil {
		return err
	}
	ctx, id, version, do := r.Context(), r.PathValue("id"), int(f.Int("version")), r.PathValue("do")
	to, said := noticeHref(id), "technotice.page.done."+do
	switch do {
	case "revise":
		_, err = s.Platforms.ReviseNotice(ctx, by, id, version, noticeOf(f))
	case "withdraw":
		_, err = s.Platforms.RecallNotice(ctx, by, id, version)
	case "check":
		_, err = s.Platforms.CheckNotice(ctx, by, id, version)
	case "publish":
		_, err = s.Platforms.PublishNotice(ctx, by, id, version)
	case "return":
		_, err = s.Platforms.ReturnNotice(ctx, by, id, version, f.Long("reason"))
	case "answer":
		var i techplatform.Intro
		i, err = s.Platforms.Express(ctx, by, id, partyOf(f), techplatform.Answer{Words: f.Long("words"), Contact: f.Text("contact")}, f.Once())
		to, said = introHref(i.ID), "technotice.page.answered"
	default:
		err = fault.Missing()
	}
	if f.Refused(err) {
		v, err := s.noticeView(r, f)
		if err != nil {
			return err
		}
		v.Do = do
		return s.Kit.Page(w, r, f.Status(), noticePage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, said)
	return web.SeeOther(w, r, to)
}

// newNotice is the form of a new notice.
func (s *Pages) newNotice(r *http.Request) (noticeView, error) {
	by, v := web.Actor(r), noticeView{}
	err := web.SignedIn(by)
	if err != nil {
		return v, err
	}
	if v.Form, err = s.Kit.Form(r, noticeArea); err != nil {
		return v, err
	}
	v.Choose = s.Industries(web.Page(r), "")
	v.Partners, err = s.partners(r, by, techplatform.SubmitNotice)
	return v, err
}

func (s *Pages) enterNotice(w http.ResponseWriter, r *http.Request) error {
	v, err := s.newNotice(r)
	if err != nil {
		return err
	}
	v.Form.Start("side", r.URL.Query().Get("side"))
	if len(v.Partners) > 0 {
		v.Form.Start("party", v.Partners[0].Value)
	}
	return s.Kit.Page(w, r, http.StatusOK, enterNoticePage(web.Page(r), v))
}

func (s *Pages) saveNotice(w http.ResponseWriter, r *http.Request) error {
	v, err := s.newNotice(r)
	if err != nil {
		return err
	}
	f := v.Form
	n, err := s.Platforms.SubmitNotice(r.Context(), web.Actor(r), partyOf(f), techplatform.Side(f.Text("side")), noticeOf(f), f.Once())
	if f.Refused(err) {
		return s.Kit.Page(w, r, f.Status(), enterNoticePage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "technotice.page.sent", "number", n.Number)
	return web.SeeOther(w, r, noticeHref(n.ID))
}
