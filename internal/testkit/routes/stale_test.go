package routes_test

import (
	"net/http"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/domain/account/accountweb"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/world"
)

// Two people have the same page open and one is faster: who comes second finds
// the record as it is now with all they typed, and sends it again as it stands.
func TestWhoComesSecondLosesNothingTyped(t *testing.T) {
	w := world.New(t, testkit.Migrated(t))
	own := w.At[world.Own.Name]
	day := flow.DayOf(w.DB.Now())
	for name, c := range map[string]struct {
		role         string
		at           world.Place
		page, send   string
		first, later []string // what each types, by field and value
		keeps        string   // where what was typed stands
	}{
		"a guarantor's financial figures": {
			app.RoleInstitution, world.Own, "/guarantors/" + string(own.Institution) + "/manage", "/finance",
			[]string{"from", day, "registered", "1000", "net_assets", "1000", "source", "先到的报表"},
			[]string{"from", day, "registered", "2000", "net_assets", "1900", "source", "后到的年度审计报告"},
			"input[value=后到的年度审计报告]",
		},
		"the profile of a park": {
			app.RoleInstitution, world.Own, "/bench/parks/" + own.Parks.Park + "/edit", "/edit",
			[]string{"address", "创业路1号"},
			[]string{"address", "幸福大道128号"},
			"input[value=幸福大道128号]",
		},
		"a building": {
			app.RoleInstitution, world.Own, "/bench/parks/" + own.Parks.Park + "/buildings?house=" + own.Parks.Building, "/buildings",
			[]string{"floors", "4"},
			[]string{"floors", "5", "name", "一号多层厂房"},
			"input[value=一号多层厂房]",
		},
		"the grade of a park": {
			app.RoleOfficial, world.Above, "/bench/parks/" + own.Parks.Park, "/grade",
			[]string{"grade", "a", "from", "2020-01-01", "document", "先到的文件"},
			[]string{"grade", "a", "from", "2021-01-01", "document", "后到的文件"},
			"input[value=后到的文件]",
		},
		"what a platform does": {
			app.RoleInstitution, world.Own, "/platforms/" + own.Platforms.Platform + "/manage", "/service",
			[]string{"kind", "professional", "name", "先到的项目", "free_share", "0", "unit", "样"},
			[]string{"kind", "professional", "name", "后到的检测项目", "free_share", "0", "unit", "样"},
			"input[value=后到的检测项目]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			open := func() *testkit.HTML {
				return testkit.Visit(t, w.Handler, accountweb.Cookie, w.Person(c.role, c.at).Token).Get(c.page).Is(http.StatusOK)
			}
			slow := open()
			open().Send(c.send, c.first...).Is(http.StatusSeeOther)
			again := slow.Send(c.send, c.later...).Is(http.StatusPreconditionFailed)
			again.Has(".errsum", "别人改了这条记录")
			again.One(c.keeps)
			again.Send(c.send).Is(http.StatusSeeOther)
		})
	}
}
