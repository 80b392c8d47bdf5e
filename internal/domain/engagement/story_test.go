package engagement_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// figures are what the dashboards of the city and the county say.
func (w *world) figures(in region.Code) [6]int64 {
	return [6]int64{
		w.figure("needs", in), w.figure("deliveries", in), w.figure("enterprises", in),
		w.figure("closed", in), w.figure("on_time", in), w.figure("solved", in),
	}
}

// An enterprise asks, an institution delivers twice, the enterprise confirms
// and rates: the figures of county and city grow by exactly that.
func TestWhatIsConfirmedCounts(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx, mill, helper := t.Context(), owner(w.mill), people(w.guarantor)
		expect := func(when string, want [6]int64) {
			t.Helper()
			for _, in := range []region.Code{hede, sheyang, city} {
				if got := w.figures(in); got != want {
					t.Errorf("%s: %s has %v, want %v", when, in, got, want)
				}
			}
			if got := w.figures(jianhu); got != [6]int64{} {
				t.Errorf("%s: the next county has %v", when, got)
			}
		}
		n := w.at(engagement.InProgress)
		expect("posted", [6]int64{1, 0, 0, 0, 0, 0})
		n, first, err := w.Deliver(ctx, helper, n.ID, n.Version, work("2008-12-25"))
		w.must(err)
		expect("recorded, not confirmed", [6]int64{1, 0, 0, 0, 0, 0})
		n, err = w.ConfirmDelivery(ctx, mill, n.ID, n.Version, first)
		w.must(err)
		expect("the first is confirmed", [6]int64{1, 1, 1, 0, 0, 0})

		second := work("2008-12-25")
		second.Form, second.Amount, second.Quantity, second.Text = institution.Training, 0, 12, "财务人员融资培训一次"
		n, other, err := w.Deliver(ctx, helper, n.ID, n.Version, second)
		w.must(err)
		n, err = w.Finish(ctx, helper, n.ID, n.Version)
		w.must(err)
		n, err = w.Confirm(ctx, mill, n.ID, n.Version)
		w.must(err)
		expect("a second to the same enterprise", [6]int64{1, 2, 1, 0, 0, 0})
		n, err = w.Rate(ctx, mill, n.ID, n.Version, engagement.Rating{OnTime: true, Solved: engagement.Partly, Score: 4, Words: "快"})
		w.must(err)
		expect("rated and closed", [6]int64{1, 2, 1, 1, 2, 0})
		if got := []int64{w.figure("amount", city), w.figure("people", city), w.figure("rated", city), w.figure("score", city), w.figure("closed_on_time", city)}; !slices.Equal(got, []int64{300_000_000, 13, 2, 8, 1}) {
			t.Errorf("amount, people, rated, score, closed on time: %v", got)
		}
		cells, err := w.ledger.Read(ctx, w.db, ledger.Query{Measure: "engagement.deliveries", Region: city, From: "2008-01-01", To: "2008-12-31", By: []string{"form"}})
		w.must(err)
		if len(cells) != 2 {
			t.Errorf("two forms of service were given: %v", cells)
		}
		w.opens(first, n.ID)

		// The second was recorded for the wrong enterprise: all it added goes.
		n, err = w.TakeBack(ctx, helper, n.ID, n.Version, other, "记错了企业")
		w.must(err)
		expect("one is taken back", [6]int64{1, 1, 1, 1, 1, 0})
		// The first had the wrong amount: it counts again once confirmed again.
		right := work("2008-12-25")
		right.Amount = 280_000_000
		n, err = w.Correct(ctx, helper, n.ID, n.Version, first, right, "合同金额是 280 万元")
		w.must(err)
		expect("corrected", [6]int64{1, 0, 0, 1, 0, 0})
		n, err = w.ConfirmDelivery(ctx, mill, n.ID, n.Version, first)
		w.must(err)
		expect("confirmed again", [6]int64{1, 1, 1, 1, 1, 0})
		if got := w.figure("amount", city); got != 280_000_000 {
			t.Errorf("amount %d", got)
		}
		if got := w.figure("unconfirmed", city); got != 0 {
			t.Errorf("%d unconfirmed", got)
		}
		// Taken up again, it is not closed any more; what was delivered stays.
		_, err = w.Reopen(ctx, mill, n.ID, n.Version, "银行要求补保证")
		w.must(err)
		expect("reopened", [6]int64{1, 1, 1, 0, 1, 0})
	})
}

