package parkweb

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// The areas of the forms; the small ones of a page share one.
const (
	profileArea = "parks.profile"
	houseArea   = "parks.house"
	stepArea    = "parks.step"
)

// removeField carries the photos to be taken off, by their ids.
const removeField = "remove"

// office reports whether an official reads, not those who run a park.
func office(by authz.Actor) bool { return len(by.Regions(park.See)) > 0 }

func benchHref(id park.ID) string { return "/bench/parks/" + string(id) }

// list is the parks within the reader's reach.
func (s *Pages) list(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Holder(by, park.See); err != nil {
		return err
	}
	t, err := s.places(r)
	if err != nil {
		return err
	}
	t.Top = web.Top(by, park.See, s.Home)
	v := listView{desk: office(by), Filters: web.Filters{Path: "/bench/parks", Query: r.URL.Query()}, t: t, may: by.Somewhere}
	f, scope := FilterOf(v.Query), by.Scope(park.See)
	if v.list, v.next, err = s.Parks.List(r.Context(), scope, f, web.PageOf(v.Query)); err != nil {
		return err
	}
	if v.total, err = s.Parks.Count(r.Context(), scope, f); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, listPage(web.Page(r), v))
}

// parkView is one park at the desk.
type parkView struct {
	park.Detail
	web.Acts
	t       places
	desk    bool // an office reads, not those who run the park
	may     func(authz.Permission) bool
	tenants []park.Tenancy
	more    string // cursor of the tenants' next page
	photos  ui.Files
	house   string // the building whose form this is, empty for a new one
}

func (s *Pages) parkView(r *http.Request, f *web.Form, do string) (parkView, error) {
	by := web.Actor(r)
	var v parkView
	if err := web.Holder(by, park.See); err != nil {
		return v, err
	}
	var err error
	if v.t, err = s.places(r); err != nil {
		return v, err
	}
	if v.Detail, err = s.Parks.Get(r.Context(), by.Scope(park.See), park.ID(r.PathValue("id"))); err != nil {
		return v, err
	}
	v.desk, v.may = office(by), func(p authz.Permission) bool { return by.May(p, v.On(p, s.Home)) }
	v.Acts = web.Acts{Form: f, Do: do, Path: benchHref(v.ID), Version: v.Detail.Version}
	v.photos = s.Kit.Files(f, files.Field)
	v.tenants, v.more, err = s.Parks.Tenants(r.Context(), by.Scope(park.See), park.TenantFilter{Park: v.ID},
		web.ListPage{50, r.URL.Query().Get("after")})
	return v, err
}

func (s *Pages) show(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, stepArea)
	if err != nil {
		return err
	}
	v, err := s.parkView(r, f, "")
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, showPage(web.Page(r), v))
}

// step does one of the small acts: publish, hide, end, grade, ungrade, tenant.
func (s *Pages) step(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, stepArea)
	if err != nil {
		return err
	}
	do := r.PathValue("do")
	if err = s.act(r, f, do); f.Refused(err) {
		return s.again(w, r, f, do)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "parks.step."+do+".done")
	return web.SeeOther(w, r, benchHref(park.ID(r.PathValue("id"))))
}

// again is the page with the form that has something to correct.
func (s *Pages) again(w http.ResponseWriter, r *http.Request, f *web.Form, do string) error {
	v, err := s.parkView(r, f, do)
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, f.Status(), showPage(web.Page(r), v))
}

func (s *Pages) act(r *http.Request, f *web.Form, do string) error {
	ctx, by, id, version := r.Context(), web.Actor(r), park.ID(r.PathValue("id")), int(f.Int("version"))
	var err error
	switch do {
	case "publish", "hide":
		_, err = s.Parks.Publish(ctx, by, id, version, do == "publish")
	case "end":
		_, err = s.Parks.End(ctx, by, id, version, web.FormDay(f, "day"), f.Long("reason"))
	case "grade":
		_, err = s.Parks.SetGrade(ctx, by, id, version, park.Term{
			Grade: park.Grade(f.Text("grade")), From: web.FormDay(f, "from"), To: web.FormDay(f, "to"), Document: f.Text("document"),
		})
	case "ungrade":
		_, err = s.Parks.EndGrade(ctx, by, id, version, park.Grade(f.Text("grade")), web.FormDay(f, "day"), f.Long("reason"))
	case "tenant":
		_, err = s.Parks.Enter(ctx, by, id, park.Arrival{
			Code: f.Text("code"), Building: f.Text("building"), Area: web.FormNumber(f, "area", f.Int), On: web.FormDay(f, "on"), Note: f.Text("note"),
		}, f.Once())
	default:
		err = fault.Missing()
	}
	return err
}

