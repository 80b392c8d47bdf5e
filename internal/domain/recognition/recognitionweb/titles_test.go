package recognitionweb

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/web"
)

// drawn is what a form that begins from a set sends when nothing was typed.
func drawn(t *testing.T, set *criteria.Set) url.Values {
	t.Helper()
	f, err := (&web.Kit{}).Form(httptest.NewRequest(http.MethodGet, "/", nil), "recognition.criteria")
	if err != nil {
		t.Fatal(err)
	}
	v := criteriaView{Form: f, kept: set}
	v.start()
	sent := url.Values{}
	for _, name := range strings.Fields("name name_en from to law number source_grade pass bonus_cap card_law card_number card_grade") {
		sent.Set(name, f.Raw(name))
	}
	for _, name := range strings.Fields(`c_id c_name c_name_en c_op c_need c_unit c_unit_en c_kind k_name k_name_en k_need k_upper k_min
		s_group s_id s_name s_name_en s_weight s_floor s_bands s_unit s_guide s_evidence s_bonus g_name g_name_en g_floor`) {
		for n := 1; n <= most; n++ {
			if value := f.Raw(name + itoa(n)); value != "" {
				sent.Set(name+itoa(n), value)
			}
		}
	}
	return sent
}

// typed is the set that a form which begins from another one reads.
func typed(t *testing.T, from *criteria.Set, sent url.Values) (criteria.Set, criteriaView) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(sent.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f, err := (&web.Kit{}).Form(r, "recognition.criteria")
	if err != nil {
		t.Fatal(err)
	}
	v := criteriaView{Form: f, kept: from}
	return v.read(), v
}

// shipped are the sets that come with the program, and one with everything that a
// program could have written.
func shipped(t *testing.T) []criteria.Set {
	t.Helper()
	sets, err := criteria.Read(os.DirFS("../criteria"))
	if err != nil {
		t.Fatal(err)
	}
	low, high, much := 3.0, 9.0, 50.0
	words := func(zh string) *criteria.Words { return &criteria.Words{Zh: zh, En: "words"} }
	return append(sets, criteria.Set{
		ID: "test", Version: 1, Name: *words("标准"), Source: criteria.Source{Law: "某号文件", Article: "第三条", Grade: "A"},
		Rule: &criteria.Rule{ID: "whole", Name: *words("条件"), Source: &criteria.Source{Law: "另一文件", Grade: "B"}, All: []criteria.Rule{
			{
				ID: "staff", Name: *words("人员"), Op: criteria.AtLeast, Need: &low, Unit: *words("人"), Input: "people", Most: &much, Kind: criteria.Count,
				Source: &criteria.Source{Law: "第三个文件", Grade: "C"}, Met: words("够 {got}"), Unmet: words("差 {gap}"), Ask: words("有几个人"),
			},
			{ID: "rooms", Name: *words("房间"), Op: criteria.Between, Need: &low, Upper: &high, Unit: *words("间"), Met: words("正好")},
			{ID: "more", Name: *words("比计划多"), Op: criteria.More, Than: "people"},
		}},
	})
}

// A set that is opened and saved is the one it was.
func TestASaveKeepsWhatTheFormDoesNotShow(t *testing.T) {
	for _, set := range shipped(t) {
		got, v := typed(t, &set, drawn(t, &set))
		if err := v.Form.Err(); err != nil {
			t.Errorf("%s: %v", set.ID, err)
		}
		got.ID, got.Version = set.ID, set.Version
		if set.Rule != nil && set.Rule.All != nil { // what is combined comes last
			slices.SortStableFunc(set.Rule.All, func(a, b criteria.Rule) int {
				switch {
				case formed(a) == formed(b):
					return 0
				case formed(a):
					return -1
				default:
					return 1
				}
			})
		}
		if !reflect.DeepEqual(got, set) {
			t.Errorf("%s is now\n%+v\nand was\n%+v", set.ID, got, set)
		}
	}
}

// What is inside a group, its number, and the minimum of a group of lines are changed
// where they stand; what is wrong is told there.
func TestAGroupIsEditedInsideOut(t *testing.T) {
	sets := shipped(t)
	set := &sets[slices.IndexFunc(sets, func(s criteria.Set) bool { return s.ID == "recognition.base.startup" })]
	sent := drawn(t, set)
	sent.Set("k_min1", "5")
	sent.Set("k_need3", "120") // 线下年服务企业
	sent.Set("k_name5", "辅导创业企业")
	got, v := typed(t, set, sent)
	group := got.Rule.All[len(got.Rule.All)-1]
	if err := v.Form.Err(); err != nil || group.Min != 5 || *group.Of[0].All[0].Need != 120 || group.Of[1].Name.Zh != "辅导创业企业" {
		t.Errorf("the group is now %+v (%v)", group, err)
	}
	if kept := set.Rule.All[len(set.Rule.All)-1]; kept.Min != 4 || *kept.Of[0].All[0].Need != 100 {
		t.Errorf("what it began from was changed: %+v", kept)
	}
	sent.Set("k_min1", "9")
	got, v = typed(t, set, sent)
	got.ID = set.ID
	if v.broken(got.Check()); len(v.Form.Problems()) != 1 || v.Form.Problems()[0].Field != "k_min1" {
		t.Errorf("nine of eight are told at %v", v.Form.Problems())
	}
	set = &sets[slices.IndexFunc(sets, func(s criteria.Set) bool { return s.ID == "recognition.park.a" })]
	sent = drawn(t, set)
	if sent.Get("g_name2") != "发展成效" || sent.Get("g_floor2") != "20" {
		t.Errorf("the minimum is shown as %q of %q", sent.Get("g_floor2"), sent.Get("g_name2"))
	}
	sent.Set("g_floor2", "25")
	if got, _ = typed(t, set, sent); got.Score.Items[1].Floor != 25 {
		t.Errorf("it is now %v", got.Score.Items[1].Floor)
	}
	sent.Set("g_floor2", "41")
	sent.Set("c_need1", "5") // beside 必须是
	sent.Set("s_bands3", "inf=100; =20")
	got, v = typed(t, set, sent)
	got.ID = set.ID
	var fields []string
	_ = v.Form.Broken(nil)
	for _, b := range v.Form.Problems() {
		fields = append(fields, b.Field)
	}
	if !slices.Equal(fields, []string{"c_need1"}) {
		t.Errorf("a number beside a yes or no: %v", fields)
	}
	sent.Del("c_need1")
	got, v = typed(t, set, sent)
	got.ID = set.ID
	v.broken(got.Check())
	fields = nil
	for _, b := range v.Form.Problems() {
		fields = append(fields, b.Field)
	}
	if slices.Sort(fields); !slices.Equal(fields, []string{"g_floor2", "s_bands3"}) {
		t.Errorf("a minimum above the group and a band without end: %v", fields)
	}
}
