package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/testkit/apitest"
)

const (
	seeTitles  = "recognition:read"
	workTitles = "recognition:write"
)

// rubric is what a title asks for: one condition, one line by value that needs
// evidence, one that a reviewer scores.
func rubric(more ...any) map[string]any {
	words := func(zh, en string) map[string]any { return map[string]any{"zh": zh, "en": en} }
	return with(map[string]any{
		"name":   words("星级服务机构条件", "Star institution"),
		"source": map[string]any{"law": "盐中小企〔2026〕9 号", "grade": "A"},
		"rule": map[string]any{"name": words("申报条件", "Conditions"), "all": []map[string]any{
			{"id": "staff", "name": words("服务人员", "Staff"), "op": ">=", "need": 5, "unit": words("人", "people")},
		}},
		"score": map[string]any{"pass": 60, "items": []map[string]any{
			{"id": "work", "name": words("服务", "Work"), "weight": 60, "evidence": true, "bands": []map[string]any{{"from": 100, "points": 100}, {"points": 50}}},
			{"id": "quality", "name": words("质量", "Quality"), "weight": 40},
		}},
	}, more...)
}

// stage is a recognition about to begin: a title with criteria in force, a call,
// an institution, and the programs of all who take part.
type stage struct {
	*world
	call, subject                     string
	bureau, applicant, judge, outside *apitest.Client
	reviewer                          authz.Actor
}

func (w *world) staged() *stage {
	w.t.Helper()
	s := &stage{world: w}
	centre := w.key(w.staff, lookAt, keep)
	s.subject = centre.Post("/institutions", guarantor()).Is(http.StatusCreated).ID()
	bureau := w.person("周主任", account.Grant{Role: app.RoleOfficial, Region: county})
	head := w.person("沈芳", account.Grant{Role: app.RoleInstitution, Party: authz.Party{Kind: authz.Institution, ID: s.subject}})
	s.reviewer = w.person("吴教授", account.Grant{Role: app.RoleReviewer, Region: county})
	s.bureau, s.applicant = w.key(bureau, seeTitles, workTitles), w.key(head, seeTitles, workTitles, "file:write")
	s.judge, s.outside = w.key(s.reviewer, seeTitles, workTitles), w.key(w.neighbour, seeTitles, workTitles)
	province := w.key(w.person("省局", account.Grant{Role: app.RoleOfficial, Region: "320000"}), seeTitles, workTitles)
	made := province.Post("/recognition/titles", map[string]any{
		"id": "institution.star", "subject": "institution", "name": map[string]any{"zh": "星级服务机构", "en": "Star institution"},
		"grade": "5", "below": "4", "months": 36, "publicity": 3, "reviewers": 1,
		"report_by": "04-30", "recheck": 60,
	}).Is(http.StatusCreated)
	var settings struct {
		ReportBy string `json:"report_by"`
		Recheck  int
	}
	if made.Into(&settings); settings.ReportBy != "04-30" || settings.Recheck != 60 {
		w.t.Errorf("the title says %+v", settings)
	}
	path := "/recognition/titles/" + made.ID()
	// Everything that is wrong with criteria is told at once, and nothing is kept.
	bad := rubric("name", map[string]any{"zh": "", "en": ""}, "source", map[string]any{"law": "", "grade": "A"})
	broken := province.Post(path+"/criteria", bad).Is(http.StatusUnprocessableEntity).Broken()
	if slices.Sort(broken); !slices.Equal(broken, []string{"name", "source"}) {
		w.t.Errorf("broken at %v", broken)
	}
	line := func(id string, weight float64, more ...any) map[string]any {
		return with(map[string]any{"id": id, "name": map[string]any{"zh": "服务", "en": ""}, "weight": weight}, more...)
	}
	bad = rubric("score", map[string]any{"pass": 60, "items": []any{line("work", 60), line("group", 30, "items", []any{line("a", 10), line("a", 15)})}},
		"rule", map[string]any{"name": map[string]any{"zh": "条件", "en": ""}, "all": []any{
			map[string]any{"id": "staff", "name": map[string]any{"zh": "人员", "en": ""}, "op": ">="},
		}})
	var at []string
	for _, e := range province.Post(path+"/criteria", bad).Is(http.StatusUnprocessableEntity).Problem().Errors {
		at = append(at, e.Pointer)
	}
	if slices.Sort(at); !slices.Equal(at, []string{"/rule/all/0/need", "/score/items", "/score/items/1/items", "/score/items/1/items/1/id"}) {
		w.t.Errorf("broken at %v", at)
	}
	if kept := province.Get(path).Is(http.StatusOK); strings.Contains(string(kept.Body), "草稿") || strings.Contains(string(kept.Body), `"version":1001`) {
		w.t.Errorf("something is kept: %s", kept.Body)
	}
	province.Post(path+"/criteria", rubric()).Is(http.StatusOK)
	var title struct {
		Criteria []struct {
			Version   int
			Published bool
			Score     struct{ Items []struct{ Weight float64 } }
		}
	}
	s.applicant.Get(path).Is(http.StatusForbidden)
	province.Get(path).Is(http.StatusOK).Into(&title)
	province.Post(path+"/criteria/"+itoa(title.Criteria[0].Version)+"/publish", nil).Is(http.StatusOK).Into(&title)
	if !title.Criteria[0].Published || len(title.Criteria[0].Score.Items) != 2 {
		w.t.Errorf("in force are %+v", title)
	}
	s.call = s.bureau.Post("/recognition/calls", s.calling()).Is(http.StatusCreated).ID()
	return s
}

