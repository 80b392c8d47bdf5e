package app

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/recognition/recognitionweb"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/workbench"
)

// waiting is what waits for the reader besides needs, as the to-do list tells it.
func (a *App) waiting(ctx context.Context, by authz.Actor) ([]workbench.Waiting, error) {
	duties, err := a.Recognition.Todo(ctx, by)
	if err != nil {
		return nil, err
	}
	var all []workbench.Waiting
	add := func(key, href string, d techplatform.Desk) {
		w := workbench.Waiting{Key: key, N: d.N, Href: href}
		if d.Timed {
			w.Lamp, w.Due = &d.Lamp, d.Due.On
		}
		if d.N > 0 {
			all = append(all, w)
		}
	}
	for _, d := range duties {
		add(d.Duty.Key(), recognitionweb.DutyHref(d.Duty), techplatform.Desk{N: d.N})
	}
	notices, err := a.Technology.NoticeDesk(ctx, by)
	if err != nil {
		return nil, err
	}
	add("technotice.page.todo", "/bench/technology", notices)
	products, err := a.Technology.ProductDesk(ctx, by)
	if err != nil {
		return nil, err
	}
	add("techproduct.page.todo", "/bench/products", products)
	works, err := a.Technology.WorkDesk(ctx, by)
	if err != nil {
		return nil, err
	}
	add("tech.page.works.todo", "/bench/works", works)
	wishes, err := a.Park.CountWishes(ctx, by.Scope(park.Accept), park.WishFilter{State: park.Applied})
	if err != nil {
		return nil, err
	}
	add("parks.wish.todo", "/bench/space", techplatform.Desk{N: wishes})
	plans, err := a.Park.CountPlans(ctx, by.Scope(park.ApprovePlan), park.InReview)
	if err != nil {
		return nil, err
	}
	add("parks.plan.todo", "/bench/parkplans", techplatform.Desk{N: plans})
	filings, err := a.Guarantee.CountFilings(ctx, by.Scope(guarantee.Confirm))
	if err != nil {
		return nil, err
	}
	add("guarantees.filing.todo", "/bench/guarantors", techplatform.Desk{N: filings})
	return all, nil
}