// savePhotos brings photos and takes them off.
func (s *Pages) savePhotos(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, stepArea)
	if err != nil {
		return err
	}
	p := files.Papers{Remove: f.Many(removeField)}
	if p.Add, err = s.Kit.Receive(r, f, files.Field); err != nil {
		return err
	}
	if err = f.Err(); err == nil {
		_, err = s.Parks.SetPhotos(r.Context(), web.Actor(r), park.ID(r.PathValue("id")), int(f.Int("version")), p)
	}
	if f.Refused(err) {
		return s.again(w, r, f, "photos")
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "parks.photos.done")
	return web.SeeOther(w, r, benchHref(park.ID(r.PathValue("id"))))
}

// profileView is the form of a park.
type profileView struct {
	Form   *web.Form
	t      places
	action string
	back   string
	fresh  bool
	desk   bool // an office says where it lies and who runs it
}

func profileOf(f *web.Form) park.Profile {
	p := park.Profile{
		Name: f.Text("name"), Region: region.Code(f.Text("region")), Developer: f.Text("developer"),
		Operator: f.Text("operator"),
		Land:     web.FormNumber(f, "land", f.Int), Works: worksOf(f), About: f.Long("about"), Address: f.Text("address"),
	}
	for _, k := range f.Many("facilities") {
		p.Facilities = append(p.Facilities, park.Facility(k))
	}
	return p
}

func worksOf(f *web.Form) park.Works {
	return park.Works{Planned: web.FormDay(f, "planned_on"), Begun: web.FormDay(f, "begun_on"), Done: web.FormDay(f, "done_on")}
}

func (s *Pages) profilePage(w http.ResponseWriter, r *http.Request, status int, v profileView) error {
	var err error
	if v.t, err = s.places(r); err != nil {
		return err
	}
	v.t.Top = web.Top(web.Actor(r), park.Register, s.Home)
	return s.Kit.Page(w, r, status, profilePage(web.Page(r), v))
}

// nobody is no institution: the register refuses it, and says all else that is
// wrong with the form.
const nobody institution.ID = "?"

// operator is the institution of the register that was typed as who runs a park:
// by its full name, or a part of it that no other has. The one that runs it now is
// known by its name even where the reader may not see it or it has ended. What
// does not name one is wrong at its field.
func (s *Pages) operator(r *http.Request, f *web.Form, now park.Detail) (institution.ID, error) {
	name := f.Text("operator_id")
	if name == "" {
		return "", nil
	}
	if now.OperatorID != "" && name == now.RunBy {
		return now.OperatorID, nil
	}
	all, err := s.Institutions.Called(r.Context(), web.Actor(r).Scope(institution.See), name)
	switch {
	case err != nil:
		return "", err
	case len(all) == 1:
		return all[0].ID, nil
	case len(all) == 0:
		f.Wrong("operator_id", "parks.profile.operator.unknown", "name", name)
	default:
		var names []string
		for _, i := range all[:min(len(all), 5)] {
			names = append(names, i.Name)
		}
		f.Wrong("operator_id", "parks.profile.operator.several", "names", strings.Join(names, "、"))
	}
	return nobody, nil
}

var freshPark = profileView{action: "/bench/parks/new", back: "/bench/parks", fresh: true, desk: true}

func (s *Pages) enter(w http.ResponseWriter, r *http.Request) error {
	if err := web.Staff(web.Actor(r), park.Register); err != nil {
		return err
	}
	v := freshPark
	var err error
	if v.Form, err = s.Kit.Form(r, profileArea); err != nil {
		return err
	}
	return s.profilePage(w, r, http.StatusOK, v)
}

