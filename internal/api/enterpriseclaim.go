package api

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// claimOperations are those of claims (认领): one's own, and those an office decides.
func (e enterprises) claimOperations() []operation {
	const look, write = "enterprise:read", "enterprise:write"
	return []operation{
		reads("listMyClaims", "/me/claims", words{"我的认领", "Your own claims"}, e.myClaims).needs(look),
		creates("fileClaim", "/me/claims", words{"认领企业", "Claim an enterprise"}, e.file, e.myClaim).needs(write),
		changes("addEvidence", "POST /me/claims/{id}/evidence", words{"补充说明", "Add evidence to your claim"}, e.evidence, e.myClaim).needs(write),
		opens("openMyClaimFile", "/me/claims/{id}/files/{file}", words{"下载认领的附件", "Take a document of your claim away"}, e.openClaimFile).needs(look),
		lists("listClaims", "/claims", words{"待处理的认领", "Claims to decide"}, e.claims).needs(write),
		gets("getClaim", "/claims/{id}", words{"一件认领", "One claim"}, e.claim).needs(write),
		opens("openClaimFile", "/claims/{id}/files/{file}", words{"下载认领的附件", "Take a document of a claim away"}, e.openClaimFile).needs(write).
			note("每次打开都记入审计。", "Every opening stands in the audit trail."),
		changes("decideClaim", "POST /claims/{id}/decide", words{"处理认领", "Decide a claim"}, e.decide, e.claim).needs(write).matched(),
		changes("disputeClaim", "POST /claims/{id}/dispute", words{"列为有争议", "Note a dispute"}, e.dispute, e.claim).needs(write).matched(),
		reads("listHolders", "/enterprises/{id}/holders", words{"谁在代表这家企业", "Who acts for an enterprise"}, e.holders).needs(write),
	}
}

// MyClaim is a claim as its claimant sees it.
type MyClaim struct {
	ID        string `json:"id" doc:"编号|Its id"`
	Code      string `json:"code" doc:"证照号码|Licence number"`
	Evidence  string `json:"evidence" doc:"说明|What shows it"`
	Status    string `json:"status" enum:"pending,accepted,rejected" doc:"状态|State"`
	Reason    string `json:"reason" doc:"没有通过的原因|Why it was refused"`
	CreatedAt string `json:"created_at" format:"date-time" doc:"提出时间|When it was filed"`
	DecidedAt string `json:"decided_at" doc:"处理时间，未处理时为空|When it was decided; empty before"`
	Files     []File `json:"files" doc:"附件|Documents"`
}

func myClaimOf(m enterprise.MyClaim) MyClaim {
	return MyClaim{
		ID: m.ID, Code: m.Code, Evidence: m.Evidence, Status: string(m.Status), Reason: m.Reason,
		CreatedAt: instant(m.CreatedAt), DecidedAt: instant(m.DecidedAt), Files: filesOf(m.Files),
	}
}

func (e enterprises) myClaims(ctx context.Context, c *Call, _ *struct{}) (page[MyClaim], error) {
	list, err := e.register.MyClaims(ctx, c.By)
	return pageOf(list, "", myClaimOf), err
}

func (e enterprises) myClaim(ctx context.Context, c *Call, id string) (MyClaim, error) {
	list, err := e.register.MyClaims(ctx, c.By)
	if err != nil {
		return MyClaim{}, err
	}
	for _, m := range list {
		if m.ID == id {
			return myClaimOf(m), nil
		}
	}
	return MyClaim{}, fault.Missing()
}

type claimNew struct {
	Body struct {
		Code     string   `json:"code" doc:"证照号码|Licence number"`
		Region   string   `json:"region" doc:"企业在哪个镇街|Code of the town it is in"`
		Evidence string   `json:"evidence" maxLength:"2000" doc:"凭什么代表它|What shows that you act for it"`
		Files    []string `json:"files,omitempty" maxItems:"40" doc:"附件：上传得到的 token|Documents: the tokens of uploads"`
	}
}

func (e enterprises) file(ctx context.Context, c *Call, in *claimNew) (string, error) {
	m, err := e.register.FileClaim(ctx, c.By, enterprise.ClaimForm{Code: in.Body.Code, Region: region.Code(in.Body.Region), Evidence: in.Body.Evidence, Papers: in.Body.Files})
	return m.ID, err
}

type claimEvidence struct {
	byID
	Body struct {
		Evidence string   `json:"evidence" maxLength:"2000" doc:"补充的说明|What is added"`
		Files    []string `json:"files,omitempty" maxItems:"40" doc:"附件：上传得到的 token|Documents: the tokens of uploads"`
	}
}

func (e enterprises) evidence(ctx context.Context, c *Call, in *claimEvidence) error {
	return e.register.AddEvidence(ctx, c.By, in.ID, in.Body.Evidence, in.Body.Files...)
}