// opens checks that the city's figure opens into the delivery and its need.
func (w *world) opens(delivery string, id engagement.ID) {
	w.t.Helper()
	lines, _, total, err := w.ledger.Records(w.t.Context(), w.db, staff(city).Scope(engagement.See), ledger.Query{
		Measure: "engagement.deliveries", Region: city, From: "2008-01-01", To: "2008-12-31",
	}, db.Page{})
	w.must(err)
	var records []ledger.Record
	for _, l := range lines {
		records = append(records, l.Record)
	}
	if want := (ledger.Record{Kind: "delivery", ID: delivery}); total != 2 || !slices.Contains(records, want) {
		w.t.Errorf("behind the figure: %d, %v", total, records)
	}
	needs, err := w.Open(w.t.Context(), staff(city).Scope(engagement.See), records...)
	w.must(err)
	if len(needs) != 2 || needs[records[0]].ID != id {
		w.t.Errorf("the records open into %v", needs)
	}
	hidden, err := w.Open(w.t.Context(), staff(jianhu).Scope(engagement.See), records...)
	w.must(err)
	if len(hidden) != 0 {
		w.t.Errorf("the next county opens %v", hidden)
	}
}

func TestAFounderIsServedWithoutAnEnterprise(t *testing.T) {
	w := open(t, t.TempDir())
	in := engagement.Posting{
		Content: engagement.Content{Theme: institution.Startup, Title: "返乡人员开办服装加工点", Text: "想在海河镇开服装加工点，请老师看看场地和手续。"},
		Contact: engagement.Contact{Name: "周素兰", Phone: "0515-82330000"}, Person: "zhou", Region: "320924107",
	}
	n, err := w.Post(t.Context(), founder("zhou"), in)
	w.must(err)
	if n.Requester != "周素兰" || n.Office != sheyang {
		t.Errorf("%+v", n)
	}
	if got := []int64{w.figure("needs", sheyang), w.figure("askers", sheyang)}; !slices.Equal(got, []int64{1, 0}) {
		t.Errorf("one need of no enterprise: %v", got)
	}
	in.Person = "somebody-else"
	if _, err := w.Post(t.Context(), founder("zhou"), in); !fault.Is(err, fault.Denied) {
		t.Errorf("for somebody else: %v", err)
	}
	// Staff enter a need that came in by telephone.
	in.Person, in.Channel = "", engagement.Call
	_, err = w.Post(t.Context(), staff(sheyang), in)
	w.must(err)
	if _, err := w.Post(t.Context(), staff(jianhu), in); !fault.Is(err, fault.Denied) {
		t.Errorf("staff of the next county: %v", err)
	}
	if _, err := w.Post(t.Context(), staff(jianhu), engagement.Posting{Enterprise: string(w.mill), Content: loan(), Contact: chen()}); !fault.Is(err, fault.NotFound) {
		t.Errorf("for an enterprise of another county: %v", err)
	}
}

// Many post at once in one county: every number is given once and none is left out.
func TestNumbersHaveNoGaps(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		const many = 24
		numbers := make([]string, many)
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() {
				in := engagement.Posting{Enterprise: string(w.mill), Content: loan(), Contact: chen()}
				if i%4 == 0 { // one in four fails after it took its number, which it gives back
					in.Title = stumble
				}
				n, err := w.Post(t.Context(), owner(w.mill), in)
				if (err != nil) != (i%4 == 0) {
					t.Errorf("post %d: %v", i, err)
				}
				numbers[i] = n.Number
			})
		}
		all.Wait()
		var want []string
		for i := range many * 3 / 4 {
			want = append(want, fmt.Sprintf("XQ-320924-2008-%04d", i+1))
		}
		got := slices.DeleteFunc(numbers, func(s string) bool { return s == "" })
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
		// A new year begins at one.
		w.clock = at("2009-01-05", 9)
		if n := w.post(); n.Number != "XQ-320924-2009-0001" {
			t.Errorf("the first of the year is %s", n.Number)
		}
	})
}

func TestTheSameRequestTwicePostsOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		in := engagement.Posting{Enterprise: string(w.mill), Content: loan(), Contact: chen(), Once: "form-1"}
		a, err := w.Post(t.Context(), owner(w.mill), in)
		w.must(err)
		b, err := w.Post(t.Context(), owner(w.mill), in)
		if err != nil || a.ID != b.ID || w.figure("needs", city) != 1 {
			t.Errorf("%v %v %v", a.ID, b.ID, err)
		}
	})
}

func TestBrokenFieldsAreToldAllAtOnce(t *testing.T) {
	w := open(t, t.TempDir())
	_, err := w.Post(t.Context(), owner(w.mill), engagement.Posting{
		Enterprise: string(w.mill), Content: engagement.Content{Theme: "x", Title: "贷款", Text: "要钱", Amount: -1, WantedBy: "2008-12-20"},
		Contact: engagement.Contact{Phone: "12"},
	})
	var f *fault.Error
	if !fault.Is(err, fault.Invalid) || !errors.As(err, &f) {
		t.Fatal(err)
	}
	var names []string
	for _, field := range f.Fields {
		names = append(names, field.Name)
	}
	if want := []string{"theme", "title", "text", "amount", "wanted_by", "contact_name", "contact_phone"}; !slices.Equal(names, want) {
		t.Errorf("told of %v, want %v", names, want)
	}
}

func TestTheContactIsReadWithATrace(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		n := w.at(engagement.Offered)
		traces := func() int {
			trail, err := gate.Trail(t.Context(), w.db, gate.Record{Kind: "need", ID: string(n.ID)})
			w.must(err)
			count := 0
			for _, e := range trail {
				if e.Action == string(engagement.SeeContact) {
					count++
				}
			}
			return count
		}
		for _, c := range []struct {
			who    string
			by     authz.Actor
			want   fault.Kind
			traces int
		}{
			{"who asked", owner(w.mill), -1, 0},
			{"the office", staff(sheyang), -1, 1},
			{"an institution that has not accepted", people(w.guarantor), fault.Denied, 1},
			{"the next county", staff(jianhu), fault.NotFound, 1},
		} {
			got, err := w.Contact(t.Context(), c.by, n.ID)
			if (c.want == -1 && (err != nil || got != chen())) || (c.want != -1 && !fault.Is(err, c.want)) {
				t.Errorf("%s: %v %v", c.who, got, err)
			}
			if traces() != c.traces {
				t.Errorf("%s: %d traces, want %d", c.who, traces(), c.traces)
			}
		}
		n, err := w.AcceptOffer(t.Context(), people(w.guarantor), n.ID, n.Version)
		w.must(err)
		if got, err := w.Contact(t.Context(), people(w.guarantor), n.ID); err != nil || got != chen() || traces() != 2 {
			t.Errorf("the institution in charge: %v %v", got, err)
		}
	})
}

// While the enterprise is asked for more the clock stands still.
func TestTheClockStandsStillForTheEnterprise(t *testing.T) {
	w := open(t, t.TempDir())
	ctx := t.Context()
	n := w.at(engagement.Taken) // posted on Thursday 2008-12-25, ten working days
	if got := flow.DayOf(n.Due); got != "2009-01-09" || n.DueStep != "finish" {
		t.Errorf("due %s for %s: the new year's holiday does not count, Sunday 4 January does", got, n.DueStep)
	}
	w.clock = at("2008-12-26", 10)
	n, err := w.Ask(ctx, staff(sheyang), n.ID, n.Version, "请补 11 月报表")
	w.must(err)
	if !n.Due.IsZero() {
		t.Errorf("due %s while it waits", n.Due)
	}
	w.clock = at("2009-01-06", 10)
	n, err = w.Supply(ctx, owner(w.mill), n.ID, n.Version, "已上传")
	w.must(err)
	// Six working days passed: 29, 30, 31 December, 4, 5, 6 January.
	if got := flow.DayOf(n.Due); got != "2009-01-19" {
		t.Errorf("due %s after six working days of waiting", got)
	}
	n, err = w.Extend(ctx, staff(sheyang), n.ID, n.Version, "还要走访")
	w.must(err)
	if _, err := w.Extend(ctx, staff(sheyang), n.ID, n.Version, "再走访"); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second extension: %v", err)
	}
	d, err := w.Get(ctx, staff(sheyang), n.ID)
	w.must(err)
	if d.Deadline == nil || d.Deadline.Total != 15 || len(d.Strip) == 0 || d.Lamp.Key == "" {
		t.Errorf("the page's deadline: %+v", d.Deadline)
	}
}

