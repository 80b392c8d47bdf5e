package guarantee_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/testkit/sheet"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// table is a table of the world's.
func (w *world) table(of *xfer.Table, in func(context.Context, authz.Actor) (xfer.Importer, error),
	out func(context.Context, authz.Actor, func([]string) error) error,
) sheet.Kind {
	return sheet.Kind{Table: of, Import: in, Export: out, DB: w.db}
}

// within is an export below a place as an export.
func within[R ~string](place R, export func(context.Context, authz.Actor, R, func([]string) error) error) func(context.Context, authz.Actor, func([]string) error) error {
	return func(ctx context.Context, by authz.Actor, put func([]string) error) error {
		return export(ctx, by, place, put)
	}
}

// another is an institution without books yet, and a second bank.
func (w *world) another() *world {
	w.institution("建湖县信用担保公司", institution.Guarantor, institution.CountyWide, jianhu)
	w.institution("临海镇互助担保会", institution.Guarantor, institution.TownWide, linhai)
	w.institution("临海镇农业服务站", institution.Other, institution.TownWide, linhai)
	w.institution("射阳县建设银行", institution.Bank, institution.CountyWide, sheyang)
	return w
}

// The books of guarantors, their capital from year to year, outlets and banks, and
// the members of pools come in by tables as their pages would take them.
func TestTablesOfGuarantorsComeInAndGoOut(t *testing.T) {
	start := func(of func(w *world) sheet.Kind) func(*testing.T, string) sheet.Kind {
		return func(t *testing.T, source string) sheet.Kind { return of(open(t, source).another()) }
	}
	const policy, pool = "射阳县中小企业信用担保中心", "合德镇纺织企业互助担保会"
	for _, s := range []sheet.Story{
		{
			Name: "guarantors",
			Of: start(func(w *world) sheet.Kind {
				return w.table(guarantee.BookTable(), w.ImportBooks, within(city, w.ExportBooks))
			}),
			By: staff(city), Stranger: staff("320923"), Unable: looker(city),
			Head: "guarantor,type,level,since,registered,net_assets,source,park_name,multiple,member_cap,ended\n",
			Good: []string{
				"建湖县信用担保公司,商业性,county,2005-06-01,50000000,51234567.89,建会验〔2005〕6号,,,,\n",
				"临海镇互助担保会,mutual,town,2006/1/1,2000000,,临会验〔2006〕1号,临海食品园,5,10.5,2008-02-01\n",
			},
			Unknown: "不存在的担保公司,商业性,county,2005-06-01,50000000,51234567.89,建会验〔2005〕6号,,,,\n",
			Bad: map[string][]string{
				policy + ",饭店,国家级,2099-01-01,-5,,,,0.1,,昨天\n":    {"机构性质：“饭店”", "级别：“国家级”", "终止业务日期：", "银行放大倍数："},
				"谁也不知道,政策性,县级,2099-01-01,,,,园,0.1,,\n":           {"担保机构：你能查到的担保机构里没有“谁也不知道”", "开业日期：", "注册资本：", "依据的文件：", "机构性质：", "银行放大倍数："},
				policy + ",政策性,县级,2004-03-18,1,,验资报告,,,,\n":      {"注册资本：这家机构已经建账"},
				policy + ",商业性,县级,2004-03-18,,,批复一号,,,,\n":       {"改性质或级别的日期："},
				"临海镇农业服务站,政策性,县级,2004-03-18,5000000,,验资报告,,,,\n": {"只有担保机构才能建立担保台账"},
			},
			Out: []string{"建湖县信用担保公司,商业性,县级,2005-06-01,50000000,51234567.89,建会验〔2005〕6号", "临海食品园,5,10.5,2008-02-01"},
		},
		{
			Name: "capital",
			Of: start(func(w *world) sheet.Kind {
				return w.table(guarantee.CapitalTable(), w.ImportCapital, within(city, w.ExportCapital))
			}),
			By: staff(sheyang), Stranger: staff(jianhu), Unable: looker(city),
			Head: "guarantor,from,registered,net_assets,invested,unearned,compensation,general,source\n",
			Good: []string{
				policy + ",2004-03-18,60000000,60000000,0,,,,验资报告一号\n",
				policy + ",2007-01-01,80000000,-100.05,1,2,3,4.5,2006年度审计报告\n",
				pool + ",2004-03-18,2000000,2100000,,,,,验资报告二号\n",
			},
			Unknown: "没有这家,2004-03-18,60000000,60000000,0,,,,验资报告一号\n",
			Bad: map[string][]string{
				"没有这家,2099-01-01,x,1,-1,,,,\n":               {"担保机构：你能查到", "起始日期：", "注册资本：", "对其他担保机构的投资：", "依据的文件："},
				policy + ",2003-01-01,60000000,1,,,,,审计报告\n": {"起始日期："},
			},
			Out: []string{",2007-01-01,80000000,-100.05,1,2,3,4.5,2006年度审计报告"},
		},
		{
			Name: "standings",
			Of: start(func(w *world) sheet.Kind {
				return w.table(guarantee.StandingTable(), w.ImportStandings, within(city, w.ExportStandings))
			}),
			By: staff(sheyang), Stranger: staff(jianhu), Unable: looker(city),
			Head: "guarantor,from,type,level,source\n",
			Good: []string{
				policy + ",2004-03-18,互助性,town,开业批复\n",
				policy + ",2006-01-01,商业性,county,改制批复\n",
				policy + ",2007-05-01,policy,县级,划转批复\n",
				pool + ",2004-03-18,mutual,town,设立批复\n",
			},
			Unknown: "没有这家,2004-03-18,policy,town,开业批复\n",
			Bad: map[string][]string{
				"没有这家,2099-01-01,饭店,国家级,\n":               {"担保机构：你能查到", "起始日期：", "机构性质：“饭店”", "级别：“国家级”", "依据的文件："},
				policy + ",2003-01-01,policy,county,批复\n": {"起始日期："},
				pool + ",2007-01-01,policy,town,改制批复\n":   {"机构性质："},
			},
			Out: []string{"2004-03-18,互助性,乡镇级,开业批复", "2006-01-01,商业性,县级,改制批复", "2007-05-01,政策性,县级,划转批复"},
		},
		{
			Name: "statements",
			Of: start(func(w *world) sheet.Kind {
				return w.table(guarantee.StatementTable(), w.ImportStatements, within(city, w.ExportStatements))
			}),
			By: staff(sheyang), Stranger: staff(jianhu), Unable: looker(city),
			Head: "guarantor,on,total,receivable,first,second,third,source\n",
			Good: []string{
				policy + ",2006-12-31,100000000,10000000,50000000,30000000,10000000,2006年度审计报告\n",
				policy + ",2007-12-31,120000000.05,,1,2,3.5,2007年度审计报告\n",
				pool + ",2007-12-31,2000000,,,,,2007年度报表\n",
			},
			Unknown: "没有这家,2006-12-31,100000000,0,1,1,1,2006年度审计报告\n",
			Bad: map[string][]string{
				"没有这家,2099-01-01,x,-1,-1,,,\n":                       {"担保机构：你能查到", "报表日期：", "资产总额：", "应收代偿款：", "Ⅰ级资产：", "依据的文件："},
				policy + ",2003-01-01,100,101,,,,审\n":                {"报表日期：", "应收代偿款：不能超过资产总额", "依据的文件："},
				policy + ",2007-12-31,1000000,1,500000,500000,,报表\n": {"Ⅰ级资产：Ⅰ级、Ⅱ级、Ⅲ级资产合计 100 万元"},
			},
			Out: []string{",2007-12-31,120000000.05,,1,2,3.5,2007年度审计报告"},
		},
		{
			Name: "outlets",
			Of: start(func(w *world) sheet.Kind {
				return w.table(guarantee.OutletTable(), w.ImportOutlets, within(city, w.ExportOutlets))
			}),
			By: staff(sheyang), Stranger: staff(jianhu), Unable: looker(city),
			Head:    "guarantor,town,from,to\n",
			Good:    []string{policy + ",320924100,2006-01-01,\n", policy + ",320924101,2006-01-01,2008-01-01\n", pool + ",320924100,2007-01-01,\n"},
			Unknown: "没有这家,320924100,2006-01-01,\n",
			Bad: map[string][]string{
				"没有这家,320924,2099-01-01,2001-01-01\n": {"担保机构：你能查到", "镇街：", "开办日期：", "停办日期："},
				policy + ",没有的镇,,\n":                  {"镇街：", "开办日期："},
			},
			Out: []string{"320924101,2006-01-01,2008-01-01"},
		},
		{
			Name: "banks",
			Of: start(func(w *world) sheet.Kind {
				return w.table(guarantee.BankTable(), w.ImportBanks, within(city, w.ExportBanks))
			}),
			By: staff(sheyang), Stranger: staff(jianhu), Unable: looker(city),
			Head:    "guarantor,bank,line,from,to\n",
			Good:    []string{policy + ",射阳农村合作银行,200000000,2006-01-01,\n", policy + ",射阳县建设银行,,2007-01-01,2008-01-01\n", pool + ",射阳农村合作银行,10000000.5,2007-01-01,\n"},
			Unknown: "没有这家,射阳农村合作银行,200000000,2006-01-01,\n",
			Bad: map[string][]string{
				"没有这家,没有的银行,-1,,2001-01-01\n":                       {"担保机构：你能查到", "合作银行：机构名录里没有叫“没有的银行”", "授信额度：", "协议起始日期："},
				policy + "," + policy + ",,2007-01-01,2006-01-01\n": {"合作银行：", "协议截止日期："},
			},
			Out: []string{"射阳县建设银行,,2007-01-01,2008-01-01"},
		},
		{
			Name: "members",
			Of: start(func(w *world) sheet.Kind {
				return w.table(guarantee.MemberTable(), w.ImportMembers, within(city, w.ExportMembers))
			}),
			By: staff(sheyang), Stranger: staff(jianhu), Unable: looker(city),
			Head:    "pool,code,joined,paid,left,reason\n",
			Good:    []string{pool + "," + code(1) + ",2006-03-01,200000,,\n", pool + "," + code(2) + ",2006-03-01,100000.5,2007-12-31,已经停产\n"},
			Unknown: "没有这家," + code(1) + ",2006-03-01,200000,,\n",
			Bad: map[string][]string{
				"没有这家," + code(77) + ",2099-03-01,x,2001-01-01,\n":          {"互助担保机构：你能查到", "企业信用代码或组织机构代码：", "入会日期：", "缴纳股金：", "退会日期："},
				pool + "," + code(1) + ",2006-03-01,300000,,\n":             {"缴纳股金：这位会员登记的股金是"},
				pool + "," + code(1) + ",2007-03-01,300000,,\n":             {"入会日期：这家企业已经是会员"},
				pool + "," + code(2) + ",2006-03-01,100000.5,2008-01-01,\n": {"退会日期：这位会员已在 2007-12-31 退会"},
				policy + "," + code(1) + ",2006-03-01,200000,,\n":           {"互助"},
			},
			Out: []string{"2006-03-01,100000.5,2007-12-31,,100000.5"},
		},
	} {
		s.Tell(t)
	}
}

