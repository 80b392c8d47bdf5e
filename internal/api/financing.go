package api

import (
	"context"

	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// financingOperations are those of financing needs (融资需求).
func (s guarantees) financingOperations() []operation {
	const one = "POST /financing-needs/{id}/"
	return []operation{
		lists("listFinancingNeeds", "/financing-needs", words{"融资需求", "Financing needs"}, s.needs).needs(seeGuarantees).
			note("本地区的、你所在企业的，和你所在机构服务的地方的。", "Those of your place or enterprises, and of the places your institutions serve."),
		creates("postFinancingNeed", "/financing-needs", words{"发布融资需求", "Post a financing need"}, s.postNeed, s.need).needs(writeGuarantees),
		gets("getFinancingNeed", "/financing-needs/{id}", words{"一件融资需求", "One financing need"}, s.need).needs(seeGuarantees).
			note("机构只看得到自己的方案。", "An institution sees its own offer only."),
		changes("makeFinancingOffer", one+"offers", words{"报方案", "Make an offer, or change it"}, s.makeOffer, s.need).needs(writeGuarantees),
		changes("chooseFinancingOffer", one+"choose", words{"选定方案", "Choose an offer"}, s.choose, s.need).needs(writeGuarantees).matched().
			note("选定担保机构的方案，就成为向它的申请。", "A guarantor's offer becomes an application to it."),
		changes("fundFinancingNeed", one+"fund", words{"银行已放款", "The bank has lent"}, s.fund, s.need).needs(writeGuarantees).matched(),
		changes("withdrawFinancingNeed", one+"withdraw", words{"撤回", "Withdraw"}, because(s.desk.WithdrawNeed), s.need).needs(writeGuarantees).matched(),
	}
}

// FinancingNeed is what an enterprise puts before guarantors and banks (融资需求).
type FinancingNeed struct {
	ID         string `json:"id" doc:"编号|Its id"`
	Number     string `json:"number" doc:"需求号|The number people know it by"`
	Region     string `json:"region" doc:"企业所在镇街的代码|Code of the enterprise's town"`
	Enterprise string `json:"enterprise" doc:"企业编号|Id of the enterprise"`
	Client     string `json:"client" doc:"企业|The enterprise"`
	WishBody
	WantedBy string `json:"wanted_by" doc:"希望哪天前到账，可以为空|The day it is wanted by; may be empty"`
	State    string `json:"state" enum:"open,chosen,funded,withdrawn" doc:"状态|State"`
	Chosen   string `json:"chosen" doc:"选定的方案，没有时为空|Id of the offer chosen; empty before"`
	Case     string `json:"case" doc:"由它产生的担保业务，没有时为空|Id of the guarantee that came of it; empty for none"`
	FundedOn string `json:"funded_on" doc:"到账日期，没有时为空|Day the money arrived; empty before"`
	Funded   int64  `json:"funded" doc:"到账金额，分|Money that arrived, in fen"`
	Days     *int64 `json:"days" doc:"从发布到到账几天，没有到账时为 null|Days from posting to money; null before"`
	PostedAt string `json:"posted_at" format:"date-time" doc:"发布时间|When it was posted"`
	Version  int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func financingOf(n guarantee.Need) FinancingNeed {
	out := FinancingNeed{
		ID: n.ID, Number: n.Number, Region: string(n.Region), Enterprise: n.Enterprise, Client: n.Client,
		WishBody: WishBody{n.Amount, n.Months, n.Purpose, plain(n.Security)}, WantedBy: n.WantedBy, State: string(n.State), Chosen: n.Chosen,
		Case: string(n.Case), FundedOn: n.FundedOn, Funded: n.Funded, PostedAt: instant(n.PostedAt), Version: n.Version,
	}
	if days, ok := n.Days(); ok {
		out.Days = &days
	}
	return out
}

// FinancingDetail is a financing need with its offers and history.
type FinancingDetail struct {
	FinancingNeed
	Offers []FinancingOffer `json:"offers" doc:"你能看到的方案|The offers you may see"`
	As     []string         `json:"as" doc:"你能以哪些机构报方案|Ids of your institutions that may make an offer"`
	Events []Happened       `json:"events" doc:"办理经过，早的在前|History, oldest first"`
	Can    []string         `json:"can" doc:"你现在能做什么|What you can do with it now"`
}

// FinancingOffer is what a guarantor or a bank would do.
type FinancingOffer struct {
	ID   string `json:"id" doc:"编号|Its id"`
	Name string `json:"name" doc:"机构|The institution"`
	Kind string `json:"kind" enum:"guarantor,bank" doc:"担保机构还是银行|Guarantor or bank"`
	At   string `json:"at" format:"date-time" doc:"时间|When it was made"`
	FinancingOfferBody
}

// FinancingOfferBody is an offer as it is made.
type FinancingOfferBody struct {
	Institution string `json:"institution" doc:"机构的编号|Id of the institution"`
	Amount      int64  `json:"amount" doc:"金额，分|Amount in fen"`
	Months      int    `json:"months" doc:"期限，月|Term in months"`
	Rate        int64  `json:"rate" doc:"年费率或利率，万分之一|Fee or interest a year, in hundredths of a per cent"`
	Words       string `json:"words,omitempty" doc:"说明|In words"`
	Until       string `json:"until" doc:"有效到哪天|The last day it stands"`
}

type financingList struct {
	leafing
	Region string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	State  string `query:"state" enum:"open,chosen,funded,withdrawn" doc:"状态|State"`
	Text   string `query:"text" maxLength:"100" doc:"企业名称或需求号的一部分|Part of the enterprise's name or of the number"`
}

func (s guarantees) needs(ctx context.Context, c *Call, in *financingList) (page[FinancingNeed], error) {
	list, next, err := s.desk.ListNeeds(ctx, c.By, guarantee.NeedFilter{
		Region: region.Code(in.Region), State: flow.State(in.State), Text: line(in.Text),
	}, in.page())
	return pageOf(list, next, financingOf), err
}

func (s guarantees) need(ctx context.Context, c *Call, id string) (FinancingDetail, error) {
	d, err := s.desk.GetNeed(ctx, c.By, id)
	if err != nil {
		return FinancingDetail{}, err
	}
	c.Versioned(d.Version)
	c.ages = true // an offer stands until its last day
	return FinancingDetail{
		FinancingNeed: financingOf(d.Need), As: plain(d.As), Events: happened(d.Events), Can: verbs(d.Open),
		Offers: each(d.Offers, func(o guarantee.Offer) FinancingOffer {
			return FinancingOffer{o.ID, o.Name, string(o.Kind), instant(o.MadeAt), FinancingOfferBody{string(o.Institution), o.Amount, o.Months, o.Rate, o.Words, o.Until}}
		}),
	}, nil
}

type financingNew struct {
	Body struct {
		Enterprise string `json:"enterprise" doc:"企业编号|Id of the enterprise"`
		WishBody
		WantedBy string `json:"wanted_by,omitempty" doc:"希望哪天前到账|The day it is wanted by"`
	}
}

func (s guarantees) postNeed(ctx context.Context, c *Call, in *financingNew) (string, error) {
	b := in.Body
	n, err := s.desk.PostNeed(ctx, c.By, guarantee.NeedPosting{Enterprise: b.Enterprise, Wish: b.wish(), WantedBy: b.WantedBy})
	return n.ID, err
}

type financingOffer struct {
	byID
	Body FinancingOfferBody
}

func (s guarantees) makeOffer(ctx context.Context, c *Call, in *financingOffer) error {
	b := in.Body
	_, err := s.desk.MakeOffer(ctx, c.By, in.ID, guarantee.Offer{
		Institution: institution.ID(b.Institution), Amount: b.Amount, Months: b.Months, Rate: b.Rate, Words: b.Words, Until: b.Until,
	})
	return err
}

type choosing struct {
	byID
	Body struct {
		Offer string `json:"offer" doc:"方案的编号|Id of the offer"`
	}
}

func (s guarantees) choose(ctx context.Context, c *Call, in *choosing) error {
	_, err := s.desk.Choose(ctx, c.By, in.ID, c.Version, in.Body.Offer)
	return err
}

func (s guarantees) fund(ctx context.Context, c *Call, in *lending) error {
	_, err := s.desk.Fund(ctx, c.By, in.ID, c.Version, guarantee.Loan(in.Body))
	return err
}

// limitOperations are those of the rules of limits (限额规则).
func (s guarantees) limitOperations() []operation {
	return []operation{
		reads("listGuaranteeRules", "/guarantee-rules", words{"限额规则", "The rules of limits"}, s.rules).public().
			note("启用了的谁都能看，草稿只有能维护的人看得到。", "Those in force are public; drafts are for those who may set them."),
		changes("setGuaranteeRule", "POST /guarantee-rules", words{"起草限额规则", "Draft a rule of limits"}, s.setRule, s.rulesAll).needs(writeGuarantees).
			note("id 不写是新的一版；启用了的不能改。", "Without id it is a new version; one in force cannot be changed."),
		changes("publishGuaranteeRule", "POST /guarantee-rules/{id}/publish", words{"启用限额规则", "Put a rule in force"}, s.publishRule, s.rulesAll).needs(writeGuarantees),
	}
}

// GuaranteeRule is one version of the limits. Shares are in hundredths of a per
// cent, multiples in hundredths, money in fen; 0 is no such limit.
type GuaranteeRule struct {
	ID           string            `json:"id,omitempty" doc:"编号，新的不写|Its id; left out for a new one"`
	Published    bool              `json:"published,omitempty" doc:"是否已经启用，起草时不用写|Whether it is in force; not needed in a draft"`
	Name         Bilingual         `json:"name" doc:"名称|Name"`
	From         string            `json:"from" doc:"从哪天起|First day"`
	To           string            `json:"to,omitempty" doc:"从哪天起不再有效|First day it no longer holds"`
	Law          string            `json:"law" doc:"依据|The law or document"`
	Number       string            `json:"number,omitempty" doc:"文号|Its number"`
	Article      string            `json:"article,omitempty" doc:"第几条|Article"`
	Grade        string            `json:"grade" enum:"A,B,C,M,P" doc:"出处有多可靠|How well it was read"`
	Base         string            `json:"base" enum:"capital,net_assets" doc:"按什么算：实收资本、净资产|What limits are a share of"`
	Single       int64             `json:"single,omitempty" doc:"单户限额，万分之一|Of one client, in hundredths of a per cent"`
	Group        int64             `json:"group,omitempty" doc:"关联方限额，万分之一|Of a related group"`
	Leverage     int64             `json:"leverage,omitempty" doc:"放大倍数上限，百分之一|Leverage in hundredths"`
	Usual        int64             `json:"usual,omitempty" doc:"一般倍数，百分之一，只提醒|Usual leverage in hundredths: an alarm"`
	Small        int64             `json:"small,omitempty" doc:"主要为小微企业服务时的倍数，百分之一|Leverage of whoever serves small firms, in hundredths"`
	SmallShare   int64             `json:"small_share,omitempty" doc:"金额占比至少，万分之一|At least so much of the amount"`
	SmallClients int64             `json:"small_clients,omitempty" doc:"户数占比至少，万分之一|At least so many of the clients"`
	Weights      []GuaranteeWeight `json:"weights,omitempty" doc:"权重|How much counts against leverage"`
	Exempt       []string          `json:"exempt,omitempty" doc:"不受约束的类型|Types not bound"`
	Minimum      int64             `json:"minimum,omitempty" doc:"最低注册资本，分|Minimum of registered capital in fen"`
	TwoAbove     int64             `json:"two_above" doc:"超过多少要两人批准，分|From which amount two persons approve, in fen"`
	Support      int64             `json:"support,omitempty" doc:"政府性担保机构的小微企业金额占比至少，万分之一|At least so much of a policy guarantor's amount for small firms"`
	SupportSmall int64             `json:"support_small,omitempty" doc:"其中单户小额占比至少，万分之一|Of that at least so much in small amounts"`
	SupportUpTo  int64             `json:"support_up_to,omitempty" doc:"单户不超过多少算小额，分|Up to which amount of a client, in fen"`
	AssetBacking int64             `json:"asset_backing,omitempty" doc:"净资产加未到期责任、担保赔偿准备金占资产总额至少，万分之一，只提醒|Net assets with the reserves for unearned fees and claims, of total assets at least: an alarm"`
	AssetUpper   int64             `json:"asset_upper,omitempty" doc:"Ⅰ级和Ⅱ级资产占资产总额减应收代偿款至少，万分之一，只提醒|Classes Ⅰ and Ⅱ, of total assets less claims to be recovered at least: an alarm"`
	AssetFirst   int64             `json:"asset_first,omitempty" doc:"Ⅰ级资产至少，万分之一，只提醒|Class Ⅰ at least: an alarm"`
	AssetThird   int64             `json:"asset_third,omitempty" doc:"Ⅲ级资产最多，万分之一，只提醒|Class Ⅲ at most: an alarm"`
	ExtendShort  int64             `json:"extend_short,omitempty" doc:"一年以内的贷款，展期累计不超过原期限的万分之几|Extension of loans up to a year, of the first term"`
	ExtendMedium int64             `json:"extend_medium,omitempty" doc:"一到五年的贷款，展期累计不超过原期限的万分之几|Of loans up to five years"`
	ExtendLong   int64             `json:"extend_long,omitempty" doc:"五年以上的贷款，展期累计不超过几个月|Of longer loans, in months"`
	Quorum       int64             `json:"quorum" doc:"至少几票|At least so many votes"`
	Pass         int64             `json:"pass" doc:"通过的比例，万分之一|The share that passes"`
	Warn         int64             `json:"warn" doc:"用到多少提醒，万分之一|From which share of a limit on it warns"`
	Grades       map[string]string `json:"grades,omitempty" doc:"每个数有多可靠，和依据不同时写|How surely each number is known, where it differs"`
}

// GuaranteeWeight is how much of a guarantee counts against leverage.
type GuaranteeWeight struct {
	Class string `json:"class" enum:"small,other" doc:"小微企业或其他|Small and micro firms, or others"`
	UpTo  int64  `json:"up_to,omitempty" doc:"单户余额不超过多少，分；0 是不限|Outstanding for the client up to, in fen; 0 for any"`
	Share int64  `json:"share" doc:"算多少，万分之一|Counts as, in hundredths of a per cent"`
}

func guaranteeRuleOf(r guarantee.Rule) GuaranteeRule {
	return GuaranteeRule{
		ID: r.ID, Published: r.Published, Name: Bilingual(r.Name), From: r.From, To: r.To, Law: r.Source.Law, Number: r.Source.Number,
		Article: r.Source.Article, Grade: r.Source.Grade, Base: string(r.Base), Single: r.Single, Group: r.Group, Leverage: r.Leverage,
		Usual: r.Usual, Small: r.Small, SmallShare: r.SmallShare, SmallClients: r.SmallClients, Exempt: plain(r.Exempt), Minimum: r.Minimum,
		TwoAbove: r.TwoAbove, Quorum: r.Quorum, Pass: r.Pass, Warn: r.Warn, Grades: r.Grades,
		Support: r.Support, SupportSmall: r.SupportSmall, SupportUpTo: r.SupportUpTo,
		AssetBacking: r.AssetBacking, AssetUpper: r.AssetUpper, AssetFirst: r.AssetFirst, AssetThird: r.AssetThird,
		ExtendShort: r.ExtendShort, ExtendMedium: r.ExtendMedium, ExtendLong: r.ExtendLong,
		Weights: some(r.Weights, func(w guarantee.Weight) GuaranteeWeight { return GuaranteeWeight(w) }),
	}
}

func (r GuaranteeRule) rule() guarantee.Rule {
	return guarantee.Rule{
		ID: r.ID, Name: criteria.Words(r.Name), From: r.From, To: r.To,
		Source: criteria.Source{Law: r.Law, Number: r.Number, Article: r.Article, Grade: r.Grade}, Base: guarantee.Base(r.Base),
		Single: r.Single, Group: r.Group, Leverage: r.Leverage, Usual: r.Usual, Small: r.Small, SmallShare: r.SmallShare,
		SmallClients: r.SmallClients, Exempt: named[guarantee.Type](r.Exempt), Minimum: r.Minimum, TwoAbove: r.TwoAbove, Quorum: r.Quorum,
		Pass: r.Pass, Warn: r.Warn, Grades: r.Grades,
		Support: r.Support, SupportSmall: r.SupportSmall, SupportUpTo: r.SupportUpTo,
		AssetBacking: r.AssetBacking, AssetUpper: r.AssetUpper, AssetFirst: r.AssetFirst, AssetThird: r.AssetThird,
		ExtendShort: r.ExtendShort, ExtendMedium: r.ExtendMedium, ExtendLong: r.ExtendLong,
		Weights: some(r.Weights, func(w GuaranteeWeight) guarantee.Weight { return guarantee.Weight(w) }),
	}
}

func (s guarantees) rules(ctx context.Context, c *Call, _ *struct{}) (page[GuaranteeRule], error) {
	return s.rulesAll(ctx, c, "")
}

func (s guarantees) rulesAll(ctx context.Context, c *Call, _ string) (page[GuaranteeRule], error) {
	list, err := s.desk.Rules(ctx, c.By)
	return pageOf(list, "", guaranteeRuleOf), err
}

type guaranteeRule struct{ Body GuaranteeRule }

func (s guarantees) setRule(ctx context.Context, c *Call, in *guaranteeRule) error {
	_, err := s.desk.SetRule(ctx, c.By, s.home, in.Body.rule())
	return err
}

func (s guarantees) publishRule(ctx context.Context, c *Call, in *byID) error {
	return s.desk.PublishRule(ctx, c.By, s.home, in.ID)
}
