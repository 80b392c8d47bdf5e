package enterprise_test

import (
	"errors"
	"slices"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

func TestTheProcessesAreWholeAndHaveWords(t *testing.T) {
	for _, l := range []flow.Lifecycle{enterprise.Lifecycle(), enterprise.ClaimLifecycle()} {
		if err := l.Check(); err != nil {
			t.Error(err)
		}
	}
	for _, p := range enterprise.Permissions() {
		if !text.Has(p.Key()) {
			t.Errorf("no words for %s", p)
		}
	}
	for _, f := range enterprise.LegalForms() {
		if key := "enterprise.form." + string(f); !text.Has(key) {
			t.Errorf("no words for %s", key)
		}
	}
}

func TestAnOwnerRegistersAndTheCountyVerifies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.registers(w.person("gu"), " 射阳县鹤乡纺织有限公司 ", hede, "91320900140132611g", true)
		e := w.get(id)
		if e.Status != enterprise.Unverified || e.Profile.Name != "射阳县鹤乡纺织有限公司" || e.Profile.Industry.Code != "C1711" ||
			e.CreditCode() != mill || e.Identifiers[0].Verified {
			t.Fatalf("%+v", e)
		}
		if got, err := w.Get(ctx, w.person("gu"), id); err != nil || got.ID != id {
			t.Errorf("the owner does not see the entry: %v", err)
		}
		before := w.entries()
		w.want(fault.Denied, w.Verify(ctx, w.person("gu"), id, 1))
		w.want(fault.NotFound, w.Verify(ctx, staff(funing), id, 1))
		w.want(fault.NotFound, w.Verify(ctx, w.person("stranger"), id, 1))
		w.want(fault.Stale, w.Verify(ctx, staff(sheyang), id, 7))
		if w.entries() != before {
			t.Errorf("refused steps left %d audit entries", w.entries()-before)
		}
		w.ok(w.Verify(ctx, staff(sheyang), id, 1))
		w.want(fault.Conflict, w.Verify(ctx, staff(sheyang), id, 2))
		if e := w.get(id); e.Status != enterprise.Verified || !e.Identifiers[0].Verified {
			t.Errorf("%+v", e)
		}
		if c := w.claimOf("gu"); c.Status != enterprise.ClaimAccepted || !slices.Equal(w.news, []string{"gu accepted"}) {
			t.Errorf("the registrant's claim is %s, news %v", c.Status, w.news)
		}
		if w.entries() != before+1 {
			t.Errorf("%d audit entries for one step", w.entries()-before)
		}
		last := w.facts[len(w.facts)-1]
		if len(w.facts) != 2 || last.Dims[0] != "verified" || last.Region != hede || last.Quantity != 1 || last.OccurredOn != "2009-01-06" {
			t.Errorf("facts %+v", w.facts)
		}
	})
}

func TestARegistrationTellsEverythingWrongAtOnce(t *testing.T) {
	w := newWorld(t, t.TempDir())
	_, err := w.Register(t.Context(), w.person("gu"), enterprise.Registration{
		Profile: enterprise.Profile{
			Name: "厂", Region: sheyang, LegalForm: "x", Established: "2031-01-01",
			Industry: enterprise.Industry{Edition: "2002", Code: "99"},
		},
		Codes:   []string{"9132090014013261OG"},
		Own:     true,
		Contact: enterprise.Contact{Phone: "12", Mail: "@"},
	})
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		t.Fatal(err)
	}
	var names []string
	for _, b := range f.Fields {
		names = append(names, b.Name)
		if !text.Has(b.Key) {
			t.Errorf("no words for %s", b.Key)
		}
	}
	if want := []string{"name", "region", "legal_form", "industry", "established", "code", "contact_phone", "contact_mail"}; !slices.Equal(names, want) {
		t.Errorf("told %v, want %v", names, want)
	}
	_, err = w.Register(t.Context(), authz.Actor{}, enterprise.Registration{Profile: profile("甲厂", hede), Codes: []string{mill}})
	w.want(fault.SignIn, err)
}

func TestTheSameRequestTwiceMakesOneEntry(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		form := enterprise.Registration{Profile: profile("甲厂", hede), Codes: []string{mill}, Own: true, Once: "form-1"}
		first, err := w.Register(t.Context(), w.person("gu"), form)
		w.ok(err)
		second, err := w.Register(t.Context(), w.person("gu"), form)
		if err != nil || first != second {
			t.Errorf("%s, then %s, %v", first, second, err)
		}
	})
}