// A change of the registered capital alone leaves the net assets as they were: what
// has no column is not taken for nothing.
func TestAmountsWithoutAColumnStayAsTheyWere(t *testing.T) {
	w := open(t, t.TempDir())
	k := w.table(guarantee.CapitalTable(), w.ImportCapital, within(city, w.ExportCapital))
	const name = "射阳县中小企业信用担保中心"
	for _, sheet := range []string{
		"guarantor,from,registered,net_assets,general,source\n" + name + ",2008-01-01,90000000,91000000,1200000,2007年度审计报告\n",
		"guarantor,from,registered,source\n" + name + ",2008-03-01,95000000,增资验资报告\n",
	} {
		if said := k.Bring(t, staff(sheyang), sheet, false); said.New != 1 {
			t.Fatalf("%s: %+v", sheet, said)
		}
	}
	b, err := w.GetGuarantor(t.Context(), staff(city), w.policy)
	w.must(err)
	if f := b.Finance; f.From != "2008-03-01" || f.Registered != 9500*wan || f.NetAssets != 9100*wan || f.General != 120*wan {
		t.Errorf("after the capital grew the books say %+v", f)
	}
}

// What a guarantor has filed of itself and nobody confirmed fills no gap in what the
// office brings of a later day.
func TestWhatNobodyConfirmedFillsNoGap(t *testing.T) {
	w := open(t, t.TempDir())
	k := w.table(guarantee.CapitalTable(), w.ImportCapital, within(city, w.ExportCapital))
	const head, name = "guarantor,from,registered,net_assets,source\n", "射阳县中小企业信用担保中心"
	was, err := w.GetGuarantor(t.Context(), staff(city), w.policy)
	w.must(err)
	if said := k.Bring(t, people(w.policy, "李建"), head+name+",2008-01-01,90000000,91000000,2007年度审计报告\n", false); said.New != 1 {
		t.Fatalf("%+v", said)
	}
	if said := k.Bring(t, staff(sheyang), "guarantor,from,registered,source\n"+name+",2008-03-01,95000000,增资验资报告\n", false); said.New != 1 {
		t.Fatalf("%+v", said)
	}
	b, err := w.GetGuarantor(t.Context(), staff(city), w.policy)
	w.must(err)
	if b.Finance.Registered != 9500*wan || b.Finance.NetAssets != was.Finance.NetAssets {
		t.Errorf("the books say %+v, had %+v", b.Finance, was.Finance)
	}
}