func (s *stage) calling(more ...any) map[string]any {
	return with(map[string]any{
		"title": "institution.star", "office": string(county), "name": "星级服务机构申报通知", "document": "射中小企〔2026〕9 号", "year": s.app.DB.Now().Year(),
		"opens": s.day(-1), "closes": s.day(30),
	}, more...)
}

type applied struct {
	ID, State, Award string
	Version          int
	Score            int
	Can              []string
	Values           []struct {
		ID    string
		Value *float64
	}
	Conditions []struct{ Verdict, Line string }
	Reviews    []struct{ State string }
	Objections []struct{ ID, Answer string }
	Files      []struct{ ID string }
	Events     []struct{ Do string }
}

// From the call to the award, all by programs.
func TestProgramsRecogniseAnInstitution(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.staged()
		var calls struct{ Items []struct{ ID, Name string } }
		if w.Get("/recognition/calls?open=true").Is(http.StatusOK).Into(&calls); len(calls.Items) != 1 || calls.Items[0].ID != s.call {
			t.Fatalf("anybody reads the calls %+v", calls.Items)
		}
		w.Get("/recognition/calls/" + s.call).Is(http.StatusOK)
		if s.applicant.Get("/recognition/calls/" + s.call + "/subjects").Is(http.StatusOK).Into(&calls); len(calls.Items) != 1 || calls.Items[0].ID != s.subject {
			t.Errorf("they may apply for %+v", calls.Items)
		}
		if s.applicant.Get("/recognition/calls/" + s.call + "/subjects?q=" + url.QueryEscape("没有这一家")).Is(http.StatusOK).Into(&calls); len(calls.Items) != 0 {
			t.Errorf("of another name they may apply for %+v", calls.Items)
		}
		body := map[string]any{"call": s.call, "subject": s.subject}
		at := s.applicant.With("Idempotency-Key", "begin").Post("/recognition/applications", body).Is(http.StatusCreated)
		if again := s.applicant.With("Idempotency-Key", "begin").Post("/recognition/applications", body).Is(http.StatusCreated); again.ID() != at.ID() {
			t.Errorf("sent twice it is %s and %s", at.ID(), again.ID())
		}
		path := "/recognition/applications/" + at.ID()
		s.outside.Get(path).Is(http.StatusNotFound)
		s.judge.Get(path).Is(http.StatusNotFound)
		s.outside.With("If-Match", at.ETag()).Post(path+"/check", map[string]any{}).Is(http.StatusNotFound)

		broken := s.applicant.With("If-Match", at.ETag()).Post(path+"/submit", nil).Is(http.StatusUnprocessableEntity).Pointers()
		if !slices.Contains(broken, "/values/staff") || !slices.Contains(broken, "/values/work") {
			t.Errorf("handed in empty it is broken at %v", broken)
		}
		was := at.ETag()
		at = s.applicant.With("If-Match", was).Put(path, map[string]any{"values": map[string]any{"staff": 8, "work": 120}, "words": "八名专职人员"}).Is(http.StatusOK)
		s.applicant.With("If-Match", was).Put(path, map[string]any{"values": map[string]any{"staff": 9}}).Is(http.StatusPreconditionFailed)
		var upload struct{ Token string }
		s.applicant.Post("/uploads?name=list.pdf", []byte("%PDF-1.4 served")).Is(http.StatusCreated).Into(&upload)
		at = s.applicant.With("If-Match", at.ETag()).Post(path+"/evidence", map[string]any{"line": "work", "files": []string{upload.Token}}).Is(http.StatusOK)
		at = s.applicant.With("If-Match", at.ETag()).Post(path+"/submit", nil).Is(http.StatusOK)
		var a applied
		if at.Into(&a); a.State != "submitted" || len(a.Files) != 1 || a.Conditions[0].Verdict != "met" || !strings.Contains(a.Conditions[0].Line, "8") {
			t.Errorf("handed in as %+v", a)
		}
		s.applicant.With("If-Match", at.ETag()).Post(path+"/check", map[string]any{}).Is(http.StatusForbidden)
		at = s.bureau.With("If-Match", at.ETag()).Post(path+"/check", map[string]any{"note": "材料齐全"}).Is(http.StatusOK)
		s.bureau.With("If-Match", at.ETag()).Post(path+"/publicise", nil).Is(http.StatusConflict) // nobody has scored it

		var people struct{ Items []struct{ ID, Tied string } }
		s.bureau.Get(path + "/reviewers").Is(http.StatusOK).Into(&people)
		if len(people.Items) != 1 || people.Items[0].ID != s.reviewer.ID || people.Items[0].Tied != "" {
			t.Fatalf("who may review it: %+v", people.Items)
		}
		// Somebody who declares a tie to the applicant is named with it, and cannot be assigned.
		tied := w.person("何晓", account.Grant{Role: app.RoleReviewer, Region: county})
		tie := map[string]any{"party": guarantor()["name"], "reason": ""}
		w.key(tied, workTitles).Post("/recognition/ties", tie).Is(http.StatusUnprocessableEntity)
		w.key(tied, workTitles).Post("/recognition/ties", with(tie, "reason", "曾任顾问")).Is(http.StatusNoContent)
		var own struct {
			Items []struct {
				ID, Name string
				EndedOn  string `json:"ended_on"`
			}
		}
		if w.key(tied, seeTitles).Get("/recognition/ties").Is(http.StatusOK).Into(&own); len(own.Items) != 1 || own.Items[0].Name != guarantor()["name"] {
			t.Errorf("their ties are %+v", own.Items)
		}
		if s.bureau.Get("/recognition/ties").Is(http.StatusOK).Into(&own); len(own.Items) != 1 {
			t.Errorf("the office sees the ties %+v", own.Items)
		}
		s.judge.Post("/recognition/ties/"+own.Items[0].ID+"/end", nil).Is(http.StatusNotFound)
		w.key(tied, workTitles).Post("/recognition/ties/"+own.Items[0].ID+"/end", nil).Is(http.StatusNoContent)
		w.key(tied, workTitles).Post("/recognition/ties", with(tie, "reason", "又任顾问")).Is(http.StatusNoContent)
		s.bureau.Get(path + "/reviewers").Is(http.StatusOK).Into(&people)
		for _, p := range people.Items {
			if (p.Tied != "") != (p.ID == tied.ID) {
				t.Errorf("%s is tied: %q", p.ID, p.Tied)
			}
		}
		s.bureau.With("If-Match", at.ETag()).Post(path+"/reviewers", map[string]any{"reviewers": []string{tied.ID}}).Is(http.StatusUnprocessableEntity)
		s.bureau.With("If-Match", at.ETag()).Post(path+"/reviewers", map[string]any{"reviewers": []string{s.reviewer.ID}}).Is(http.StatusOK)
		var mine struct {
			Items []struct{ Application, Review struct{ ID, State string } }
		}
		if s.judge.Get("/recognition/reviews").Is(http.StatusOK).Into(&mine); len(mine.Items) != 1 || mine.Items[0].Application.ID != a.ID {
			t.Errorf("the reviewer has %+v", mine.Items)
		}
		s.applicant.Get("/recognition/reviews").Is(http.StatusForbidden)
		wrong := s.judge.Post(path+"/review", map[string]any{"points": map[string]any{"quality": 130}, "words": ""}).Is(http.StatusUnprocessableEntity).Problem()
		if len(wrong.Errors) != 2 || wrong.Errors[0].Pointer != "/points/quality" || wrong.Errors[1].Pointer != "/words" {
			t.Errorf("too many points are told as %+v", wrong.Errors)
		}
		if s.judge.Post(path+"/review", map[string]any{"points": map[string]any{"quality": 90}, "words": "同意推荐"}).Is(http.StatusOK).Into(&a); a.State != "scored" || a.Score != 9600 {
			t.Errorf("scored it is %s with %d", a.State, a.Score)
		}
		var ranked struct{ Items []applied }
		if s.bureau.Get("/recognition/calls/" + s.call + "/ranking").Is(http.StatusOK).Into(&ranked); len(ranked.Items) != 1 || ranked.Items[0].Score != 9600 {
			t.Errorf("the ranking is %+v", ranked.Items)
		}
		at = s.bureau.With("If-Match", s.bureau.Get(path).ETag()).Post(path+"/publicise", nil).Is(http.StatusOK)
		proposal := "/recognition/proposals/" + a.ID
		w.Get(proposal).Is(http.StatusOK)
		w.key(w.owner, workTitles).Post(proposal+"/objections", map[string]any{"words": "服务人员没有八名，请核实。"}).Is(http.StatusOK)
		s.bureau.With("If-Match", at.ETag()).Post(path+"/decide", map[string]any{"document": "射中小企〔2026〕20 号"}).Is(http.StatusConflict)
		w.shift(t, `UPDATE recognition_application SET public_to = public_on, public_on = '2026-01-01'`)
		w.shift(t, `UPDATE recognition_application SET public_to = '2026-01-05'`)
		got := s.bureau.Get(path).Is(http.StatusOK)
		got.Into(&a)
		s.bureau.With("If-Match", got.ETag()).Post(path+"/decide", map[string]any{"document": "射中小企〔2026〕20 号"}).Is(http.StatusConflict) // an open objection
		at = s.bureau.With("If-Match", got.ETag()).Post(path+"/objections/"+a.Objections[0].ID+"/answer", map[string]any{"answer": "已核实，八名。"}).Is(http.StatusOK)
		if s.bureau.With("If-Match", at.ETag()).Post(path+"/decide", map[string]any{"document": "射中小企〔2026〕20 号"}).Is(http.StatusOK).Into(&a); a.State != "recognised" || a.Award == "" {
			t.Fatalf("decided it is %+v", a)
		}
		s.afterwards(t, a)
	})
}

