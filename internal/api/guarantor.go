package api

import (
	"context"

	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

// guarantorOperations are those of guarantors' books (担保机构台账) and mutual pools.
func (s guarantees) guarantorOperations() []operation {
	const one = "/guarantors/{id}/"
	return []operation{
		lists("listPublishedGuarantors", "/published/guarantors", words{"公开的担保机构", "Published guarantors"}, s.published).public().
			note("没有余额。", "Without what their books add up to."),
		gets("getPublishedGuarantor", "/published/guarantors/{id}", words{"一家公开的担保机构", "One published guarantor"}, s.showPublished).public(),
		reads("listGuaranteeCoverage", "/published/guarantee-coverage", words{"担保网络覆盖", "How much the network covers"}, s.coverage).public(),
		reads("listServingGuarantors", "/guarantors/serving", words{"一个地方能找的担保机构", "Guarantors an enterprise at a place can turn to"}, s.serving).needs(seeGuarantees),
		lists("listGuarantors", "/guarantors", words{"担保机构", "Guarantors"}, s.guarantors).needs(seeGuarantees),
		creates("openGuarantor", "/guarantors", words{"建立担保机构台账", "Begin the books of a guarantor"}, s.openGuarantor, s.guarantor).needs(writeGuarantees),
		gets("getGuarantor", "/guarantors/{id}", words{"一家担保机构的台账", "One guarantor's books"}, s.guarantor).needs(seeGuarantees),
		changes("keepGuarantor", "PUT /guarantors/{id}", words{"修改担保机构", "Change what is set down"}, s.keepGuarantor, s.guarantor).needs(writeGuarantees).matched().
			note("除了园区，担保机构自己写的是申报，主管部门核定后才算数。改性质或级别要写从哪天起和依据。", "But for the park, the guarantor's own word is a filing that the office confirms. Another type or level needs its first day and its source."),
		changes("setGuarantorFinance", "POST "+one+"finances", words{"资本和准备金", "Capital and reserves from a day on"}, s.finance, s.guarantor).needs(writeGuarantees).matched().
			note("同一天的替换。担保机构自己写的是申报，主管部门核定后才算数。", "A line of the same day is replaced. From the guarantor itself it is a filing: it counts once the office confirms it."),
		reads("getGuarantorRatios", "/guarantors/{id}/asset-ratios", words{"一家担保机构的资产比例", "A guarantor's asset ratios on a day"}, s.ratios).needs(seeGuarantees).
			note("按那天最近的报表和那天的规则；没有报表或规则没有要求时 ratios 为空。", "By the newest statement and the rule of the day; without either there are none."),
		changes("setGuarantorStatement", "POST "+one+"statements", words{"资产分级", "Assets by class at the end of a day"}, s.statement, s.guarantor).needs(writeGuarantees).matched().
			note("同一天的替换。担保机构自己写的是申报，主管部门核定后才算数。", "A statement of the same day is replaced. From the guarantor itself it is a filing: it counts once the office confirms it."),
		changes("confirmGuarantorFiling", "POST "+one+"filings/{filing}/confirm", words{"核定申报", "Confirm what a guarantor filed"}, s.confirmFiling, s.guarantor).needs(writeGuarantees),
		changes("declineGuarantorFiling", "POST "+one+"filings/{filing}/decline", words{"退回申报", "Send back what a guarantor filed"}, s.declineFiling, s.guarantor).needs(writeGuarantees),
		changes("setGuarantorOutlets", "PUT "+one+"outlets", words{"网点", "Replace the outlets"}, s.outlets, s.guarantor).needs(writeGuarantees).matched().
			note("没有写的镇街今天关闭。镇街要在担保机构的服务地区内；今年以前的网点只有主管部门能改。",
				"A town that is left out closes today. Towns lie within the area the guarantor is there for; what was before this year is the office's to change."),
		changes("setGuarantorBanks", "PUT "+one+"banks", words{"合作银行", "Replace the partner banks"}, s.banks, s.guarantor).needs(writeGuarantees).matched(),
		changes("closeGuarantor", "POST "+one+"close", words{"停业", "End its business"}, s.closeGuarantor, s.guarantor).needs(writeGuarantees).matched(),
		changes("joinPool", "POST "+one+"members", words{"入会", "Join a pool"}, s.join, s.guarantor).needs(writeGuarantees).
			note("已经是会员的，算增缴。", "From a member it is paying in more."),
		changes("payIntoPool", "POST "+one+"members/{member}/pay", words{"增缴股金", "Pay in more"}, s.payIn, s.guarantor).needs(writeGuarantees),
		changes("leavePool", "POST "+one+"members/{member}/leave", words{"退会", "Leave a pool"}, s.leave, s.guarantor).needs(writeGuarantees).
			note("按基金余额和股金的比例结算，见会员的 settlement。", "Settled by its part of the fund: see settlement of a member."),
		changes("enterPoolIncome", "POST "+one+"fund", words{"登记基金收支", "Enter what a pool's fund took in or spent"}, s.earn, s.guarantor).needs(writeGuarantees).
			note("支出写负数。", "What was spent is below zero."),
		ends("relateEnterprise", "PUT /enterprises/{id}/related-group", words{"关联企业", "Say that enterprises belong together"}, s.relate).needs(writeGuarantees).
			note("group 为空时退出。", "An empty group takes it out."),
	}
}

// GuarantorProfile is what is set down of a guarantor.
type GuarantorProfile struct {
	Type      string `json:"type" enum:"policy,mutual,commercial" doc:"类型：政策性、互助性、商业性|Type"`
	Level     string `json:"level" enum:"province,city,county,town" doc:"级别|Level"`
	Since     string `json:"since" doc:"哪天开业|In business since"`
	Park      string `json:"park,omitempty" doc:"互助会依托的园区的编号|Of a pool: id of the park it rests on"`
	ParkName  string `json:"park_name,omitempty" doc:"园区没有登记时的名称|Its name where the park is not kept here"`
	Multiple  int64  `json:"multiple,omitempty" doc:"银行放大倍数，百分之一；0 是不限|How many times the paid-in shares the bank lends, in hundredths; 0 for no bound"`
	MemberCap int64  `json:"member_cap,omitempty" doc:"会员最高倍数，百分之一；0 是不限|How many times its own share a member is guaranteed, in hundredths; 0 for no bound"`
	From      string `json:"from,omitempty" doc:"改性质或级别时：从哪天起|When type or level change: since which day"`
	Source    string `json:"source,omitempty" doc:"改性质、级别、开业日期或倍数时：依据|When type, level, first day or multiples change: the document"`
}

func (b GuarantorProfile) profile() guarantee.Profile {
	return guarantee.Profile{
		Type: guarantee.Type(b.Type), Level: institution.Level(b.Level), Since: b.Since, Park: b.Park, ParkName: line(b.ParkName),
		Multiple: b.Multiple, MemberCap: b.MemberCap, From: b.From, Source: line(b.Source),
	}
}

func guarantorProfileOf(g guarantee.Guarantor) GuarantorProfile {
	return GuarantorProfile{
		Type: string(g.Type), Level: string(g.Level), Since: g.Since, Park: g.Park, ParkName: g.ParkName,
		Multiple: g.Multiple, MemberCap: g.MemberCap,
	}
}

// GuarantorFinance is what the books say from a day on, in fen.
type GuarantorFinance struct {
	From         string `json:"from" doc:"从哪天起|From this day on"`
	Registered   int64  `json:"registered" doc:"注册资本，分|Registered capital"`
	NetAssets    int64  `json:"net_assets" doc:"净资产，分|Net assets"`
	Invested     int64  `json:"invested,omitempty" doc:"对其他担保机构的投资，分|Shares held in other guarantors"`
	Unearned     int64  `json:"unearned,omitempty" doc:"未到期责任准备金，分|Reserve for unearned fees"`
	Compensation int64  `json:"compensation,omitempty" doc:"担保赔偿准备金，分|Reserve for claims"`
	General      int64  `json:"general,omitempty" doc:"一般风险准备金，分|General reserve"`
	Source       string `json:"source" doc:"依据的文件|The document it was taken from"`
}

// GuarantorStatement is a guarantor's assets by class at the end of a day, in fen.
type GuarantorStatement struct {
	On         string `json:"on" doc:"报表日期|As of this day"`
	Total      int64  `json:"total" doc:"资产总额，分；未合并，不含受托管理的政府专项资金|Total assets, not consolidated, without special funds entrusted by the government"`
	Receivable int64  `json:"receivable,omitempty" doc:"应收代偿款，分|Claims to be recovered"`
	First      int64  `json:"first,omitempty" doc:"Ⅰ级资产，分|Assets of class Ⅰ"`
	Second     int64  `json:"second,omitempty" doc:"Ⅱ级资产，分|Assets of class Ⅱ"`
	Third      int64  `json:"third,omitempty" doc:"Ⅲ级资产，分|Assets of class Ⅲ"`
	Source     string `json:"source" doc:"依据的文件|The document it was taken from"`
}

// GuarantorRatios are a guarantor's asset ratios on a day.
type GuarantorRatios struct {
	On        string              `json:"on" doc:"哪一天|The day"`
	Rule      string              `json:"rule" doc:"限额规则的编号，那天没有时为空|Id of the rule of limits; empty before the first"`
	Statement *GuarantorStatement `json:"statement,omitempty" doc:"用的报表，没有时不写|The statement; left out when there is none"`
	Ratios    []GuaranteeLimit    `json:"ratios" doc:"资产比例|The ratios"`
}

// Guarantor is an institution with the books of a guarantor (担保机构).
type Guarantor struct {
	ID     string `json:"id" doc:"机构的编号|Id of the institution"`
	Name   string `json:"name" doc:"名称|Name"`
	Region string `json:"region" doc:"所在地的代码|Code of its place"`
	GuarantorProfile
	Ended       string           `json:"ended" doc:"从哪天起停业，没有时为空|No longer since; empty while in business"`
	Finance     GuarantorFinance `json:"finance" doc:"今天的资本和准备金|Capital and reserves today"`
	Below       bool             `json:"below_minimum" doc:"注册资本是否低于现行最低要求|Whether its capital is below today's minimum"`
	Committed   int64            `json:"committed" doc:"已批准未签约，分|Approved and not signed, in fen"`
	Outstanding int64            `json:"outstanding" doc:"在保余额，分|Outstanding in fen"`
	Claims      int64            `json:"claims" doc:"代偿余额，分|Claims not recovered, in fen"`
	Losses      int64            `json:"losses" doc:"核销，分|Written off, in fen"`
	Shares      int64            `json:"shares" doc:"会员股金，分|Members' shares in fen"`
	Income      int64            `json:"income" doc:"互助会的基金收支，分|Income of a pool's fund, less what it spent, in fen"`
	Fund        int64            `json:"fund" doc:"互助会的基金余额：股金加收支，减代偿余额和核销，分|A pool's fund: shares and income, less claims and losses, in fen"`
	Limits      []GuaranteeLimit `json:"limits" doc:"限额；列表里只有接近和超过的|Limits; in a list those that warn only"`
	Version     int              `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func guarantorOf(g guarantee.Guarantor, sums guarantee.Sums, limits []guarantee.Limit, below bool) Guarantor {
	return Guarantor{
		ID: string(g.ID), Name: g.Name, Region: string(g.Region), Ended: g.Ended, Finance: GuarantorFinance(g.Finance), Below: below,
		GuarantorProfile: guarantorProfileOf(g),
		Committed:        sums.Committed, Outstanding: sums.Outstanding, Claims: sums.Claims, Losses: sums.Losses, Shares: sums.Shares, Income: sums.Income, Fund: sums.Fund(),
		Limits: each(limits, limitOf), Version: g.Version,
	}
}

// GuarantorDetail is a guarantor with all its books.
type GuarantorDetail struct {
	Guarantor
	Finances   []GuarantorFinance   `json:"finances" doc:"资本和准备金，新的在前|Capital and reserves, newest first"`
	Statements []GuarantorStatement `json:"statements" doc:"资产分级，新的在前|Assets by class, newest first"`
	Ratios     []GuaranteeLimit     `json:"ratios" doc:"今天的资产比例|Asset ratios today"`
	Standings  []GuarantorStanding  `json:"standings" doc:"性质和级别的变化，新的在前|Type and level over time, newest first"`
	Filings    []GuarantorFiling    `json:"filings" doc:"待核定的申报，早的在前|Filings to be confirmed, oldest first"`
	Outlets    []Outlet             `json:"outlets" doc:"网点|Outlets"`
	Banks      []PartnerBank        `json:"banks" doc:"合作银行|Partner banks"`
	Members    []PoolMember         `json:"members" doc:"会员，退会的也有|Members of a pool, those who left too"`
}

// GuarantorStanding is what a guarantor is from a day on.
type GuarantorStanding struct {
	From   string `json:"from" doc:"从哪天起|From this day on"`
	Type   string `json:"type" doc:"类型|Type"`
	Level  string `json:"level" doc:"级别|Level"`
	Source string `json:"source" doc:"依据的文件|The document that says so"`
}

// GuarantorFiling is what a guarantor states of itself: capital, profile or assets.
type GuarantorFiling struct {
	ID        string              `json:"id" doc:"编号|Its id"`
	At        string              `json:"at" format:"date-time" doc:"什么时候申报|When it was filed"`
	By        string              `json:"by" doc:"谁申报|Who filed it"`
	Finance   *GuarantorFinance   `json:"finance,omitempty" doc:"资本和准备金|Capital and reserves"`
	Profile   *GuarantorProfile   `json:"profile,omitempty" doc:"性质、级别等|Type, level and so on"`
	Statement *GuarantorStatement `json:"statement,omitempty" doc:"资产分级|Assets by class"`
}

func guarantorFilingOf(f guarantee.Filing) GuarantorFiling {
	out := GuarantorFiling{ID: f.ID, At: instant(f.At), By: f.By}
	if f.Finance != nil {
		money := GuarantorFinance(*f.Finance)
		out.Finance = &money
		return out
	}
	if f.Statement != nil {
		sheet := GuarantorStatement(*f.Statement)
		out.Statement = &sheet
		return out
	}
	p := f.Profile
	out.Profile = &GuarantorProfile{string(p.Type), string(p.Level), p.Since, p.Park, p.ParkName, p.Multiple, p.MemberCap, p.From, p.Source}
	return out
}

// Outlet is a town where a guarantor can be reached.
type Outlet struct {
	Town string `json:"town" doc:"镇街的代码|Code of the town"`
	From string `json:"from" doc:"从哪天起|First day"`
	To   string `json:"to,omitempty" doc:"从哪天起关闭，开着时没有|First day no longer; left out while open"`
}

// PartnerBank is a bank that a guarantor works with.
type PartnerBank struct {
	Bank string `json:"bank" doc:"银行的编号|Id of the bank"`
	Name string `json:"name,omitempty" doc:"银行，写的时候不用|The bank; not needed when writing"`
	Line int64  `json:"line,omitempty" doc:"授信额度，分；没有约定时为 0|Credit line in fen; 0 when none is agreed"`
	From string `json:"from" doc:"从哪天起|First day"`
	To   string `json:"to,omitempty" doc:"从哪天起不再合作|First day no longer"`
}

// PoolMember is an enterprise's place in a pool.
type PoolMember struct {
	ID         string `json:"id" doc:"编号|Its id"`
	Enterprise string `json:"enterprise" doc:"企业编号|Id of the enterprise"`
	Name       string `json:"name" doc:"企业|The enterprise"`
	Joined     string `json:"joined" doc:"入会日期|Day it joined"`
	Left       string `json:"left" doc:"退会日期，没有时为空|Day it left; empty while a member"`
	Paid       int64  `json:"paid" doc:"股金，分|Paid in, in fen"`
	Open       int64  `json:"open" doc:"在保和已批准，分|Guaranteed for it now, in fen"`
	Backs      int64  `json:"backs" doc:"为别的会员反担保，分|It counter-guarantees for others, in fen"`

	Settlement PoolSettlement `json:"settlement" doc:"今天退会可得，或退会时所得|What it would get if it left today, or got when it left"`
}

// PoolSettlement is what a member gets when it leaves: fund × paid ÷ shares.
type PoolSettlement struct {
	Paid   int64 `json:"paid" doc:"自己的股金，分|Its own share in fen"`
	Shares int64 `json:"shares" doc:"全部股金，分|All shares in fen"`
	Fund   int64 `json:"fund" doc:"基金余额，分|The fund in fen"`
	Payout int64 `json:"payout" doc:"退会所得，分|What is paid out, in fen"`
}

type guarantorList struct {
	leafing
	Region string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Type   string `query:"type" enum:"policy,mutual,commercial" doc:"类型|Type"`
	Text   string `query:"text" maxLength:"100" doc:"名称的一部分|Part of its name"`
	Ended  bool   `query:"ended" doc:"是否也列出停业的|Whether to list those that closed too"`
}

func (s guarantees) guarantors(ctx context.Context, c *Call, in *guarantorList) (page[Guarantor], error) {
	list, next, err := s.desk.Guarantors(ctx, c.By.Scope(guarantee.See), guarantee.GuarantorFilter{
		Region: region.Code(in.Region), Type: guarantee.Type(in.Type), Text: line(in.Text), Ended: in.Ended,
	}, in.page())
	return pageOf(list, next, func(l guarantee.GuarantorLine) Guarantor { return guarantorOf(l.Guarantor, l.Sums, l.Alarms, l.Below) }), err
}

func (s guarantees) guarantor(ctx context.Context, c *Call, id string) (GuarantorDetail, error) {
	b, err := s.desk.GetGuarantor(ctx, c.By, institution.ID(id))
	if err != nil {
		return GuarantorDetail{}, err
	}
	c.Versioned(b.Version)
	c.ages = true // balances change with every case
	return GuarantorDetail{
		Guarantor:  guarantorOf(b.Guarantor, b.Sums, b.Limits, b.Below),
		Finances:   each(b.Finances, func(f guarantee.Finance) GuarantorFinance { return GuarantorFinance(f) }),
		Statements: each(b.Statements, func(a guarantee.Statement) GuarantorStatement { return GuarantorStatement(a) }),
		Ratios:     each(b.Ratios, limitOf),
		Standings: each(b.Standings, func(k guarantee.Standing) GuarantorStanding {
			return GuarantorStanding{k.From, string(k.Type), string(k.Level), k.Source}
		}),
		Filings: each(b.Filings, guarantorFilingOf),
		Outlets: each(b.Outlets, func(o guarantee.Outlet) Outlet { return Outlet{string(o.Town), o.From, o.To} }),
		Banks: each(b.Banks, func(p guarantee.Partner) PartnerBank {
			return PartnerBank{string(p.Bank), p.Name, p.Line, p.From, p.To}
		}),
		Members: each(b.Members, func(m guarantee.Member) PoolMember {
			return PoolMember{m.ID, m.Enterprise, m.Name, m.Joined, m.Left, m.Paid, m.Open, m.Backs, PoolSettlement(m.Settlement)}
		}),
	}, nil
}

// PublishedGuarantor is a guarantor as anybody sees it.
type PublishedGuarantor struct {
	ID     string `json:"id" doc:"机构的编号|Id of the institution"`
	Name   string `json:"name" doc:"名称|Name"`
	Region string `json:"region" doc:"所在地的代码|Code of its place"`
	GuarantorProfile
	Registered int64 `json:"registered" doc:"注册资本，分|Registered capital in fen"`
	Below      bool  `json:"below_minimum" doc:"注册资本是否低于现行最低要求|Whether its capital is below today's minimum"`
}

func publishedGuarantorOf(g guarantee.Guarantor, below bool) PublishedGuarantor {
	return PublishedGuarantor{
		string(g.ID), g.Name, string(g.Region),
		guarantorProfileOf(g),
		g.Finance.Registered, below,
	}
}

// PublishedGuarantorDetail is a published guarantor with where it can be reached.
type PublishedGuarantorDetail struct {
	PublishedGuarantor
	Outlets []Outlet      `json:"outlets" doc:"网点|Outlets"`
	Banks   []PartnerBank `json:"banks" doc:"合作银行，没有额度|Partner banks, without credit lines"`
}

type guarantorFilter struct {
	paging
	Region string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Type   string `query:"type" enum:"policy,mutual,commercial" doc:"类型|Type"`
	Text   string `query:"text" maxLength:"100" doc:"名称的一部分|Part of its name"`
}

func (s guarantees) published(ctx context.Context, _ *Call, in *guarantorFilter) (page[PublishedGuarantor], error) {
	f := guarantee.GuarantorFilter{Region: region.Code(in.Region), Type: guarantee.Type(in.Type), Text: line(in.Text)}
	list, next, err := s.desk.Public(ctx, f, in.page())
	if err != nil {
		return page[PublishedGuarantor]{}, err
	}
	p := pageOf(list, next, func(l guarantee.GuarantorLine) PublishedGuarantor { return publishedGuarantorOf(l.Guarantor, l.Below) })
	p.Total, err = in.count(func() (int, error) { return s.desk.CountPublic(ctx, f) })
	return p, err
}

func (s guarantees) showPublished(ctx context.Context, _ *Call, id string) (PublishedGuarantorDetail, error) {
	b, err := s.desk.Published(ctx, institution.ID(id))
	return PublishedGuarantorDetail{
		publishedGuarantorOf(b.Guarantor, b.Below),
		each(b.Outlets, func(o guarantee.Outlet) Outlet { return Outlet{string(o.Town), o.From, o.To} }),
		each(b.Banks, func(p guarantee.Partner) PartnerBank {
			return PartnerBank{Bank: string(p.Bank), Name: p.Name, From: p.From, To: p.To}
		}),
	}, err
}

// CoveredPlace is how much of a place the guarantee network covers.
type CoveredPlace struct {
	Region  string `json:"region" doc:"代码|Code"`
	Towns   int64  `json:"towns" doc:"镇街|Towns"`
	Covered int64  `json:"covered" doc:"覆盖的镇街|Towns covered"`
}

type coverageOf struct {
	Region string `query:"region" doc:"市或县的代码，不填是整个安装|Code of a city or county; the whole installation when left out"`
	On     string `query:"on" doc:"哪一天，不填是今天|The day; today when left out"`
}

func (s guarantees) coverage(ctx context.Context, c *Call, in *coverageOf) (page[CoveredPlace], error) {
	on := orElse(in.On, c.today())
	if !day(on) {
		return page[CoveredPlace]{}, fault.Fields{{Name: "on", Key: "field.date", Args: []any{"value", on}}}.Err()
	}
	list, err := s.desk.Coverage(ctx, region.Code(orElse(in.Region, string(s.home))), on)
	return pageOf(list, "", func(p guarantee.Covered) CoveredPlace { return CoveredPlace{string(p.Region), p.Towns, p.Covered} }), err
}

type servingAt struct {
	Region string `query:"region" doc:"企业所在镇街的代码|Code of the enterprise's town"`
}

func (s guarantees) serving(ctx context.Context, _ *Call, in *servingAt) (page[PublishedGuarantor], error) {
	list, err := s.desk.Serving(ctx, region.Code(in.Region))
	return pageOf(list, "", func(g guarantee.Guarantor) PublishedGuarantor { return publishedGuarantorOf(g, false) }), err
}

type guarantorNew struct {
	Body struct {
		Institution string `json:"institution" doc:"机构的编号|Id of the institution"`
		GuarantorProfile
		Finance GuarantorFinance `json:"finance" doc:"最初的资本和准备金|Capital and reserves to begin with"`
	}
}

func (s guarantees) openGuarantor(ctx context.Context, c *Call, in *guarantorNew) (string, error) {
	b := in.Body
	g, err := s.desk.Open(ctx, c.By, institution.ID(b.Institution), b.profile(), guarantee.Finance(b.Finance))
	return string(g.ID), err
}

type guarantorEdit struct {
	byID
	Body GuarantorProfile
}

func (s guarantees) keepGuarantor(ctx context.Context, c *Call, in *guarantorEdit) error {
	_, err := s.desk.Keep(ctx, c.By, institution.ID(in.ID), c.Version, in.Body.profile())
	return err
}

type guarantorFinance struct {
	byID
	Body GuarantorFinance
}

func (s guarantees) finance(ctx context.Context, c *Call, in *guarantorFinance) error {
	_, err := s.desk.SetFinance(ctx, c.By, institution.ID(in.ID), c.Version, guarantee.Finance(in.Body))
	return err
}

type guarantorStatement struct {
	byID
	Body GuarantorStatement
}

func (s guarantees) statement(ctx context.Context, c *Call, in *guarantorStatement) error {
	_, err := s.desk.SetStatement(ctx, c.By, institution.ID(in.ID), c.Version, guarantee.Statement(in.Body))
	return err
}

type ratiosOn struct {
	byID
	On string `query:"on" doc:"哪一天，不填是今天|The day; today when left out"`
}

func (s guarantees) ratios(ctx context.Context, c *Call, in *ratiosOn) (GuarantorRatios, error) {
	on := orElse(in.On, c.today())
	if !day(on) {
		return GuarantorRatios{}, fault.Fields{{Name: "on", Key: "field.date", Args: []any{"value", on}}}.Err()
	}
	r, err := s.desk.RatiosOn(ctx, c.By, institution.ID(in.ID), on)
	out := GuarantorRatios{On: on, Rule: r.Rule.ID, Ratios: each(r.Limits, limitOf)}
	if r.Statement.On != "" {
		sheet := GuarantorStatement(r.Statement)
		out.Statement = &sheet
	}
	return out, err
}

type filingAsked struct {
	byID
	Filing string `path:"filing" doc:"申报的编号|Id of the filing"`
}

func (s guarantees) confirmFiling(ctx context.Context, c *Call, in *filingAsked) error {
	_, err := s.desk.Confirm(ctx, c.By, institution.ID(in.ID), in.Filing)
	return err
}

type filingDeclined struct {
	filingAsked
	Body struct {
		Reason string `json:"reason" doc:"原因|Why"`
	}
}

func (s guarantees) declineFiling(ctx context.Context, c *Call, in *filingDeclined) error {
	_, err := s.desk.Decline(ctx, c.By, institution.ID(in.ID), in.Filing, in.Body.Reason)
	return err
}

type guarantorOutlets struct {
	byID
	Body struct {
		Outlets []Outlet `json:"outlets" maxItems:"300" doc:"网点|The outlets"`
	}
}

func (s guarantees) outlets(ctx context.Context, c *Call, in *guarantorOutlets) error {
	towns := each(in.Body.Outlets, func(o Outlet) guarantee.Outlet {
		return guarantee.Outlet{Town: region.Code(o.Town), From: o.From, To: o.To}
	})
	_, err := s.desk.SetOutlets(ctx, c.By, institution.ID(in.ID), c.Version, towns)
	return err
}

type guarantorBanks struct {
	byID
	Body struct {
		Banks []PartnerBank `json:"banks" maxItems:"100" doc:"合作银行|The banks"`
	}
}

func (s guarantees) banks(ctx context.Context, c *Call, in *guarantorBanks) error {
	banks := each(in.Body.Banks, func(p PartnerBank) guarantee.Partner {
		return guarantee.Partner{Bank: institution.ID(p.Bank), Line: p.Line, From: p.From, To: p.To}
	})
	_, err := s.desk.SetBanks(ctx, c.By, institution.ID(in.ID), c.Version, banks)
	return err
}

type guarantorClose struct {
	byID
	Body Ending
}

func (s guarantees) closeGuarantor(ctx context.Context, c *Call, in *guarantorClose) error {
	_, err := s.desk.Close(ctx, c.By, institution.ID(in.ID), c.Version, in.Body.Day, in.Body.Reason)
	return err
}

type joining struct {
	byID
	Body struct {
		Number string `json:"number" doc:"企业的代码|The enterprise's credit or organisation code"`
		On     string `json:"on" doc:"日期|Day"`
		Paid   int64  `json:"paid" doc:"缴纳股金，分|Paid in, in fen"`
	}
}

func (s guarantees) join(ctx context.Context, c *Call, in *joining) error {
	b := in.Body
	_, err := s.desk.Join(ctx, c.By, institution.ID(in.ID), guarantee.Joining{Number: line(b.Number), On: b.On, Paid: b.Paid})
	return err
}

type payingIn struct {
	byID
	Member string `path:"member" doc:"会员的编号|Id of the member"`
	Body   struct {
		On   string `json:"on" doc:"日期|Day"`
		Paid int64  `json:"paid" doc:"增缴股金，分|Paid in more, in fen"`
	}
}

func (s guarantees) payIn(ctx context.Context, c *Call, in *payingIn) error {
	_, err := s.desk.PayIn(ctx, c.By, institution.ID(in.ID), in.Member, in.Body.On, in.Body.Paid)
	return err
}

type leaving struct {
	byID
	Member string `path:"member" doc:"会员的编号|Id of the member"`
	Body   struct {
		On     string `json:"on" doc:"日期|Day"`
		Reason string `json:"reason" doc:"原因|Why"`
	}
}

func (s guarantees) leave(ctx context.Context, c *Call, in *leaving) error {
	_, err := s.desk.Leave(ctx, c.By, institution.ID(in.ID), in.Member, in.Body.On, in.Body.Reason)
	return err
}

type earning struct {
	byID
	Body struct {
		On     string `json:"on" doc:"日期|Day"`
		Amount int64  `json:"amount" doc:"金额，分，支出是负数|Amount in fen, below zero when spent"`
		Words  string `json:"words" doc:"说明|What it was"`
	}
}

func (s guarantees) earn(ctx context.Context, c *Call, in *earning) error {
	b := in.Body
	_, err := s.desk.Earn(ctx, c.By, institution.ID(in.ID), guarantee.Movement{On: b.On, Amount: b.Amount, Words: b.Words})
	return err
}

type relating struct {
	byID
	Body struct {
		Group string `json:"group" doc:"关联组的名称，空的是退出|Name of the group; empty to take it out"`
	}
}

func (s guarantees) relate(ctx context.Context, c *Call, in *relating) error {
	return s.desk.Relate(ctx, c.By, in.ID, line(in.Body.Group))
}
