package techplatform_test

import (
	"context"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

const workHead = "平台名称,服务类别,服务日期,服务内容,企业代码,收费\n"

// bring imports a table of services and says what became of its rows.
func (w *world) bring(by authz.Actor, rows string) xfer.Report {
	w.t.Helper()
	return w.land(techplatform.WorkTable(), w.ImportWorks, by, workHead+rows, false)
}

type importing = func(context.Context, authz.Actor) (xfer.Importer, error)

// land imports a file, or checks it alone.
func (w *world) land(table *xfer.Table, start importing, by authz.Actor, file string, dry bool) xfer.Report {
	w.t.Helper()
	r, err := xfer.Open(strings.NewReader(file), int64(len(file)), table, xfer.Uploaded(), nil)
	w.must(err)
	imp, err := start(w.t.Context(), by)
	w.must(err)
	report, err := xfer.Run(w.t.Context(), r, imp, xfer.Plan{Dry: dry})
	w.must(err)
	return report
}

// The city brings the book of what a platform did before, which the platform by
// itself cannot: each line is one service for one or more enterprises. The same book
// again changes nothing, and what goes out is what comes in.
func TestTheBookOfServicesComesInAndGoesOut(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		lab, office := people(w.college), staff(city)
		mill, forge := organisationCode(1), organisationCode(2)
		book := "科行公司技术平台,综合性技术服务,2007-05-01,纺织企业工艺会诊," + mill + "；" + forge + ",\n" +
			"科行公司技术平台,professional,2008/6/1,除尘效率检测," + mill + ",1200.50\n"
		if said := w.bring(lab, book); said.New != 0 || said.Rejected != 2 {
			t.Fatalf("the platform brings earlier years by itself: %+v", said)
		}
		said := w.bring(office, book)
		if said.New != 2 || said.Rejected != 0 {
			t.Fatalf("%+v", said)
		}
		if n := w.figure("enterprises", city, "2008-12-31"); n != 2 {
			t.Errorf("%d enterprises, want 2", n)
		}
		if n := w.figure("fees", city, "2008-12-31"); n != 120_050 {
			t.Errorf("%d fen, want 1200.50 yuan", n)
		}
		facts := w.facts()
		if said = w.bring(lab, book); said.Unchanged != 2 || w.facts() != facts {
			t.Errorf("the same again: %+v and %d facts", said, w.facts()-facts)
		}
		said = w.bring(lab, "科行公司技术平台,综合性技术服务,2010-01-01,还没有做,"+mill+",\n"+
			"别人的平台,综合性技术服务,2008-01-01,工艺会诊,"+mill+",\n"+
			"科行公司技术平台,维修,2008-01-01,修机器,"+organisationCode(9)+",-5\n"+
			"科行公司技术平台,综合性技术服务,2008-01-01,工艺会诊,12345,\n")
		if said.New != 0 || said.Rejected != 4 || w.facts() != facts {
			t.Errorf("four broken rows: %+v", said)
		}
		if said = w.bring(staff(sheyang), book); said.Rejected != 2 {
			t.Errorf("another county's office: %+v", said)
		}
		if _, err := w.ImportWorks(t.Context(), owner(w.mill)); err != nil {
			t.Errorf("somebody with the right: %v", err)
		}
		if _, err := w.ImportWorks(t.Context(), looker(city)); !fault.Is(err, fault.Denied) {
			t.Errorf("somebody without: %v", err)
		}

		var out strings.Builder
		table, err := xfer.NewWriter(&out, techplatform.WorkTable(), xfer.CSV, text.Zh)
		w.must(err)
		w.must(w.ExportWorks(t.Context(), lab, techplatform.WorkFilter{}, xfer.Put(table, techplatform.WorkTable(), text.Zh)))
		w.must(table.Close())
		for _, words := range []string{"综合性技术服务,2007-05-01,纺织企业工艺会诊", "射阳县鹤乡纺织有限公司", "1200.5"} {
			if !strings.Contains(out.String(), words) {
				t.Errorf("the export lacks %q:\n%s", words, out.String())
			}
		}
		if said = w.land(techplatform.WorkTable(), w.ImportWorks, lab, out.String(), false); said.Unchanged != 2 {
			t.Errorf("what went out comes in: %+v", said)
		}
	})
}