// afterwards is the life of the award.
func (s *stage) afterwards(t *testing.T, a applied) {
	t.Helper()
	var held struct {
		Items []struct {
			Title, Grade string
			Subject      struct{ ID string }
		}
		Total int
	}
	if s.Get("/recognition/published-awards?total=true").Is(http.StatusOK).Into(&held); held.Total != 1 || held.Items[0].Subject.ID != s.subject || held.Items[0].Grade != "5" {
		t.Errorf("anybody reads %+v", held)
	}
	award := "/recognition/awards/" + a.Award
	s.outside.Get(award).Is(http.StatusNotFound)
	at := s.applicant.Get(award).Is(http.StatusOK)
	year := s.app.DB.Now().Year()
	s.applicant.With("If-Match", at.ETag()).Post(award+"/report", map[string]any{"year": year + 1, "words": "服务企业五十家。"}).Is(http.StatusUnprocessableEntity)
	at = s.applicant.With("If-Match", at.ETag()).Post(award+"/report", map[string]any{"year": year, "words": "今年服务企业一百家，解决问题八十个。"}).Is(http.StatusOK)
	s.applicant.With("If-Match", at.ETag()).Post(award+"/recheck", nil).Is(http.StatusForbidden)
	at = s.bureau.With("If-Match", at.ETag()).Post(award+"/recheck", nil).Is(http.StatusOK)
	at = s.bureau.With("If-Match", at.ETag()).Post(award+"/downgrade", map[string]any{"document": "射中小企〔2026〕30 号"}).Is(http.StatusOK)
	var w struct {
		Grade, Was, State string
		Reports           []struct{ Year int }
		Events            []struct{ Do string }
	}
	if at.Into(&w); w.Grade != "4" || w.Was != "5" || len(w.Reports) != 1 || len(w.Events) < 3 {
		t.Errorf("downgraded it is %+v", w)
	}
	s.bureau.With("If-Match", at.ETag()).Post(award+"/revoke", map[string]any{"reason": " "}).Is(http.StatusUnprocessableEntity)
	if s.bureau.With("If-Match", at.ETag()).Post(award+"/revoke", map[string]any{"reason": "弄虚作假"}).Is(http.StatusOK).Into(&w); w.State != "revoked" {
		t.Errorf("revoked it is %+v", w)
	}
	s.Get("/recognition/published-awards?total=true").Is(http.StatusOK).Into(&held)
	if held.Total != 0 {
		t.Errorf("what was revoked is shown: %+v", held.Items)
	}
	call := "/recognition/calls/" + s.call
	s.bureau.With("If-Match", s.Get(call).ETag()).Post(call+"/close", nil).Is(http.StatusOK)
}