func TestAnEditorWhoIsLateSeesBothVersions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.registers(w.person("gu"), "鹤乡纺织有限公司", hede, mill, true)
		p := w.get(id).Profile
		p.Address = "合德镇红旗路1号"
		w.ok(w.Edit(ctx, staff(sheyang), id, 1, enterprise.Amendment{Profile: p}))
		p.Address = "合德镇红旗路2号"
		err := w.Edit(ctx, w.person("gu"), id, 1, enterprise.Amendment{Profile: p})
		w.want(fault.Stale, err)
		var both *enterprise.Both
		if !errors.As(err, &both) || both.Theirs.Profile.Address != "合德镇红旗路1号" || both.Yours.Profile.Address != "合德镇红旗路2号" {
			t.Errorf("%+v", both)
		}
		w.ok(w.Edit(ctx, w.person("gu"), id, both.Theirs.Version, enterprise.Amendment{Profile: p}))
	})
}

func TestARejectedEntryIsCorrectedAndChecked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.registers(w.person("gu"), "鹤乡纺织厂", hede, mill, true)
		w.want(fault.Invalid, w.Reject(ctx, staff(sheyang), id, 1, "不"))
		w.ok(w.Reject(ctx, staff(sheyang), id, 1, "名称与执照不一致"))
		p := w.get(id).Profile
		p.Name = "鹤乡纺织有限公司"
		w.ok(w.Edit(ctx, w.person("gu"), id, 2, enterprise.Amendment{Profile: p, Codes: []string{mill, "14013261-1"}}))
		e := w.get(id)
		if e.Status != enterprise.Unverified || e.Reason != "" || len(e.Identifiers) != 2 {
			t.Errorf("%+v", e)
		}
		w.ok(w.Verify(ctx, staff(sheyang), id, 3))
	})
}

func TestWhatTheLicenceSaysIsLockedForTheOwnerOnceVerified(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.registers(w.person("gu"), "鹤乡纺织有限公司", hede, mill, true)
		w.ok(w.Verify(ctx, staff(sheyang), id, 1))
		p := w.get(id).Profile
		p.Region = linhai
		w.ok(w.Edit(ctx, w.person("gu"), id, 2, enterprise.Amendment{Profile: p}))
		bad := p
		bad.Name, bad.Region = "别的公司", donggou
		err := w.Edit(ctx, w.person("gu"), id, 3, enterprise.Amendment{Profile: bad, Codes: []string{crane}})
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Fields) != 3 {
			t.Errorf("got %v, want name, region and code locked", err)
		}
		w.want(fault.Denied, w.Edit(ctx, staff(sheyang), id, 3, enterprise.Amendment{Profile: bad}))
		w.ok(w.Edit(ctx, staff("320900"), id, 3, enterprise.Amendment{Profile: bad, Codes: []string{crane}}))
		if e := w.get(id); e.CreditCode() != crane || !e.Identifiers[0].Verified || w.facts[len(w.facts)-1].Region != donggou {
			t.Errorf("%+v", e)
		}
	})
}

func TestTheContactIsShownOnlyWithATrace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.registers(w.person("gu"), "鹤乡纺织有限公司", hede, mill, true)
		before := w.entries()
		c, err := w.Contact(ctx, staff(sheyang), id)
		if err != nil || c.Person != "顾鹤" || w.entries() != before+1 {
			t.Errorf("%+v, %v, %d entries", c, err, w.entries()-before)
		}
		viewer := staff(sheyang)
		viewer.Grants[0].Role.Permissions = []authz.Permission{enterprise.View}
		_, err = w.Contact(ctx, viewer, id)
		w.want(fault.Denied, err)
	})
}