// What a guarantor says of itself by a table waits for the office as on its page,
// and the same table again files nothing twice.
func TestWhatAGuarantorBringsOfItselfWaitsForTheOffice(t *testing.T) {
	w := open(t, t.TempDir())
	k := w.table(guarantee.CapitalTable(), w.ImportCapital, within(city, w.ExportCapital))
	const row = "guarantor,from,registered,net_assets,source\n射阳县中小企业信用担保中心,2008-01-01,90000000,91000000,2007年度审计报告\n"
	we := people(w.policy, "李建")
	if said := k.Bring(t, we, row, false); said.New != 1 {
		t.Fatalf("%+v", said)
	}
	if said := k.Bring(t, we, row, false); said.Unchanged != 1 {
		t.Errorf("the same again: %+v", said)
	}
	b, err := w.GetGuarantor(t.Context(), staff(city), w.policy)
	w.must(err)
	if len(b.Filings) != 1 || b.Finance.Registered != 6000*wan || strings.Contains(k.Out(t, we, xfer.CSV), "91000000") {
		t.Errorf("it counts already: %+v", b.Finance)
	}
	other := strings.Replace(row, "射阳县中小企业信用担保中心", "合德镇纺织企业互助担保会", 1)
	if said := k.Bring(t, we, other, false); said.Rejected != 1 {
		t.Errorf("of another guarantor: %+v", said)
	}
}

