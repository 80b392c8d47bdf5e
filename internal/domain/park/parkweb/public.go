package parkweb

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// listView is a page of parks, public or at the desk.
type listView struct {
	web.Filters
	t     places
	list  []park.Park
	total int
	next  string
	desk  bool // an office reads, not those who run parks
	may   func(authz.Permission) bool
}

// directory is the public list of parks with their vacant space.
func (s *Pages) directory(w http.ResponseWriter, r *http.Request) error {
	t, err := s.places(r)
	if err != nil {
		return err
	}
	v := listView{Filters: web.Filters{Path: "/parks", Query: r.URL.Query()}, t: t}
	f := FilterOf(v.Query)
	if v.list, v.next, err = s.Parks.Public(r.Context(), f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.total, err = s.Parks.CountPublic(r.Context(), f); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, directoryPage(web.Page(r), v))
}

// spaceView is a page of vacant space.
type spaceView struct {
	web.Filters
	t     places
	list  []park.Vacancy
	next  string
	total int
}

// vacancies is the vacant space of published parks (空置厂房).
func (s *Pages) vacancies(w http.ResponseWriter, r *http.Request) error {
	t, err := s.places(r)
	if err != nil {
		return err
	}
	v := spaceView{Filters: web.Filters{Path: "/parks/space", Query: r.URL.Query()}, t: t}
	least, err := strconv.ParseInt(strings.TrimSpace(v.Query.Get("area")), 10, 64)
	if err != nil || least < 0 { // what is no number asks for any
		least = 0
	}
	asked := park.Asked{Region: region.Code(v.Query.Get("place")), Kind: park.Kind(v.Query.Get("kind")), Area: least}
	if v.list, v.next, err = s.Parks.Vacancies(r.Context(), asked, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.total, err = s.Parks.CountVacancies(r.Context(), asked); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, vacanciesPage(web.Page(r), v))
}

// public is one park as anyone sees it.
func (s *Pages) public(w http.ResponseWriter, r *http.Request) error {
	t, err := s.places(r)
	if err != nil {
		return err
	}
	d, err := s.Parks.Published(r.Context(), park.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, publicPage(web.Page(r), d, t))
}

// photo gives a photo away: of a published park to everybody.
func (s *Pages) photo(w http.ResponseWriter, r *http.Request) error {
	f, data, err := s.Parks.OpenPhoto(r.Context(), web.Actor(r), park.ID(r.PathValue("id")), r.PathValue("file"))
	if err != nil {
		return err
	}
	return s.Kit.Download(w, r, web.Download{Name: f.Name, Type: f.Type, Data: data})
}

// firm is the enterprise that the reader acts for.
func firm(r *http.Request, may authz.Permission) (enterprise.ID, error) {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return "", err
	}
	ids := by.Parties(authz.Enterprise, may)
	id := r.URL.Query().Get("e")
	if id == "" && len(ids) > 0 {
		id = ids[0]
	}
	if !slices.Contains(ids, id) {
		return "", fault.New(fault.NotFound, "parks.own.none")
	}
	return enterprise.ID(id), nil
}

const seekArea = "parks.seek"

// seek is the form of a search; ?building= names one that the reader has seen.
// Who acts for no enterprise is told how to come to one.
func (s *Pages) seek(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if by.SignedIn() && r.URL.Query().Get("e") == "" && len(by.Parties(authz.Enterprise, park.Seek)) == 0 {
		return s.Kit.Page(w, r, http.StatusOK, seekNobodyPage(web.Page(r)))
	}
	if _, err := firm(r, park.Seek); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, seekArea)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f.Start("kind", q.Get("kind")).Start("county", q.Get("county")).Start("building", q.Get("building"))
	return s.seekPage(w, r, http.StatusOK, f)
}

func (s *Pages) seekPage(w http.ResponseWriter, r *http.Request, status int, f *web.Form) error {
	t, err := s.places(r)
	if err != nil {
		return err
	}
	v := seekView{Form: f, t: t}
	if building := f.Raw("building"); building != "" {
		list, _, err := s.Parks.Vacancies(r.Context(), park.Asked{Building: building}, web.ListPage{Limit: 1})
		if err != nil {
			return err
		}
		if len(list) > 0 {
			v.chosen = &list[0]
		}
	}
	return s.Kit.Page(w, r, status, seekPage(web.Page(r), v))
}

// seekView is the form by which space is sought, or one building applied for.
type seekView struct {
	*web.Form
	t      places
	chosen *park.Vacancy // nil for any that fits
}

func (v seekView) title(p web.P) string {
	if v.chosen != nil {
		return p.T("parks.apply")
	}
	return p.T("parks.seek.title")
}