// What ends an application before its award, and who may not touch titles.
func TestAnApplicationGivenBackRefusedAndTakenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.staged()
		title := map[string]any{"name": map[string]any{"zh": "星级机构", "en": ""}, "months": 12, "publicity": 3, "reviewers": 1, "report_by": "", "recheck": 0}
		s.bureau.With("If-Match", s.bureau.Get("/recognition/titles/institution.star").ETag()).Put("/recognition/titles/institution.star", title).Is(http.StatusForbidden)
		bad := s.calling("name", "短", "opens", "明天", "quota", -1, "office", "x")
		got := s.bureau.Post("/recognition/calls", bad).Is(http.StatusUnprocessableEntity).Broken()
		if slices.Sort(got); !slices.Equal(got, []string{"name", "office", "opens", "quota"}) {
			t.Errorf("a call is broken at %v", got)
		}
		at := s.applicant.Post("/recognition/applications", map[string]any{"call": s.call, "subject": s.subject}).Is(http.StatusCreated)
		path := "/recognition/applications/" + at.ID()
		at = s.applicant.With("If-Match", at.ETag()).Post(path+"/withdraw", nil).Is(http.StatusOK)
		var a applied
		if at.Into(&a); a.State != "withdrawn" {
			t.Errorf("taken back it is %s", a.State)
		}
		at = s.applicant.Post("/recognition/applications", map[string]any{"call": s.call, "subject": s.subject}).Is(http.StatusCreated)
		path = "/recognition/applications/" + at.ID()
		at = s.applicant.With("If-Match", at.ETag()).Put(path, map[string]any{"values": map[string]any{"staff": 3, "work": 10}}).Is(http.StatusOK)
		var upload struct{ Token string }
		s.applicant.Post("/uploads?name=list.pdf", []byte("%PDF-1.4 served")).Is(http.StatusCreated).Into(&upload)
		at = s.applicant.With("If-Match", at.ETag()).Post(path+"/evidence", map[string]any{"line": "work", "files": []string{upload.Token}}).Is(http.StatusOK)
		at = s.applicant.With("If-Match", at.ETag()).Post(path+"/submit", nil).Is(http.StatusOK)
		s.bureau.With("If-Match", at.ETag()).Post(path+"/check", map[string]any{}).Is(http.StatusConflict) // three people are not five
		at = s.bureau.With("If-Match", at.ETag()).Post(path+"/return", map[string]any{"reason": "请核对服务人员"}).Is(http.StatusOK)
		at = s.applicant.With("If-Match", at.ETag()).Post(path+"/submit", nil).Is(http.StatusOK)
		at = s.bureau.With("If-Match", at.ETag()).Post(path+"/refuse", map[string]any{"reason": "人员不足"}).Is(http.StatusOK)
		if at.Into(&a); a.State != "refused" || len(a.Can) != 0 {
			t.Errorf("refused it is %s, and one can %v", a.State, a.Can)
		}
		var list struct {
			Items []applied
			Total int
		}
		if s.applicant.Get("/recognition/applications?total=true&state=refused").Is(http.StatusOK).Into(&list); list.Total != 1 || list.Items[0].ID != a.ID {
			t.Errorf("the applicant's list is %+v", list)
		}
		if s.outside.Get("/recognition/applications?total=true").Is(http.StatusOK).Into(&list); list.Total != 0 {
			t.Errorf("another county sees %+v", list)
		}
	})
}

func itoa(n int) string { return strconv.Itoa(n) }