// A wrong counter-guarantee, an unknown client and a day that cannot be are told
// of one contract at once.
func TestEverythingWrongWithAContractIsToldAtOnce(t *testing.T) {
	w := open(t, t.TempDir())
	k := w.contracts()
	const head = "guarantor,number,code,bank,signed,until,amount,fee,security,lent,released\n"
	for row, words := range map[string][]string{
		"射阳县中小企业信用担保中心,1," + code(1) + ",,2008-01-03,2007-01-01,1000000,99,金银首饰,,\n":          {"反担保：“金银首饰”", "到期日期：", "年费率（%）："},
		"射阳县中小企业信用担保中心,1," + code(88) + ",没有的银行,2008-01-03,2008-09-01,-5,1,设备抵押,,\n":          {"企业信用代码或组织机构代码：", "放款银行：", "担保金额："},
		"没有的担保公司,1," + code(88) + ",,2099-01-03,2008-09-01,1000000,1,金银首饰,,\n":                {"担保机构：", "企业信用代码或组织机构代码：", "签订日期：", "反担保："},
		"射阳县中小企业信用担保中心,1," + code(1) + ",,2008-01-03,2008-09-01,1000000,1,金银首饰,,2008-02-01\n": {"反担保：", "解除日期："},
	} {
		said := k.Bring(t, staff(city), head+row, false)
		if said.Rejected != 1 {
			t.Errorf("it lands: %s", row)
			continue
		}
		for _, w := range words {
			if !strings.Contains(said.Why[0], w) {
				t.Errorf("of %sis not said %s, but %s", row, w, said.Why[0])
			}
		}
	}
}

// contracts are the contracts' table of the world.
func (w *world) contracts() sheet.Kind {
	return w.table(guarantee.Table(), w.ImportContracts, func(ctx context.Context, by authz.Actor, put func([]string) error) error {
		return w.Export(ctx, by, guarantee.Filter{}, text.Zh, put)
	})
}

