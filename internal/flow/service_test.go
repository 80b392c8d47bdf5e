package flow_test

import (
	"context"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// office is an official of Yancheng with the rights given.
func office(may ...authz.Permission) authz.Actor {
	return authz.Actor{Kind: authz.Human, ID: "wang", Name: "王海燕", Grants: []authz.Grant{
		{Role: authz.Role{Name: "admin", Permissions: may}, Region: "320900"},
	}}
}

func seeded(t *testing.T, source string) (*db.DB, *flow.Service) {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, source, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	for range 2 { // as at every start
		if err := d.Write(ctx, flow.Seed); err != nil {
			t.Fatal(err)
		}
	}
	return d, flow.New(d, gate.New(d, "320900"), "320900")
}

func TestAnOfficialEntersTheHolidaysOf2027(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx := context.Background()
		d, s := seeded(t, source)
		other := flow.New(d, gate.New(d, "320900"), "320900") // a second process
		for _, each := range []*flow.Service{s, other} {
			c, err := each.Calendar(ctx)
			if err != nil || !c.Known(2008) || c.Known(2027) || c.Workday("2008-10-01") {
				t.Fatalf("the shipped calendar: %v", err)
			}
		}
		told := 0
		s.WhenChanged(func(context.Context, *db.Tx) error { told++; return nil })
		days := []flow.Day{{On: "2027-01-01", Kind: flow.Rest, Name: "元旦"}, {On: "2027-01-03", Kind: flow.Work, Name: "元旦"}}
		if err := s.SetYear(ctx, authz.Actor{}, 2027, "通知", days); !fault.Is(err, fault.SignIn) {
			t.Errorf("nobody: %v", err)
		}
		if err := s.SetYear(ctx, office(), 2027, "通知", days); !fault.Is(err, fault.Denied) {
			t.Errorf("without the right: %v", err)
		}
		if err := s.SetYear(ctx, office(flow.SetCalendar), 2028, "", days); !fault.Is(err, fault.Invalid) {
			t.Errorf("days of another year: %v", err)
		}
		if err := s.SetYear(ctx, office(flow.SetCalendar), 2027, "国办发明电〔2026〕7号", days); err != nil {
			t.Fatal(err)
		}
		if told != 1 {
			t.Errorf("those who keep deadlines were told %d times, want once: of the change that was made", told)
		}
		c, err := other.Calendar(ctx)
		if err != nil || !c.Known(2027) || c.Workday("2027-01-01") || !c.Workday("2027-01-03") {
			t.Errorf("the other process does not know yet: %v", err)
		}
		// A restart keeps what the official entered.
		if err := d.Write(ctx, flow.Seed); err != nil {
			t.Fatal(err)
		}
		if c, err := s.Calendar(ctx); err != nil || !c.Known(2027) {
			t.Errorf("after a restart: %v", err)
		}
		trail, err := gate.Trail(ctx, d, gate.Record{Kind: "calendar", ID: "2027"})
		if err != nil || len(trail) != 1 {
			t.Errorf("one entry in the audit trail: %v %v", trail, err)
		}
	})
}

func TestANewLimitHoldsFromItsDayOn(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		ctx := context.Background()
		_, s := seeded(t, source)
		limits, err := s.Limits(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for step, want := range map[string]int{"sign": 1, "accept": 2, "answer": 3, "finish": 10, "confirm": 10} {
			l, ok := limits.Find("need.financing", step, "2008-12-25")
			if !ok || l.Amount != want || l.Unit != flow.Workdays || l.Grade != "P" {
				t.Errorf("%s: %+v", step, l)
			}
		}
		if _, ok := limits.Find("other", "sign", "2008-12-25"); ok {
			t.Error("a matter without limits has none")
		}
		by := office(flow.SetLimit)
		urgent := flow.Limit{Type: "need.urgent", Step: "accept", Amount: 2, Unit: flow.Hours, From: "2009-01-01", Source: "市政府办", Grade: "A"}
		shorter := flow.Limit{Type: "need", Step: "accept", Amount: 1, Unit: flow.Workdays, From: "2009-03-01", Supervise: region.City, Source: "市政府办", Grade: "A"}
		for _, l := range []flow.Limit{urgent, shorter} {
			if err := s.Change(ctx, by, l); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Change(ctx, by, shorter); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice from the same day: %v", err)
		}
		if err := s.Change(ctx, by, flow.Limit{From: "x"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("an empty limit: %v", err)
		}
		limits, err = s.Limits(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			typ, day string
			amount   int
		}{{"need", "2009-02-28", 2}, {"need", "2009-03-01", 1}, {"need.urgent", "2008-12-31", 2}, {"need.urgent", "2009-03-01", 2}} {
			if l, ok := limits.Find(tc.typ, "accept", tc.day); !ok || l.Amount != tc.amount {
				t.Errorf("%s on %s: %+v", tc.typ, tc.day, l)
			}
		}
		if l, _ := limits.Find("need.urgent", "accept", "2009-03-01"); l.Unit != flow.Hours {
			t.Errorf("the finer matter goes first: %+v", l)
		}
	})
}