// saveWish posts the search, and applies for the building that was seen.
func (s *Pages) saveWish(w http.ResponseWriter, r *http.Request) error {
	e, err := firm(r, park.Seek)
	if err != nil {
		return err
	}
	f, err := s.Kit.Form(r, seekArea)
	if err != nil {
		return err
	}
	in := park.Want{Kind: park.Kind(f.Text("kind")), Area: web.FormNumber(f, "area", f.Int), By: web.FormDay(f, "by"), Text: f.Long("text")}
	wish, err := s.Parks.Seek(r.Context(), web.Actor(r), e, region.Code(f.Text("county")), in, f.Once())
	if f.Refused(err) {
		return s.seekPage(w, r, f.Status(), f)
	}
	if err != nil {
		return err
	}
	said := "parks.seek.done"
	if building := f.Text("building"); building != "" { // the one the reader came from, while it has room
		switch _, err := s.Parks.Apply(r.Context(), web.Actor(r), wish.ID, wish.Version, building); {
		case err == nil:
			said = "parks.wish.apply.done"
		case fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict):
			said = "parks.seek.full"
		default:
			return err
		}
	}
	s.Kit.Flash(w, r, ui.OK, said)
	return web.SeeOther(w, r, "/space/"+wish.ID)
}

// own is what the reader's enterprise seeks and has applied for.
func (s *Pages) own(w http.ResponseWriter, r *http.Request) error {
	e, err := firm(r, park.SeeWish)
	if err != nil {
		return err
	}
	t, err := s.places(r)
	if err != nil {
		return err
	}
	list, _, err := s.Parks.Wishes(r.Context(), web.Actor(r).Scope(park.SeeWish), park.WishFilter{Enterprise: e}, web.ListPage{Limit: 100})
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, ownPage(web.Page(r), list, t))
}

// wishView is one search, from the side of whoever reads it.
type wishView struct {
	park.WishDetail
	web.Acts
	t     places
	steps []flow.Step
	desk  bool // an office reads
	own   bool // those who seek read
}

const wishArea = "parks.wish"

func (s *Pages) wishView(r *http.Request, f *web.Form, do string) (wishView, error) {
	by := web.Actor(r)
	var v wishView
	if err := web.SignedIn(by); err != nil {
		return v, err
	}
	var err error
	if v.t, err = s.places(r); err != nil {
		return v, err
	}
	if v.WishDetail, err = s.Parks.Wish(r.Context(), by.Scope(park.SeeWish), r.PathValue("id")); err != nil {
		return v, err
	}
	v.Acts = web.Acts{Form: f, Do: do, Path: "/space/" + v.ID, Version: v.WishDetail.Version}
	v.steps = park.MayWish(by, &v.Wish)
	v.desk, v.own = office(by), by.May(park.Withdraw, authz.Target{}.Of(authz.Enterprise, string(v.Enterprise)))
	return v, nil
}

func (s *Pages) wish(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, wishArea)
	if err != nil {
		return err
	}
	v, err := s.wishView(r, f, "")
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, wishPage(web.Page(r), v))
}

// wishStep takes one step: apply, accept, refuse, movein, withdraw.
func (s *Pages) wishStep(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, wishArea)
	if err != nil {
		return err
	}
	ctx, by, id, do, version := r.Context(), web.Actor(r), r.PathValue("id"), r.PathValue("do"), int(f.Int("version"))
	if err := web.SignedIn(by); err != nil {
		return err
	}
	switch do {
	case "apply":
		_, err = s.Parks.Apply(ctx, by, id, version, f.Text("building"))
	case "accept":
		_, err = s.Parks.Accept(ctx, by, id, version, f.Long("note"))
	case "refuse":
		_, err = s.Parks.Refuse(ctx, by, id, version, f.Long("reason"))
	case "movein":
		_, err = s.Parks.MoveIn(ctx, by, id, version, web.FormDay(f, "on"))
	case "withdraw":
		_, err = s.Parks.Withdraw(ctx, by, id, version)
	default:
		err = fault.Missing()
	}
	if f.Refused(err) {
		v, err := s.wishView(r, f, do)
		if err != nil {
			return err
		}
		return s.Kit.Page(w, r, f.Status(), wishPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "parks.wish."+do+".done")
	if do == "refuse" { // it may be out of the park's sight now
		return web.SeeOther(w, r, "/bench/space")
	}
	return web.SeeOther(w, r, "/space/"+id)
}

// wishes are the searches and applications at the reader's desk.
func (s *Pages) wishes(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Holder(by, park.SeeWish); err != nil {
		return err
	}
	t, err := s.places(r)
	if err != nil {
		return err
	}
	v := wishesView{Filters: web.Filters{Path: "/bench/space", Query: r.URL.Query()}, t: t, desk: office(by)}
	f := park.WishFilter{Open: v.Query.Get("all") == "", Region: region.Code(v.Query.Get("place"))}
	if v.list, v.next, err = s.Parks.Wishes(r.Context(), by.Scope(park.SeeWish), f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.total, err = s.Parks.CountWishes(r.Context(), by.Scope(park.SeeWish), f); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, wishesPage(web.Page(r), v))
}

// wishesView is a page of searches and applications.
type wishesView struct {
	web.Filters
	t     places
	list  []park.Wish
	next  string
	total int
	desk  bool
}