// Who stands behind a contract comes in with it, goes out with it, and comes in
// elsewhere the same. Of a pool they are other members, who may have left since when
// the contract is over; whoever stands behind an open one stays.
func TestContractsSayWhoStandsBehindThem(t *testing.T) {
	const policy, pool = "射阳县中小企业信用担保中心", "合德镇纺织企业互助担保会"
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		begin := func(source string) (w *world, k sheet.Kind, members []guarantee.Member) {
			w = open(t, source)
			w.enterprise("射阳县合德锻造厂", hede) // code 3
			w.enterprise("射阳县合德印染厂", hede) // code 4, of no pool
			for n, on := range []string{"2006-03-01", "2006-03-01", "2007-01-05"} {
				m, err := w.Join(t.Context(), staff(city), w.pool, guarantee.Joining{Number: code(n + 1), On: on, Paid: 50 * wan})
				w.must(err)
				members = append(members, m)
			}
			_, err := w.Leave(t.Context(), staff(city), w.pool, members[2].ID, "2008-01-31", "已经停产")
			w.must(err)
			return w, w.contracts(), members
		}
		w, k, members := begin(source)
		const head = "guarantor,number,code,signed,until,amount,fee,security,backers,backed（万元）,lent,released\n"
		good := head +
			pool + ",互-1," + code(1) + ",2008-02-03,2009-01-01,400000,1,设备抵押," + code(2) + ",40,2008-02-03,\n" +
			pool + ",互-2," + code(2) + ",2007-02-03,2008-01-01,300000,1,," + code(1) + "、" + code(3) + ",20.5；9.5,2007-02-03,2007-12-30\n" +
			policy + ",射担-3," + code(1) + ",2008-02-02,2009-01-01,400000,1,,\"" + code(4) + "\n" + code(3) + "\",\"1；\n2\",2008-02-03,\n" +
			policy + ",射担-4," + code(2) + ",2008-02-01,2009-01-01,400000,1,,,,2008-02-03,\n"
		if said := k.Bring(t, staff(city), good, true); said.New != 4 {
			t.Fatalf("a look at it: %+v", said)
		}
		if said := k.Bring(t, staff(city), good, false); said.New != 4 {
			t.Fatalf("%+v", said)
		}
		if said := k.Bring(t, staff(city), good, false); said.Unchanged != 4 {
			t.Errorf("the same again: %+v", said)
		}
		if _, err := w.Leave(t.Context(), staff(city), w.pool, members[1].ID, "2008-03-03", "转行"); !fault.Is(err, fault.Conflict) {
			t.Errorf("left while it stands behind a contract: %v", err)
		}
		out := k.Out(t, staff(city), xfer.CSV)
		for _, words := range []string{
			"730000029,400000,射阳县临海食品有限公司,", "730000037；730000010,95000；205000,射阳县合德锻造厂；射阳县鹤乡纺织有限公司,",
		} {
			if !strings.Contains(out, words) {
				t.Errorf("no %s in\n%s", words, out)
			}
		}
		for _, as := range []xfer.Format{xfer.CSV, xfer.XLSX} {
			file := k.Out(t, staff(city), as)
			if said := k.Bring(t, staff(city), file, false); said.Unchanged != 4 {
				t.Errorf("what went out as %s: %+v", as, said)
			}
			_, other, _ := begin(t.TempDir())
			if said := other.Bring(t, staff(city), file, false); said.New != 4 {
				t.Errorf("%s elsewhere: %+v", as, said)
			}
			if diff := cmp.Diff(out, other.Out(t, staff(city), xfer.CSV)); diff != "" {
				t.Errorf("through %s and out again:\n%s", as, diff)
			}
		}
		const was = ",2008-02-03,2009-01-01,400000,1,,"
		for row, words := range map[string][]string{
			pool + ",互-9," + code(1) + was + code(1) + "、" + code(3) + "、" + code(4) + "、" + code(77) + ",41；1；0；x,2008-02-03,\n": {
				"“" + code(1) + "”：反担保人不能是申请企业自己", "“" + code(3) + "”：互助担保的反担保人应是会员", "“" + code(4) + "”：互助担保的",
				"“" + code(77) + "”：没有找到", "反担保金额：请填金额",
			},
			policy + ",射担-9," + code(1) + was + code(2) + "、" + code(3) + ",41,2008-02-03,\n":        {"反担保金额：不能超过合同金额", "反担保金额：请填写这一项"},
			policy + ",射担-8," + code(1) + was + code(2) + ",1；2,2008-02-03,\n":                       {"反担保金额：金额比反担保企业多"},
			policy + ",射担-7," + code(1) + was + strings.Repeat(code(2)+"；", 11) + ",1,2008-02-03,\n": {"反担保企业代码："},
			policy + ",射担-3," + code(1) + was + code(4) + "；" + code(3) + ",1；3,2008-02-03,\n":       {"反担保企业代码：这个合同号已登记为"},
			policy + ",射担-4," + code(2) + was + code(4) + ",1,2008-02-03,\n":                         {"反担保企业代码：这个合同号已登记为"},
		} {
			said := k.Bring(t, staff(city), head+row, false)
			for _, words := range words {
				if said.Rejected != 1 || !strings.Contains(said.Why[0], words) {
					t.Errorf("of %sis not said %s, but %v", row, words, said.Why)
				}
			}
		}
	})
}