// Patents, needs and offers, and confirmed new products come in by tables as their
// pages would take them: a check alone leaves nothing, the same again changes
// nothing, what goes out is what comes in, and what is wrong or another's is told
// by the row.
func TestTechnologyTablesComeInAndGoOut(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w, mill, forge := open(t, source), organisationCode(1), organisationCode(2)
		for _, c := range []struct {
			name   string
			table  *xfer.Table
			start  func(w *world) importing
			export func(w *world, put func([]string) error) error
			by     authz.Actor // who brings them
			other  authz.Actor // an office that reaches the forge alone
			good   string      // two rows, of the mill and of the forge or the college
			bad    string      // four broken rows
			record string
			counts string // the measure
			want   int64
		}{
			{
				"patents", techplatform.PatentTable(), func(w *world) importing { return w.ImportPatents },
				func(w *world, put func([]string) error) error {
					return w.ExportPatents(t.Context(), staff(city), techplatform.PatentFilter{}, text.Zh, put)
				}, staff(city), staff(jianhu),
				"number,title,code,applied,granted,on_offer\nZL 200820123456.7,一种断头检测装置," + mill + ",2008-03-05,2008-12-17,是\n" +
					"200810243210.8,一种珩磨头," + forge + ",2008-09-01,,\n",
				"number,title,code,applied,granted,on_offer\n200820123456.1,检测," + mill + ",2008-03-05,,\n200820123456.7,检测," + forge + ",2008-03-05,,\n" +
					"200830123456.3,检测," + organisationCode(9) + ",2008-03-05,,\n200810243210.8,珩," + forge + ",2009-09-01,,\n",
				"techplatform_patent", "patents", 1,
			},
			{
				"notices", techplatform.NoticeTable(), func(w *world) importing { return w.ImportNotices },
				func(w *world, put func([]string) error) error {
					return w.ExportNotices(t.Context(), staff(city), techplatform.NoticeFilter{}, put)
				}, staff(city), staff(jianhu),
				"side,title,text,industry,amount,code,institution,contact\n技术需求,细纱机断头自动检测,细纱机断头全靠人工巡回发现，希望能自动检测。,17,300000," + mill + ",,王工 0515-82330000\n" +
					"offer,滤袋除尘器喷吹优化,按流场计算重新布置喷吹管，膜片寿命提高到十四个月。,C35,,,盐城科行环保技术有限公司,刘工 0515-88160000\n",
				"side,title,text,industry,amount,code,institution,contact\n技术需求,细纱机断头自动检测,说法变了，希望能自动检测断头并且报警，漏报率低。,17,1," + mill + ",,王工 0515-82330000\n" +
					"技术需求,除尘器,太短,C99,-1," + forge + ",,\n技术需求,机构不能发布需求,按流场计算重新布置喷吹管，膜片寿命提高到十四个月。,C35,,,盐城科行环保技术有限公司,刘工 0515\n" +
					"技术成果,没有写是哪家单位,按流场计算重新布置喷吹管，膜片寿命提高到十四个月。,C35,,,,刘工 0515\n",
				"techplatform_notice", "notices", 0, // they wait for their reviews
			},
			{
				"products", techplatform.ProductTable(), func(w *world) importing { return w.ImportProducts },
				func(w *world, put func([]string) error) error {
					return w.ExportProducts(t.Context(), staff(city), techplatform.ProductFilter{}, put)
				}, staff(city), staff(jianhu),
				"name,industry,about,code,applied_on,grade,certificate,on\n断头自停细纱机,17,逐锭检测断头并自停，用工减少四成，已有三家纺织厂使用。," + mill + ",2007-03-01,国内领先,苏鉴 1 号,2007-09-18\n" +
					"高压柱塞式液压缸,C34,额定压力六十三兆帕，内泄漏量低，寿命试验二十万次。," + forge + ",,Advanced in the nation,苏鉴 2 号,2008-07-08\n",
				"name,industry,about,code,applied_on,grade,certificate,on\n断头自停细纱机,17,逐锭检测断头并自停，用工减少四成，已有三家纺织厂使用。," + mill + ",2007-03-01,国内领先,苏鉴 9 号,2007-09-18\n" +
					"没有结论,C34,额定压力六十三兆帕，内泄漏量低，寿命试验二十万次。," + forge + ",,,,\n结论在后,C34,额定压力六十三兆帕，内泄漏量低，寿命试验二十万次。," + forge + ",2008-01-01,国内领先,苏鉴 3 号,2007-01-01\n" +
					"库里没有,C34,额定压力六十三兆帕，内泄漏量低，寿命试验二十万次。," + organisationCode(9) + ",,国内领先,苏鉴 4 号,2008-07-08\n",
				"techplatform_product", "products", 2,
			},
		} {
			t.Run(c.name, func(t *testing.T) {
				w.t = t
				start := c.start(w)
				rows := func() (n int) {
					t.Helper()
					w.must(w.db.Get(t.Context(), &n, `SELECT COUNT(*) FROM `+c.record))
					return n
				}
				if _, err := start(t.Context(), looker(city)); !fault.Is(err, fault.Denied) {
					t.Errorf("somebody without the right: %v", err)
				}
				if said := w.land(c.table, start, c.by, c.good, true); said.New != 2 || rows() != 0 {
					t.Errorf("a check alone: %+v and %d on file", said, rows())
				}
				if said := w.land(c.table, start, c.other, c.good, true); said.New > 1 || said.Rejected < 1 {
					t.Errorf("an office that does not reach the mill: %+v", said)
				}
				if said := w.land(c.table, start, c.by, c.good, false); said.New != 2 || rows() != 2 {
					t.Fatalf("%+v and %d on file", said, rows())
				}
				if got := w.figure(c.counts, city, "2009-01-06"); got != c.want {
					t.Errorf("%d count, want %d", got, c.want)
				}
				facts := w.facts()
				audits := func() (n int) {
					t.Helper()
					w.must(w.db.Get(t.Context(), &n, `SELECT COUNT(*) FROM audit_entry`))
					return n
				}
				before := audits()
				same := func(what string, said xfer.Report) {
					t.Helper()
					if said.Unchanged != 2 || w.facts() != facts || audits() != before {
						t.Errorf("%s: %+v, %d facts and %d entries more", what, said, w.facts()-facts, audits()-before)
					}
				}
				same("the same again", w.land(c.table, start, c.by, c.good, false))
				for _, format := range []xfer.Format{xfer.CSV, xfer.XLSX} {
					var out strings.Builder
					table, err := xfer.NewWriter(&out, c.table, format, text.Zh)
					w.must(err)
					w.must(c.export(w, xfer.Put(table, c.table, text.Zh)))
					w.must(table.Close())
					same("what went out as "+string(format), w.land(c.table, start, c.by, out.String(), false))
				}
				if said := w.land(c.table, start, c.by, c.bad, false); said.Rejected != 4 || w.facts() != facts || rows() != 2 {
					t.Errorf("four broken rows: %+v", said)
				}
				if _, err := gate.Verify(t.Context(), w.db); err != nil {
					t.Error(err)
				}
			})
		}
	})
}
