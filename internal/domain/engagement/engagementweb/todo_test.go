package engagementweb_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/testkit"
)

// The to-do list is the workbench's, but all of it is needs: it is tried here,
// where they are.

// rows are the checkboxes of the list, as they would be sent.
func rows(page *testkit.HTML) []string {
	var all []string
	for _, n := range page.All("table.todo input[name=id]") {
		all = append(all, testkit.Attr(n, "value"))
	}
	return all
}

func TestTheToDoListPutsWhatBurnsFirst(t *testing.T) {
	w := open(t)
	late := w.post()
	w.clock = at("2008-12-30", 9) // two working days were up on the 29th
	w.post()
	w.clock = at("2008-12-31", 10)
	page := w.as("wang").Get("/bench").Is(200)
	page.Has("h1", "待办 2 件")
	page.Has("main p", "逾期 1 件，今天到期 0 件")
	page.Has("nav.tabs a[aria-current=page]", "全部 2")
	page.Has("nav.tabs a", "待分派 2")
	page.Has("nav.pager", "共 2 件")
	lamps := page.All("td.lampc .lamp")
	if len(lamps) != 2 || testkit.Attr(lamps[0], "class") != "lamp lamp--over" || !strings.HasPrefix(rows(page)[0], string(late.ID)) {
		t.Errorf("the overdue one is not first")
	}
	if keys := page.All("[data-key]"); len(keys) != 2 {
		t.Errorf("%d single keys", len(keys))
	}
	if got := rows(w.as("wang").Get("/bench?tab=overdue").Is(200)); len(got) != 1 {
		t.Errorf("%d overdue", len(got))
	}
	w.as("wang").Get("/bench?theme=markets").Has(".empty", "都办完了")
	w.as("jianhu").Get("/bench").Is(200).Has(".empty", "都办完了")
	w.as("chen").Get("/bench").Is(403)
	w.as("").Get("/bench").Is(303)
}

// What the county does is not on the city's list, unless it asks for it.
func TestTheCityIsNotShownWhatItsCountiesDo(t *testing.T) {
	w := open(t)
	w.post()
	if got := rows(w.as("city").Get("/bench").Is(200)); len(got) != 0 {
		t.Errorf("the city has %d to do", len(got))
	}
	if got := rows(w.as("city").Get("/bench?office=all").Is(200)); len(got) != 1 {
		t.Errorf("the city can look at %d", len(got))
	}
}

func TestSeveralAreAcceptedAndAssignedAtOnce(t *testing.T) {
	w := open(t)
	var needs []engagement.Need
	for range 3 {
		needs = append(needs, w.post())
	}
	page := w.as("wang").Get("/bench").Is(200)
	chosen := rows(page)
	// Somebody else is quicker with one of them.
	_, err := w.needs.Accept(t.Context(), w.people["li"], needs[0].ID, needs[0].Version)
	w.must(err)
	done := w.as("wang").Post("/bench/accept", url.Values{"id": chosen, "back": {"/bench?tab=mine"}}).Is(303)
	if done.Location != "/bench?tab=mine" {
		t.Errorf("comes back to %s", done.Location)
	}
	done.Follow().Has(".flash", "受理了 2 件，1 件没有办")
	if now := w.now(needs[0].ID); now.AssigneeName != "李建" {
		t.Errorf("the one that was taken is %s’s", now.AssigneeName)
	}
	w.as("wang").Post("/bench/accept", url.Values{}).Follow().Has(".flash", "没有选中要办的")
	w.as("looker").Post("/bench/accept", url.Values{"id": chosen}).Follow().Has(".flash", "受理了 0 件")

	chosen = rows(w.as("wang").Get("/bench"))
	ask := w.as("wang").Post("/bench/assign", url.Values{"id": chosen}).Is(200)
	ask.Has("main", "分派 3 件")
	if len(ask.All("input[name=person][value=wang]")) != 1 || len(ask.All("input[name=person][value=jianhu]")) != 0 {
		t.Error("those of the office, and not of the next county, are to choose from")
	}
	ask.Send("/bench/assign").Is(422).Has("#person-e", "请从列出的选项里选一个")
	ask.Send("/bench/assign", "person", "jianhu").Is(422)
	ask.Send("/bench/assign", "person", "li").Follow().Has(".flash", "分派了 3 件")
	for _, n := range needs {
		if w.now(n.ID).Assignee != "li" {
			t.Error("one of them is not Li’s")
		}
	}
	page = w.as("wang").Get("/bench")
	page.Lacks("td.w", "未分派")
}

// A list of three pages is gone through on and back again, and loses nothing.
func TestTheListIsGoneThroughOnAndBack(t *testing.T) {
	w := open(t)
	for range 45 {
		w.post()
	}
	seen := map[string]bool{}
	page := w.as("wang").Get("/bench?theme=financing").Is(200)
	for i := range 3 {
		for _, id := range rows(page) {
			seen[id] = true
		}
		page.Has("nav.pager", fmt.Sprintf("第 %d—%d 件，共 45 件", i*20+1, min(i*20+20, 45)))
		if next := page.All("nav.pager a[rel=next]"); len(next) == 1 {
			page = w.as("wang").Get(href(next[0])).Is(200)
		} else if i < 2 {
			t.Fatalf("no way on from page %d", i+1)
		}
	}
	if len(seen) != 45 {
		t.Errorf("%d of 45 needs were shown", len(seen))
	}
	page = w.as("wang").Get(href(page.One("nav.pager a[rel=prev]"))).Is(200)
	page = w.as("wang").Get(href(page.One("nav.pager a[rel=prev]"))).Is(200)
	page.Has("nav.pager", "第 1—20 件")
	if len(page.All("nav.pager a[rel=prev]")) != 0 {
		t.Error("there is something before the first page")
	}
}

func href(n *html.Node) string { return testkit.Attr(n, "href") }

// A year without a holiday calendar is told to those who rely on the days.
func TestAYearWithoutHolidaysIsTold(t *testing.T) {
	w := open(t)
	w.as("wang").Get("/bench").Lacks(".notice", "节假日安排还没有录入")
	w.clock = at("2037-12-20", 9)
	n := w.post()
	w.as("wang").Get("/bench").Has(".notice", "2037 年的节假日安排还没有录入")
	w.as("wang").Get("/bench/needs/"+string(n.ID)).Has(".notice", "节假日安排还没有录入")
}
