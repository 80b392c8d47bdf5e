package parkweb

import (
	"net/http"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

const planArea = "parks.plan"

// boardView is the key towns of a year on one page (重点镇进度).
type boardView struct {
	t      places
	year   int
	towns  []park.KeyTown
	may    func(authz.Permission) bool
	before int // the year before, 0 when it had no key towns
	after  int
}

// board is the key towns' progress.
func (s *Pages) board(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, park.SeePlan); err != nil {
		return err
	}
	t, err := s.places(r)
	if err != nil {
		return err
	}
	v := boardView{t: t, may: by.Somewhere}
	top := web.Top(by, park.SeePlan, s.Home)
	now, _ := strconv.Atoi(t.Day[:4])
	had := func(year int) bool { return len(t.KeyTowns(top, min(itoa(year)+"-12-31", t.Day))) > 0 }
	if v.year, err = strconv.Atoi(r.URL.Query().Get("year")); err != nil || v.year < 1990 || v.year > now {
		if v.year, err = s.lastOf(r, top, now, had); err != nil {
			return err
		}
	}
	if v.year > 1990 && had(v.year-1) {
		v.before = v.year - 1
	}
	if v.year < now && had(v.year+1) {
		v.after = v.year + 1
	}
	if v.towns, err = s.Parks.KeyTowns(r.Context(), top, v.year); err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, boardPage(web.Page(r), v))
}

// lastOf is the year the board begins with: this one if it has key towns, else the
// newest with plans, else the newest that had key towns.
func (s *Pages) lastOf(r *http.Request, top region.Code, now int, had func(int) bool) (int, error) {
	if had(now) {
		return now, nil
	}
	year, err := s.Parks.LastPlanned(r.Context(), top)
	if year != 0 || err != nil {
		return min(year, now), err
	}
	for year = now; year > 1990 && !had(year); year-- {
	}
	return year, nil
}

// planOf reads the form of a plan, new or revised.
func planOf(f *web.Form) park.Plan {
	return park.Plan{
		Region: region.Code(f.Text("region")), Year: int(web.FormNumber(f, "year", f.Int)), Title: f.Text("title"),
		Land: web.FormNumber(f, "land", f.Int), FloorArea: web.FormNumber(f, "floor_area", f.Int), Parks: int(web.FormNumber(f, "parks", f.Int)),
		Text: f.Long("text"),
	}
}

func (s *Pages) draft(w http.ResponseWriter, r *http.Request) error {
	if err := web.Staff(web.Actor(r), park.SubmitPlan); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, planArea)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f.Start("region", q.Get("town")).Start("year", s.Kit.Clock().Format("2006"))
	return s.draftPage(w, r, http.StatusOK, f)
}

func (s *Pages) draftPage(w http.ResponseWriter, r *http.Request, status int, f *web.Form) error {
	t, err := s.places(r)
	if err != nil {
		return err
	}
	t.Top = web.Top(web.Actor(r), park.SubmitPlan, s.Home)
	return s.Kit.Page(w, r, status, draftPage(web.Page(r), f, t, s.Kit.Files(f, files.Field)))
}

func (s *Pages) submit(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.Staff(by, park.SubmitPlan); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, planArea)
	if err != nil {
		return err
	}
	var papers files.Papers
	if papers.Add, err = s.Kit.Receive(r, f, files.Field); err != nil {
		return err
	}
	var p park.Plan
	if err = f.Err(); err == nil {
		p, err = s.Parks.SubmitPlan(r.Context(), by, planOf(f), papers, f.Once())
	}
	if f.Refused(err) {
		return s.draftPage(w, r, f.Status(), f)
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "parks.plan.submit.done")
	return web.SeeOther(w, r, planHref(p.ID))
}

func planHref(id string) string { return "/bench/parkplans/" + id }

// planView is one plan at the desk.
type planView struct {
	park.PlanDetail
	web.Acts
	t     places
	steps []flow.Step
}

func (s *Pages) planView(r *http.Request, f *web.Form, do string) (planView, error) {
	by := web.Actor(r)
	var v planView
	if err := web.Staff(by, park.SeePlan); err != nil {
		return v, err
	}
	var err error
	if v.t, err = s.places(r); err != nil {
		return v, err
	}
	v.PlanDetail, err = s.Parks.Plan(r.Context(), by.Scope(park.SeePlan), r.PathValue("id"))
	v.Acts = web.Acts{Form: f, Do: do, Path: planHref(v.ID), Version: v.PlanDetail.Version}
	v.steps = park.MayPlan(by, &v.Plan)
	return v, err
}

func (s *Pages) plan(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Kit.Form(r, planArea)
	if err != nil {
		return err
	}
	v, err := s.planView(r, f, "")
	if err != nil {
		return err
	}
	return s.Kit.Page(w, r, http.StatusOK, planPage(web.Page(r), v))
}

// planStep does one of opine, return, revise, approve, withdraw.
func (s *Pages) planStep(w http.ResponseWriter, r *http.Request) error {
	if err := web.SignedIn(web.Actor(r)); err != nil {
		return err
	}
	f, err := s.Kit.Form(r, planArea)
	if err != nil {
		return err
	}
	do := r.PathValue("do")
	if err = s.planAct(r, f, do); f.Refused(err) {
		v, err := s.planView(r, f, do)
		if err != nil {
			return err
		}
		return s.Kit.Page(w, r, f.Status(), planPage(web.Page(r), v))
	}
	if err != nil {
		return err
	}
	s.Kit.Flash(w, r, ui.OK, "parks.plan."+do+".done")
	return web.SeeOther(w, r, planHref(r.PathValue("id")))
}

func (s *Pages) planAct(r *http.Request, f *web.Form, do string) error {
	ctx, by, id, version := r.Context(), web.Actor(r), r.PathValue("id"), int(f.Int("version"))
	var err error
	switch do {
	case "opine":
		_, err = s.Parks.GiveOpinion(ctx, by, id, version, park.Opinion{
			Expert: f.Text("expert"), Post: f.Text("post"), Verdict: park.Verdict(f.Text("verdict")), Words: f.Long("words"),
		})
	case "return":
		_, err = s.Parks.ReturnPlan(ctx, by, id, version, f.Long("reason"))
	case "withdraw":
		_, err = s.Parks.WithdrawPlan(ctx, by, id, version, f.Long("reason"))
	case "approve":
		_, err = s.Parks.ApprovePlan(ctx, by, id, version, f.Text("document"))
	case "revise":
		_, err = s.Parks.RevisePlan(ctx, by, id, version, planOf(f), f.Long("note"), files.Papers{})
	default:
		err = fault.Missing()
	}
	return err
}

// planFile gives a document of a plan away to whoever sees the plan.
func (s *Pages) planFile(w http.ResponseWriter, r *http.Request) error {
	by := web.Actor(r)
	if err := web.SignedIn(by); err != nil {
		return err
	}
	f, data, err := s.Parks.OpenPlanFile(r.Context(), by, r.PathValue("id"), r.PathValue("file"))
	if err != nil {
		return err
	}
	return s.Kit.Download(w, r, web.Download{Name: f.Name, Type: f.Type, Data: data})
}
