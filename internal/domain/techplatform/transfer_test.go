package techplatform_test

import (
	"bytes"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

const workHead = "平台名称,服务类别,服务日期,服务内容,企业代码,收费\n"

// bring imports a table of services and says what became of its rows.
func (w *world) bring(by authz.Actor, rows string) xfer.Report {
	w.t.Helper()
	file := []byte(workHead + rows)
	r, err := xfer.Open(bytes.NewReader(file), int64(len(file)), techplatform.WorkTable(), xfer.Uploaded(), nil)
	w.must(err)
	imp, err := w.ImportWorks(w.t.Context(), by)
	w.must(err)
	report, err := xfer.Run(w.t.Context(), r, imp, xfer.Plan{})
	w.must(err)
	return report
}

// A platform brings the book of what it did before: each line is one service for
// one or more enterprises. The same book again changes nothing, and what goes out
// is what comes in.
func TestTheBookOfServicesComesInAndGoesOut(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w := open(t, source)
		lab := people(w.college)
		mill, forge := organisationCode(1), organisationCode(2)
		book := "科行公司技术平台,综合性技术服务,2007-05-01,纺织企业工艺会诊," + mill + "；" + forge + ",\n" +
			"科行公司技术平台,professional,2008/6/1,除尘效率检测," + mill + ",1200.50\n"
		said := w.bring(lab, book)
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
		file := []byte(out.String())
		r, err := xfer.Open(bytes.NewReader(file), int64(len(file)), techplatform.WorkTable(), xfer.Uploaded(), nil)
		w.must(err)
		imp, err := w.ImportWorks(t.Context(), lab)
		w.must(err)
		if said, err = xfer.Run(t.Context(), r, imp, xfer.Plan{}); err != nil || said.Unchanged != 2 {
			t.Errorf("what went out comes in: %+v, %v", said, err)
		}
	})
}