// Claim is a claim as the office sees it.
type Claim struct {
	ID         string `json:"id" doc:"编号|Its id"`
	Enterprise string `json:"enterprise" doc:"哪一家，还没有时为空|The enterprise; empty while none has the code"`
	Contested  string `json:"contested" doc:"另一家同号的|Another with the same code"`
	Code       string `json:"code" doc:"证照号码|Licence number"`
	Person     string `json:"person" doc:"谁提出的|Who filed it"`
	PersonName string `json:"person_name" doc:"姓名|Their name"`
	Region     string `json:"region" doc:"由哪里处理|Whose office decides"`
	Registered bool   `json:"registered" doc:"随登记提出|It came with a registration"`
	Holds      bool   `json:"holds" doc:"现在能代表这家企业|The person acts for it now"`
	Evidence   string `json:"evidence" doc:"说明|What shows it"`
	Status     string `json:"status" enum:"pending,disputed,accepted,rejected" doc:"状态|State"`
	Reason     string `json:"reason" doc:"原因|Why"`
	DecidedBy  string `json:"decided_by" doc:"谁处理的|Who decided"`
	DecidedAt  string `json:"decided_at" doc:"处理时间，未处理时为空|When; empty before"`
	CreatedAt  string `json:"created_at" format:"date-time" doc:"提出时间|When it was filed"`
	Files      []File `json:"files" doc:"附件，列表里没有|Documents; none in lists"`
	Version    int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func claimOf(c enterprise.ClaimRecord) Claim {
	return Claim{
		ID: c.ID, Enterprise: string(c.Enterprise), Contested: string(c.Contested), Code: c.Code, Person: c.Person,
		PersonName: c.PersonName, Region: string(c.Region), Registered: c.Registered, Holds: c.Holds, Evidence: c.Evidence,
		Status: string(c.Status), Reason: c.Reason, DecidedBy: c.DecidedBy, DecidedAt: instant(c.DecidedAt),
		CreatedAt: instant(c.CreatedAt), Files: filesOf(c.Files), Version: c.Version,
	}
}

type claimFilter struct {
	paging
	Status []string `query:"status" doc:"状态|States"`
}

func (e enterprises) claims(ctx context.Context, c *Call, in *claimFilter) (page[Claim], error) {
	f := enterprise.ClaimFilter{Status: named[flow.State](in.Status)}
	list, next, err := e.register.Claims(ctx, c.By, f, in.page())
	if err != nil {
		return page[Claim]{}, err
	}
	p := pageOf(list, next, claimOf)
	p.Total, err = in.count(func() (int, error) { return e.register.CountClaims(ctx, c.By, f) })
	return p, err
}

func (e enterprises) claim(ctx context.Context, c *Call, id string) (Claim, error) {
	got, err := e.register.GetClaim(ctx, c.By, id)
	c.Versioned(got.Version)
	return claimOf(got), err
}

func (e enterprises) openClaimFile(ctx context.Context, c *Call, in *filed) (files.File, io.ReadSeekCloser, error) {
	return e.register.OpenClaimFile(ctx, c.By, in.ID, in.File)
}

type claimDecision struct {
	byID
	Body struct {
		Accept  bool   `json:"accept" doc:"通过还是不通过|Whether to accept it"`
		Replace bool   `json:"replace,omitempty" doc:"让原来代表它的人不再代表|Takes the enterprise from everyone who acted for it"`
		Reason  string `json:"reason,omitempty" maxLength:"500" doc:"原因；不通过、替换或有争议时要写|Why; needed to refuse, to replace and in a dispute"`
	}
}

func (e enterprises) decide(ctx context.Context, c *Call, in *claimDecision) error {
	return e.register.Decide(ctx, c.By, in.ID, c.Version, enterprise.Decision{Accept: in.Body.Accept, Replace: in.Body.Replace, Reason: in.Body.Reason})
}

func (e enterprises) dispute(ctx context.Context, c *Call, in *reasoned) error {
	return e.register.Dispute(ctx, c.By, in.ID, c.Version, in.Body.Reason)
}

func (e enterprises) holders(ctx context.Context, c *Call, in *byID) (page[Claim], error) {
	list, err := e.register.Holders(ctx, c.By, enterprise.ID(in.ID))
	return pageOf(list, "", claimOf), err
}

// Sizing is a size class with the whole reason for it.
type Sizing struct {
	Class   string     `json:"class" enum:"large,medium,small,micro,not_covered,unknown" doc:"规模类型|Size class"`
	Name    string     `json:"name" doc:"规模类型的名称|Its name"`
	AtMost  string     `json:"at_most" doc:"缺指标时，最大不超过|When figures are missing: no larger than"`
	Date    string     `json:"date" doc:"按哪一天的标准|The day the rule was in force"`
	Use     string     `json:"use" enum:"policy,statistics" doc:"用途|What it is wanted for"`
	Set     string     `json:"set" doc:"标准的编号|Id of the rule"`
	Source  string     `json:"source" doc:"标准的名称|The rule"`
	Row     string     `json:"row" doc:"行业一行的编号|Id of the industry's row"`
	RowName string     `json:"row_name" doc:"行业一行的名称|Its name"`
	Article string     `json:"article" doc:"条款|Article"`
	Metrics []Measured `json:"metrics" doc:"每项指标|Each figure"`
	Missing []string   `json:"missing" doc:"缺哪些指标|Figures that are missing"`
	Reasons []string   `json:"reasons" doc:"不能划型的原因|Why there is no class"`
	Review  bool       `json:"review" doc:"标准的出处还待核对|Its source awaits review"`
}

// Measured is one figure against its bounds.
type Measured struct {
	Metric  string  `json:"metric" enum:"employees,revenue,assets" doc:"指标|The figure"`
	Value   *int64  `json:"value" doc:"数值，人或分|Its value, in people or fen"`
	Bounds  []Bound `json:"bounds" doc:"各档的下限，从小到大|Where the tiers begin, ascending"`
	Tier    string  `json:"tier" doc:"单看这一项属于哪一档|The tier by this figure alone"`
	Decides bool    `json:"decides" doc:"是不是它定的档|Whether it decides"`
}

// Bound is where a tier begins.
type Bound struct {
	Class string `json:"class" doc:"哪一档|The tier"`
	From  int64  `json:"from" doc:"从多少起，人或分|From this, in people or fen"`
}

func sizingOf(s enterprise.Sizing, lang text.Lang) Sizing {
	out := Sizing{
		Class: string(s.Class), Name: lang.T("enterprise.size." + string(s.Class)), AtMost: string(s.AtMost), Date: s.Date, Use: string(s.Use), Set: s.Set,
		Source: s.Source.In(lang), Row: s.Row, RowName: s.RowName.In(lang), Article: s.Article.In(lang), Review: s.Review,
		Metrics: make([]Measured, len(s.Metrics)), Missing: make([]string, len(s.Missing)), Reasons: make([]string, len(s.Reasons)),
	}
	for i, m := range s.Metrics {
		out.Metrics[i] = Measured{Metric: string(m.Metric), Value: m.Value, Tier: string(m.Tier), Decides: m.Decides, Bounds: make([]Bound, len(m.Bounds))}
		for j, b := range m.Bounds {
			out.Metrics[i].Bounds[j] = Bound{Class: string(b.Class), From: b.From}
		}
	}
	for i, m := range s.Missing {
		out.Missing[i] = string(m)
	}
	for i, r := range s.Reasons {
		out.Reasons[i] = lang.T(r.Key, r.Args...)
	}
	return out
}

type sizeAsked struct {
	byID
	Year int    `query:"year" doc:"按哪一年的指标和年末的标准|The year, by the rule at its end"`
	Date string `query:"date" doc:"或者按哪一天，如签合同的日子|Or a day, such as that of a contract"`
	Use  string `query:"use" enum:"policy,statistics" doc:"用途，不填是 policy|What it is wanted for; policy when left out"`
}

func (e enterprises) size(ctx context.Context, c *Call, in *sizeAsked) (Sizing, error) {
	use := enterprise.Use(orElse(in.Use, string(enterprise.ForPolicy)))
	var s enterprise.Sizing
	var err error
	switch {
	case in.Date != "":
		s, err = e.register.SizingOn(ctx, c.By, enterprise.ID(in.ID), in.Date, use)
	case in.Year != 0:
		s, err = e.register.Sizing(ctx, c.By, enterprise.ID(in.ID), in.Year, use)
	default:
		return Sizing{}, fault.Fields{{Name: "year", Key: "field.required"}}.Err()
	}
	return sizingOf(s, c.Lang), err
}

type sizeTest struct {
	Industry  string `query:"industry" doc:"行业代码|Industry code"`
	Edition   string `query:"edition" enum:"2002,2017" doc:"行业代码的版本，不填是 2017|Edition of the code; 2017 when left out"`
	Employees string `query:"employees" doc:"从业人员，人|People employed"`
	Revenue   string `query:"revenue" doc:"营业收入，分|Revenue in fen"`
	Assets    string `query:"assets" doc:"资产总额，分|Total assets in fen"`
	Date      string `query:"date" doc:"按哪一天的标准，不填是今天|The day; today when left out"`
	Use       string `query:"use" enum:"policy,statistics" doc:"用途，不填是 policy|What it is wanted for; policy when left out"`
}

func (e enterprises) selfTest(ctx context.Context, c *Call, in *sizeTest) (Sizing, error) {
	var bad fault.Fields
	figures := enterprise.Figures{
		Employees: whole("employees", in.Employees, &bad), Revenue: whole("revenue", in.Revenue, &bad), Assets: whole("assets", in.Assets, &bad),
	}
	industry := enterprise.Industry{Edition: orElse(in.Edition, "2017"), Code: in.Industry}
	rules, err := e.register.Rules(ctx)
	if err != nil {
		return Sizing{}, err
	}
	if _, ok := rules.Canonical(industry); !ok {
		bad.Add("industry", "field.choice")
	}
	if in.Date == "" {
		in.Date = string(ledger.DateOf(c.api.Clock()))
	} else if !day(in.Date) {
		bad.Add("date", "field.date", "value", clip(in.Date))
	}
	if err := bad.Err(); err != nil {
		return Sizing{}, err
	}
	return sizingOf(rules.Classify(enterprise.Use(orElse(in.Use, string(enterprise.ForPolicy))), in.Date, industry, figures), c.Lang), nil
}