func TestANeedIsAssignedToSomebodyWhoCanHandleIt(t *testing.T) {
	w := open(t, t.TempDir())
	n := w.at(engagement.Taken)
	if _, err := w.Assign(t.Context(), staff(sheyang), n.ID, n.Version, "a stranger", "外人"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a stranger: %v", err)
	}
	n, err := w.Assign(t.Context(), staff(sheyang), n.ID, n.Version, "zhao", "赵敏")
	if err != nil || n.AssigneeName != "赵敏" {
		t.Errorf("%s, %v", n.AssigneeName, err)
	}
}

func TestTheHistorySaysHowLongEachStepTook(t *testing.T) {
	w := open(t, t.TempDir())
	n := w.post()
	w.clock = at("2008-12-26", 9)
	n, err := w.Accept(t.Context(), staff(sheyang), n.ID, n.Version)
	w.must(err)
	w.clock = at("2008-12-29", 9)
	n, err = w.Offer(t.Context(), staff(sheyang), n.ID, n.Version, w.guarantor, "")
	w.must(err)
	w.clock = at("2009-01-05", 9)
	n, err = w.DeclineOffer(t.Context(), people(w.guarantor), n.ID, n.Version, "目前不做棉纺织行业")
	w.must(err)
	d, err := w.Get(t.Context(), staff(sheyang), n.ID)
	w.must(err)
	var took [][2]int
	for _, e := range d.Events {
		took = append(took, [2]int{e.Took, e.Limit})
	}
	// Accepted in one of two days, offered a working day later, answered after
	// four of three: the holiday does not count, Sunday 4 January does.
	if want := [][2]int{{0, 0}, {1, 2}, {1, 0}, {4, 3}}; !slices.Equal(took, want) {
		t.Errorf("took %v, want %v", took, want)
	}
	if o := d.Offers[0]; o.OnTime || o.Words != "目前不做棉纺织行业" {
		t.Errorf("the answer: %+v", o)
	}
	if last := d.Ahead; len(last) == 0 || last[0].Do != engagement.MakeOffer {
		t.Errorf("what is still to come: %v", last)
	}
}

// Two entries of one enterprise are merged: its needs come together, and part
// again when the merger is undone.
func TestNeedsFollowAMerger(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		ctx := t.Context()
		n := w.post()
		twin := w.enterprise("射阳县鹤乡纺织厂", hede, 9)
		w.must(w.enterprises.Merge(ctx, staff(city), w.mill, w.versionOf(w.mill), twin, "同一家企业"))
		if _, err := w.Get(ctx, owner(twin), n.ID); err != nil {
			t.Errorf("the owner of the entry that stands: %v", err)
		}
		if _, err := w.Get(ctx, owner(w.mill), n.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the owner of the alias: %v", err)
		}
		// Entered under the old entry, it is filed under the one that stands.
		again, err := w.Post(ctx, staff(sheyang), engagement.Posting{Enterprise: string(w.mill), Content: loan(), Contact: chen(), Channel: engagement.Visit})
		w.must(err)
		if again.Enterprise != string(twin) {
			t.Errorf("filed under %s", again.Enterprise)
		}
		w.must(w.enterprises.Separate(ctx, staff(city), w.mill, w.versionOf(w.mill), "是两家企业"))
		if _, err := w.Get(ctx, owner(w.mill), n.ID); err != nil {
			t.Errorf("its own owner, after it was undone: %v", err)
		}
		if _, err := w.Get(ctx, owner(twin), n.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the other owner: %v", err)
		}
	})
}

func (w *world) versionOf(id enterprise.ID) int {
	w.t.Helper()
	e, err := w.enterprises.Get(w.t.Context(), staff(city), id)
	w.must(err)
	return e.Version
}