func (s *Pages) saveEntry(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, park.Register); err != nil {
		return err
	}
	v := freshPark
	var err error
	if v.Form, err = s.Kit.Form(r, profileArea); err != nil {
		return err
	}
	in := profileOf(v.Form)
	if in.OperatorID, err = s.operator(r, v.Form, park.Detail{}); err != nil {
		return err
	}
	p, err := s.Parks.Register(r.Context(), by, in, v.Form.Once())
	if taken(v.Form, err) || v.Form.Refused(err) {
		return s.profilePage(w, r, v.Form.Status(), v)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "parks.profile.done")
	return web.SeeOther(w, r, benchHref(p.ID))
}

// taken puts the conflict of a name at its field.
func taken(f *web.Form, err error) bool {
	if !fault.Is(err, fault.Conflict) {
		return false
	}
	f.Wrong("name", "parks.name.taken")
	return true
}

func (s *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, profileArea)
	if err != nil {
		return err
	}
	v, err := s.parkView(r, f, "")
	if err != nil {
		return err
	}
	f.Start("name", v.Name).Start("region", string(v.Region)).Start("developer", v.Developer).Start("operator", v.Operator)
	if v.OperatorID != "" {
		f.Start("operator_id", v.RunBy)
	}
	f.Start("planned_on", v.Planned).Start("begun_on", v.Begun).Start("done_on", v.Done).Start("about", v.About).Start("address", v.Address)
	f.Start("version", strconv.Itoa(v.Detail.Version))
	if v.Land > 0 {
		f.Start("land", strconv.FormatInt(v.Land, 10))
	}
	var have []string
	for _, k := range v.Facilities {
		have = append(have, string(k))
	}
	f.Start("facilities", have...)
	return s.profilePage(w, r, http.StatusOK, profileView{Form: f, action: benchHref(v.ID) + "/edit", back: benchHref(v.ID), desk: v.desk})
}

func (s *Pages) saveEdit(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, profileArea)
	if err != nil {
		return err
	}
	id := park.ID(r.PathValue("id"))
	old, err := s.parkView(r, f, "")
	if err != nil {
		return err
	}
	in := profileOf(f)
	if !old.desk { // who runs it leaves it where it is, and hands it on to nobody
		in.OperatorID, in.Region = old.OperatorID, old.Region
	} else if in.OperatorID, err = s.operator(r, f, old.Detail); err != nil {
		return err
	}
	_, err = s.Parks.Edit(r.Context(), web.Actor(r), id, int(f.Int("version")), in)
	if taken(f, err) || f.Refused(err) {
		f.Renew(old.Detail.Version)
		return s.profilePage(w, r, f.Status(), profileView{Form: f, action: benchHref(id) + "/edit", back: benchHref(id), desk: old.desk})
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "parks.profile.done")
	return web.SeeOther(w, r, benchHref(id))
}

// building is the form of a building; ?house= names one to change.
func (s *Pages) building(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, houseArea)
	if err != nil {
		return err
	}
	v, err := s.parkView(r, f, "")
	if err != nil {
		return err
	}
	id := r.URL.Query().Get("house")
	for _, h := range v.Buildings {
		if h.ID != id {
			continue
		}
		f.Start("name", h.Name).Start("kind", string(h.Kind)).Start("floors", itoa(h.Floors)).Start("area", strconv.FormatInt(h.Area, 10))
		f.Start("planned_on", h.Planned).Start("begun_on", h.Begun).Start("done_on", h.Done).Start("version", itoa(h.Version)).Start("house", h.ID)
	}
	if id != "" && f.Raw("house") == "" {
		return fault.Missing()
	}
	v.onHouse()
	return s.Kit.Page(w, r, http.StatusOK, housePage(web.Page(r), v))
}

