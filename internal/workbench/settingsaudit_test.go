package workbench_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

func TestTheAuditorReadsTheTrail(t *testing.T) {
	o := newPlant(t)
	do := func(who string, may authz.Permission, at authz.Target, id string) {
		t.Helper()
		c := &gate.Change{By: o.actors[who], Do: may, On: at, Record: gate.Record{Kind: "region", ID: id}, Detail: map[string]any{"source": "苏民政〔2008〕9号"}}
		c.By.Grants = []authz.Grant{{Role: authz.Role{Name: "r", Permissions: []authz.Permission{may}}, Region: "320000"}}
		if err := o.gate.Write(t.Context(), c, func(context.Context, *db.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	o.now = time.Date(2009, 1, 7, 15, 59, 0, 0, time.UTC) // 23:59 in China
	do("wang", territory.Reorganise, authz.At(sheyang), "320924100")
	o.now = o.now.Add(2 * time.Minute)
	do("xu", territory.SetKeyTown, authz.At(jianhu), "320925100")
	qian := o.as("audit")

	page := qian.Get(settings + "/audit").Is(http.StatusOK)
	page.Has("tbody tr", "2009年1月8日 00:01:00 徐明 确定重点镇 地区 320925100 建湖县 source 苏民政〔2008〕9号")
	page.Has("tbody tr", "王海燕 调整行政区划 地区 320924100 射阳县")
	page.Has("tbody tr", "系统（装入自带数据）")
	if first := testkit.Text(page.All("tbody tr")[0]); !strings.Contains(first, "徐明") {
		t.Errorf("the newest entry is %s", first)
	}
	for query, want := range map[string][2]string{ // what is seen, what is not
		"since=2009-01-08":                   {"徐明", "王海燕"},
		"until=2009-01-07&since=2009-01-07":  {"王海燕", "徐明"},
		"who=海燕":                             {"王海燕", "徐明"},
		"who=" + o.actors["xu"].ID:           {"徐明", "王海燕"},
		"action=territory.region.reorganise": {"王海燕", "确定重点镇 地区"},
		"kind=region&id=320925100":           {"徐明", "王海燕"},
	} {
		page := qian.Get(settings + "/audit?" + query).Is(http.StatusOK)
		page.Has("tbody", want[0])
		page.Lacks("tbody", want[1])
		page.Has(".pager", "共 1 条")
	}
	page = qian.Get(settings + "/audit?who=赵钱孙").Is(http.StatusOK)
	page.Has(".empty", "没有这样的记录")
	wrong := qian.Get(settings + "/audit?since=1月&until=2月").Is(http.StatusUnprocessableEntity)
	wrong.Has(".errsum", "从哪天：请按")
	wrong.Has(".errsum", "到哪天：请按")
	qian.Get(settings+"/audit?since=2009-01-08&until=2009-01-07").Is(http.StatusUnprocessableEntity).Has(".errsum", "不早于开始")

	county := o.as("county").Get(settings + "/audit").Is(http.StatusOK) // sees its own county only
	county.Has("tbody", "王海燕")
	county.Lacks("tbody", "徐明")
	county.Lacks("main", "核对全部记录")
}

func TestTheTrailIsReadPageByPageAndItsChainChecked(t *testing.T) {
	o := newPlant(t)
	for i := range 60 {
		c := &gate.Change{By: authz.System("seed", account.Create), Do: account.Create, On: authz.At(yancheng), Record: gate.Record{Kind: "person", ID: fmt.Sprint("p", i)}}
		if err := o.gate.Write(t.Context(), c, func(context.Context, *db.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	qian := o.as("audit")
	page := qian.Get(settings + "/audit").Is(http.StatusOK)
	if n := len(page.All("tbody tr")); n != 50 {
		t.Errorf("the first page has %d entries, want 50", n)
	}
	next := qian.Get(testkit.Attr(page.One(".pager a[rel=next]"), "href")).Is(http.StatusOK)
	next.Has(".pager", "第 51—")
	back := qian.Get(testkit.Attr(next.One(".pager a[rel=prev]"), "href")).Is(http.StatusOK)
	back.Has("tbody tr", "人员 p59")
	qian.Get(settings + "/audit?after=junk").Is(http.StatusUnprocessableEntity)

	page.Send("/audit/verify").Is(http.StatusSeeOther).Follow().Is(http.StatusOK).Has(".notice", "条，没有被改动或删除")
	if err := o.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE audit_entry SET actor_id = 'somebody' WHERE record_id = 'p30'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	page.Send("/audit/verify").Is(http.StatusSeeOther).Follow().Is(http.StatusOK).Has(".notice--bad", "对不上")
}

func TestTheSystemAdministratorSeesWhatTheJobsDid(t *testing.T) {
	o := newPlant(t)
	he := o.as("system")
	he.Get(settings+"/jobs").Is(http.StatusOK).Has(".notice", "近来没有做不成的任务")
	for _, kind := range []string{"engagement.watch", "notify.mail"} {
		if err := o.jobs.EnqueueNow(t.Context(), kind, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.jobs.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	page := he.Get(settings + "/jobs").Is(http.StatusOK)
	page.Has("tbody tr", "查看需求时限 有事时")
	page.Has("tbody tr", "550 no such mailbox")
	runs := he.Get(settings + "/jobs?kind=engagement.watch").Is(http.StatusOK)
	runs.Has("h1", "查看需求时限")
	runs.Has("tbody tr", "完成 提醒 3")
	he.Get(settings+"/jobs?kind=engagement.watch&outcome=failed").Is(http.StatusOK).Has(".empty", "还没有运行记录")
	he.Get(settings+"/jobs?outcome=gave_up").Is(http.StatusOK).Has("tbody tr", "发邮件")
}