func TestTheSizeFollowsFromTheFiguresOfTheYear(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, gu := t.Context(), staff(sheyang)
		id := w.registers(gu, "鹤乡纺织有限公司", hede, mill, false)
		set := func(year, version int, x, y, z int64) error {
			return w.SetYear(ctx, gu, id, enterprise.Year{
				Year: year, Source: enterprise.SelfReported, Version: version,
				Figures: enterprise.Figures{Employees: new(x), Revenue: yuan(y), Assets: yuan(z)},
			})
		}
		w.ok(set(2007, 0, 300, 3000, 4000))
		w.ok(set(2008, 0, 186, 2460, 4310))
		w.want(fault.Stale, set(2008, 0, 1, 1, 1))
		w.want(fault.Stale, set(2008, 4, 1, 1, 1))
		w.want(fault.Invalid, set(2010, 0, 1, 1, 1))
		w.want(fault.Invalid, set(2008, 1, -1, 1, 1))
		if e := w.get(id); e.Size != enterprise.Small || e.SizeYear != 2008 || e.Version != 1 {
			t.Errorf("%+v", e)
		}
		was, err := w.Sizing(ctx, gu, id, 2007, enterprise.ForPolicy)
		if err != nil || was.Class != enterprise.Medium || was.Set != "2003" {
			t.Errorf("2007: %+v, %v", was, err)
		}
		signed, err := w.SizingOn(ctx, gu, id, "2008-06-30", enterprise.ForPolicy)
		if err != nil || signed.Class != enterprise.Medium {
			t.Errorf("on signing a contract in 2008: %s, %v", signed.Class, err)
		}
		w.ok(set(2008, 1, 300, 3000, 4000))
		if e := w.get(id); e.Size != enterprise.Medium || w.facts[len(w.facts)-1].Dims[1] != "medium" {
			t.Errorf("after the correction: %s", e.Size)
		}
	})
}

func TestAnOperatorChangesARuleWithoutAProgrammer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, city := t.Context(), staff("320900")
		id := w.registers(city, "鹤乡纺织有限公司", hede, mill, false)
		w.ok(w.SetYear(ctx, city, id, enterprise.Year{
			Year: 2008, Source: enterprise.AnnualReturn,
			Figures: enterprise.Figures{Employees: new(int64(186)), Revenue: yuan(2460), Assets: yuan(4310)},
		}))
		rules, err := w.Rules(ctx)
		w.ok(err)
		set, _ := rules.Set("2003")
		for i := range set.Rows {
			if set.Rows[i].ID == "industry" {
				set.Rows[i].Bounds = []enterprise.Bounds{{Metric: enterprise.Employees, Large: 2000, Medium: 150}}
			}
		}
		w.want(fault.Denied, w.SetRule(ctx, staff(sheyang), "320900", set, 0))
		w.ok(w.SetRule(ctx, city, "320900", set, 0))
		w.want(fault.Stale, w.SetRule(ctx, city, "320900", set, 0))
		w.ok(w.SetRule(ctx, city, "320900", set, 1))
		next, err := w.Reclassify(ctx, city, "320900", "", 100)
		w.ok(err)
		if last, err := w.Reclassify(ctx, city, "320900", next, 100); err != nil || last != "" || w.get(id).Size != enterprise.Medium {
			t.Errorf("size %s, then %q, %v", w.get(id).Size, last, err)
		}
	})
}

func TestAListIsWhatTheScopeReaches(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.registers(w.person("gu"), "鹤乡纺织有限公司", hede, mill, true)
		w.verified("丹顶鹤食品有限公司", linhai, crane)
		w.verified("阜宁风机有限公司", donggou, another)
		for _, c := range []struct {
			who  authz.Actor
			want int
		}{
			{staff("320900"), 3},
			{staff(sheyang), 2},
			{staff(hede), 1},
			{staff(funing), 1},
			{staff("320925"), 0},
			{w.person("gu"), 1},
			{w.person("nobody"), 0},
			{authz.Actor{}, 0},
		} {
			list, _, err := w.List(ctx, c.who, enterprise.Filter{}, db.Page{})
			n, err2 := w.Count(ctx, c.who, enterprise.Filter{})
			if err != nil || err2 != nil || len(list) != c.want || n != c.want {
				t.Errorf("%s sees %d, counts %d, want %d (%v %v)", c.who.ID, len(list), n, c.want, err, err2)
			}
			for _, e := range list {
				if !c.who.Scope(enterprise.View).Reaches(e.Target()) {
					t.Errorf("%s sees %s", c.who.ID, e.Profile.Name)
				}
			}
		}
	})
}