// An installation that is moved by tables keeps the figures of finished years: what a
// guarantor was comes in before its contracts, which count by what it was when they
// were signed, whatever was repaid since. What they were signed under does not change.
func TestMovedByTablesFinishedYearsKeepTheirFigures(t *testing.T) {
	const policy = "射阳县中小企业信用担保中心"
	testkit.EachDatabase(t, func(t *testing.T, source string) {
		w, ctx := open(t, source), t.Context()
		k := w.book(1, w.policy, string(w.mill), "2007-05-10", 100*wan)
		cases, err := w.Conclude(ctx, staff(city), []guarantee.Contract{k})
		w.must(err)
		w.clock = at("2009-06-01", 9)
		g, err := w.GetGuarantor(ctx, staff(city), w.policy)
		w.must(err)
		p := profileOf(g.Guarantor)
		p.Type, p.From, p.Source, p.Multiple = guarantee.Mutual, "2009-01-01", "改制批复", 500
		_, err = w.Keep(ctx, staff(city), w.policy, g.Version, p)
		w.must(err)
		_, err = w.Repay(ctx, people(w.bank, "吴行长"), cases[0].ID, cases[0].Version, guarantee.Movement{On: "2009-06-01", Amount: 40 * wan})
		w.must(err)
		figures := func(w *world) map[string]int64 {
			t.Helper()
			all := map[string]int64{}
			for _, measure := range []string{"institutions", "capital", "contracts", "outstanding"} {
				for _, year := range []string{"2007", "2008", "2009"} {
					for _, typ := range guarantee.Types() {
						v, err := w.ledger.Value(ctx, w.db, ledger.Query{
							Measure: "guarantee." + measure, Region: city, From: ledger.Date(year + "-01-01"), To: ledger.Date(year + "-12-31"),
							Where: []ledger.Cond{{Dim: "type", In: []string{string(typ)}}},
						})
						w.must(err)
						all[measure+" "+year+" "+string(typ)] = v
					}
				}
			}
			return all
		}
		want := figures(w)
		if want["contracts 2007 policy"] != 1 || want["outstanding 2009 policy"] != -40*wan || want["institutions 2008 policy"] != 1 || want["institutions 2009 mutual"] != 2 {
			t.Errorf("to begin with: %v", want)
		}
		tables := func(w *world) []sheet.Kind {
			return []sheet.Kind{
				w.table(guarantee.BookTable(), w.ImportBooks, within(city, w.ExportBooks)),
				w.table(guarantee.StandingTable(), w.ImportStandings, within(city, w.ExportStandings)),
				w.contracts(),
			}
		}
		other := openBare(t, t.TempDir())
		other.clock = w.clock
		for i, to := range tables(other) {
			if said := to.Bring(t, staff(city), tables(w)[i].Out(t, staff(city), xfer.XLSX), false); said.Rejected != 0 {
				t.Fatalf("%s: %+v", to.Table.Name, said)
			}
		}
		if diff := cmp.Diff(want, figures(other)); diff != "" {
			t.Errorf("moved by tables:\n%s", diff)
		}
		again := tables(w)[1].Bring(t, staff(city), "guarantor,from,type,level,source\n"+policy+",2004-03-18,商业性,county,更正\n"+policy+",2008-01-01,policy,county,年检\n", false)
		if again.Rejected != 1 || again.New != 1 || !strings.Contains(again.Why[0], "2007-05-10 签的合同") {
			t.Errorf("what a contract was signed under: %+v", again)
		}
	})
}
