package world

import (
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
)

// Parks are a place's records of parks: everywhere a park that nobody else may
// see; in Own a published one, run by its institution, with a building and a
// tenant, and wishes and plans in the states that their steps begin from.
type Parks struct {
	Park, Building, Tenant string
	Wishes, Plans          map[flow.State]string
}

func (w *World) parks(at Place) {
	w.t.Helper()
	ctx, office, r := w.t.Context(), w.Office(at.Town), w.At[at.Name]
	in := park.Profile{Name: Mark(at, "园区"), Region: at.Town, Works: park.Works{Begun: "2010-01-01", Done: "2011-01-01"}}
	if at == Own {
		in.OperatorID = r.Institution
	}
	p, err := w.Park.Register(ctx, office, in, "")
	w.must(err)
	r.Parks = Parks{Park: string(p.ID), Wishes: map[flow.State]string{}, Plans: map[flow.State]string{}}
	if at != Own {
		return
	}
	h, err := w.Park.AddBuilding(ctx, office, p.ID, park.House{
		Name: "1号厂房", Kind: park.MultiStorey, Floors: 3, Area: 30_000, Works: in.Works,
	}, "")
	w.must(err)
	photo, err := w.Files.Hold(ctx, office, files.Incoming{Name: "photo.png", Data: strings.NewReader("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), Form: "photos"})
	w.must(err)
	p, err = w.Park.SetPhotos(ctx, office, p.ID, p.Version, files.Papers{Add: []string{photo.Token}})
	w.must(err)
	_, err = w.Park.Publish(ctx, office, p.ID, p.Version, true)
	w.must(err)
	y, err := w.Park.Enter(ctx, w.Office(Above.Over), p.ID, park.Arrival{Enterprise: r.Enterprise, Building: h.ID, Area: 1000, On: "2020-01-06"}, "")
	w.must(err)
	r.Parks.Building, r.Parks.Tenant = h.ID, y.ID
	for _, state := range []flow.State{park.Seeking, park.Applied, park.Accepted} {
		r.Parks.Wishes[state] = w.wish(at, state)
	}
	for year, state := range map[int]flow.State{2023: park.InReview, 2024: park.Revising} {
		r.Parks.Plans[state] = w.plan(at, year, state)
	}
}

// wish is a search for space by the place's enterprise, brought to the state.
func (w *World) wish(at Place, state flow.State) string {
	w.t.Helper()
	ctx, r := w.t.Context(), w.At[at.Name]
	asks := w.actor("maker", "owner", authz.Grant{Party: authz.Party{Kind: authz.Enterprise, ID: string(r.Enterprise)}})
	x, err := w.Park.Seek(ctx, asks, r.Enterprise, at.Over, park.Want{Kind: park.MultiStorey, Area: 500}, "")
	w.must(err)
	if state == park.Seeking {
		return x.ID
	}
	x, err = w.Park.Apply(ctx, asks, x.ID, x.Version, r.Parks.Building)
	w.must(err)
	if state == park.Applied {
		return x.ID
	}
	_, err = w.Park.Accept(ctx, w.Office(at.Town), x.ID, x.Version, "")
	w.must(err)
	return x.ID
}

// plan is the town's of the year: in review, with a document and an expert who
// agrees, or sent back.
func (w *World) plan(at Place, year int, state flow.State) string {
	w.t.Helper()
	ctx, office, judge := w.t.Context(), w.Office(at.Town), w.Office(Above.Over)
	judge.ID = "judge"
	x, err := w.Park.SubmitPlan(ctx, office, park.Plan{
		Region: at.Town, Year: year, Title: Mark(at, "园区规划"), Land: 100_000, FloorArea: 50_000, Parks: 1,
	}, files.Papers{Add: w.papers(office, at, "规划")}, "")
	w.must(err)
	if state == park.Revising {
		_, err = w.Park.ReturnPlan(ctx, judge, x.ID, x.Version, "面积请再核实")
	} else {
		_, err = w.Park.GiveOpinion(ctx, judge, x.ID, x.Version, park.Opinion{Expert: "周立", Post: "规划院", Verdict: park.Agree, Words: "布局合理，同意。"})
	}
	w.must(err)
	return x.ID
}