func (s *Pages) saveBuilding(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, houseArea)
	if err != nil {
		return err
	}
	v, err := s.parkView(r, f, "")
	if err != nil {
		return err
	}
	v.onHouse()
	in := park.House{
		Name: f.Text("name"), Kind: park.Kind(f.Text("kind")), Floors: int(web.FormNumber(f, "floors", f.Int)), Area: web.FormNumber(f, "area", f.Int), Works: worksOf(f),
	}
	if id := f.Text("house"); id != "" {
		_, err = s.Parks.EditBuilding(r.Context(), web.Actor(r), id, int(f.Int("version")), in)
	} else {
		_, err = s.Parks.AddBuilding(r.Context(), web.Actor(r), v.ID, in, f.Once())
	}
	if f.Refused(err) {
		for _, h := range v.Buildings {
			if h.ID == f.Raw("house") {
				f.Renew(h.Version)
			}
		}
		return s.Kit.Page(w, r, f.Status(), housePage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "parks.house.done")
	return web.SeeOther(w, r, benchHref(v.ID))
}

// onHouse lets the acts of the page be those on the building of its form.
func (v *parkView) onHouse() {
	v.house = v.Form.Raw("house")
	v.Path += "/buildings"
	v.Version, _ = strconv.Atoi(v.Form.Raw("version"))
}

// removeBuilding takes away a building that was entered by mistake.
func (s *Pages) removeBuilding(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, houseArea)
	if err != nil {
		return err
	}
	v, err := s.parkView(r, f, "")
	if err != nil {
		return err
	}
	id := f.Text("house")
	if !slices.ContainsFunc(v.Buildings, func(h park.House) bool { return h.ID == id }) {
		return fault.Missing()
	}
	if err := s.Parks.RemoveBuilding(r.Context(), web.Actor(r), id, int(f.Int("version"))); err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "parks.house.removed")
	return web.SeeOther(w, r, benchHref(v.ID))
}

// tenantView is one tenant at the desk.
type tenantView struct {
	park.Tenancy
	web.Acts
	of     park.Park
	houses []park.House
	desk   bool
	may    func(authz.Permission) bool
}

const tenantArea = "parks.tenant"

func (s *Pages) tenantView(r *http.Request, f *web.Form, do string) (tenantView, error) {
	by := web.Actor(r)
	var v tenantView
	if err := web.Holder(by, park.See); err != nil {
		return v, err
	}
	var err error
	if v.Tenancy, v.of, err = s.Parks.Tenant(r.Context(), by.Scope(park.See), r.PathValue("id")); err != nil {
		return v, err
	}
	d, err := s.Parks.Get(r.Context(), by.Scope(park.See), v.Park)
	v.houses = d.Buildings
	v.Acts = web.Acts{Form: f, Do: do, Path: "/bench/tenants/" + v.ID, Version: v.Tenancy.Version}
	v.desk, v.may = office(by), func(p authz.Permission) bool { return !v.Undone && by.May(p, v.of.Target()) }
	return v, err
}

func (s *Pages) tenant(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, tenantArea)
	if err != nil {
		return err
	}
	v, err := s.tenantView(r, f, "")
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, tenantPage(web.Page(r), v))
}

// tenantStep does one of grow, leave, undo.
func (s *Pages) tenantStep(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, tenantArea)
	if err != nil {
		return err
	}
	ctx, by, id, do, version := r.Context(), web.Actor(r), r.PathValue("id"), r.PathValue("do"), int(f.Int("version"))
	switch do {
	case "grow":
		_, err = s.Parks.Grow(ctx, by, id, version, f.Text("building"), web.FormNumber(f, "area", f.Int), web.FormDay(f, "on"))
	case "leave":
		_, err = s.Parks.Leave(ctx, by, id, version, web.FormDay(f, "on"), park.Way(f.Text("way")), f.Text("note"))
	case "undo":
		_, err = s.Parks.Undo(ctx, by, id, version, f.Long("reason"))
	default:
		err = fault.Missing()
	}
	if f.Refused(err) {
		v, err := s.tenantView(r, f, do)
		if err != nil {
			return err
		}
		return s.Kit.Page(w, r, f.Status(), tenantPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "parks.tenant."+do+".done")
	return web.SeeOther(w, r, "/bench/tenants/"+id)
}