func TestAListIsFilteredSortedAndPaged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, city := t.Context(), staff("320900")
		w.registers(city, "乙_纺织", hede, "192203821", false)
		w.registers(city, "甲纺织", linhai, mill, false)
		w.verified("丙食品", donggou, crane)
		food := w.get(w.verified("丁食品", donggou, another))
		food.Profile.Industry = enterprise.Industry{Edition: "2017", Code: "1411"}
		w.ok(w.Edit(ctx, city, food.ID, food.Version, enterprise.Amendment{Profile: food.Profile}))
		for _, c := range []struct {
			f    enterprise.Filter
			want string
		}{
			{enterprise.Filter{Order: enterprise.ByName}, "丁食品 丙食品 乙_纺织 甲纺织"},
			{enterprise.Filter{Order: enterprise.ByCreated}, "丁食品 丙食品 甲纺织 乙_纺织"},
			{enterprise.Filter{}, "丁食品 丙食品 甲纺织 乙_纺织"},
			{enterprise.Filter{Text: "纺织", Order: enterprise.ByName}, "乙_纺织 甲纺织"},
			{enterprise.Filter{Text: "_"}, "乙_纺织"},
			{enterprise.Filter{Text: "%"}, ""},
			{enterprise.Filter{Text: " 9132090014013261 1g"}, "甲纺织"},
			{enterprise.Filter{Text: "14013261-1"}, "甲纺织"},
			{enterprise.Filter{Region: funing, Order: enterprise.ByName}, "丁食品 丙食品"},
			{enterprise.Filter{Region: hede}, "乙_纺织"},
			{enterprise.Filter{Status: []flow.State{enterprise.Unverified}, Order: enterprise.ByName}, "乙_纺织 甲纺织"},
			{enterprise.Filter{Industry: enterprise.Industry{Edition: "2017", Code: "14"}}, "丁食品"},
			{enterprise.Filter{Industry: enterprise.Industry{Edition: "2002", Code: "C"}, Order: enterprise.ByName}, "丙食品 乙_纺织 甲纺织"},
			{enterprise.Filter{Size: []enterprise.Class{enterprise.Small}}, ""},
		} {
			got := ""
			for page := (db.Page{Limit: 1}); ; {
				list, next, err := w.List(ctx, city, c.f, page)
				w.ok(err)
				for _, e := range list {
					got += " " + e.Profile.Name
				}
				if page.After = next; next == "" {
					break
				}
			}
			if got = trim(got); got != c.want {
				t.Errorf("%+v: %s, want %s", c.f, got, c.want)
			}
		}
		_, _, err := w.List(ctx, city, enterprise.Filter{}, db.Page{After: "nonsense"})
		w.want(fault.Invalid, err)
	})
}

func trim(s string) string {
	if s == "" {
		return s
	}
	return s[1:]
}

func TestEntriesMoveWithTheirTown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.registers(w.person("gu"), "鹤乡纺织有限公司", hede, mill, true)
		w.ok(w.db.Write(t.Context(), func(ctx ctx, tx *db.Tx) error {
			return enterprise.Move(ctx, tx, hede, region.Code("320904100"))
		}))
		if at := w.get(id).Profile.Region; at != "320904100" || w.claimOf("gu").Region != at {
			t.Errorf("the entry lies at %s, the claim at %s", at, w.claimOf("gu").Region)
		}
	})
}

func TestOldListsAreTakenOverWithTheirDates(t *testing.T) {
	w := newWorld(t, t.TempDir())
	form := enterprise.Registration{Profile: profile("鹤乡纺织厂", hede), Codes: []string{"3209241101234"}, On: "2007-03-01"}
	_, err := w.Register(t.Context(), staff(sheyang), form)
	w.ok(err)
	_, err = w.Register(t.Context(), w.person("gu"), form)
	w.want(fault.Denied, err) // a list of others is the office's to enter
	own := form
	own.Own = true
	_, err = w.Register(t.Context(), w.person("gu"), own)
	w.ok(err)
	if w.facts[0].OccurredOn != "2007-03-01" || w.facts[1].OccurredOn != "2009-01-06" {
		t.Errorf("facts of %s and %s", w.facts[0].OccurredOn, w.facts[1].OccurredOn)
	}
	form.On = "2009-01-07"
	_, err = w.Register(t.Context(), staff(sheyang), form)
	w.want(fault.Invalid, err)
}
