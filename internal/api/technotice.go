package api

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// noticeOperations are those of technology needs and offers (技术供需) and of the
// introductions that come of them (对接).
func (s platforms) noticeOperations() []operation {
	const one, intro = "POST /technology-notices/{id}/", "POST /introductions/{id}/"
	step := func(id, do string, about words, fn noticeStep) operation {
		return changes(id, one+do, about, func(ctx context.Context, c *Call, in *byID) error {
			_, err := fn(ctx, c.By, in.ID, c.Version)
			return err
		}, s.notice).needs(writePlatforms).matched()
	}
	said := func(id, do string, about words, fn introStep) operation {
		return changes(id, intro+do, about, func(ctx context.Context, c *Call, in *reasoned) error {
			_, err := fn(ctx, c.By, in.ID, c.Version, in.Body.Reason)
			return err
		}, s.intro).needs(writePlatforms).matched()
	}
	return []operation{
		lists("listPublishedNotices", "/published/technology", words{"公布的技术供需", "Published technology needs and offers"}, s.publicNotices).public(),
		gets("getPublishedNotice", "/published/technology/{id}", words{"一条公布的技术供需", "One that is published"}, s.publicNotice).public().
			note("附有可能合适的另一方，匹配度高的在前，带理由。", "With those of the other side that may fit, best first, and why."),
		lists("listTechnologyNotices", "/technology-notices", words{"技术供需", "Technology needs and offers"}, s.notices).needs(seePlatforms).
			note("本单位的，或者本地区的，没有公布的也在内；waiting 只要等你审核的。", "Those of your organisations or your place, published or not; waiting keeps those that wait for your review."),
		creates("submitTechnologyNotice", "/technology-notices", words{"发布技术供需", "Post a need or an offer"}, s.submitNotice, s.notice).needs(writePlatforms).
			note("经两级审核、由两个人通过后公布。", "It is published once two people have passed it, the county's and the city's."),
		gets("getTechnologyNotice", "/technology-notices/{id}", words{"一条技术供需", "One of them"}, s.notice).needs(seePlatforms),
		changes("reviseTechnologyNotice", "PUT /technology-notices/{id}", words{"修改后重新送审", "Change and send for review again"}, s.reviseNotice, s.notice).needs(writePlatforms).matched(),
		step("checkTechnologyNotice", "check", words{"初审通过", "Pass the first review"}, s.register.CheckNotice),
		step("publishTechnologyNotice", "publish", words{"复核通过并公布", "Pass the second review and publish"}, s.register.PublishNotice).
			note("和初审是同一个人的，是冲突。", "The same person as in the first review is a conflict."),
		changes("returnTechnologyNotice", one+"return", words{"退回修改", "Return for correction"}, s.returnNotice, s.notice).needs(writePlatforms).matched(),
		step("withdrawTechnologyNotice", "withdraw", words{"撤回技术供需", "Withdraw it"}, s.register.RecallNotice),

		lists("listIntroductions", "/introductions", words{"技术对接", "Introductions"}, s.intros).needs(seePlatforms),
		creates("answerTechnologyNotice", "/introductions", words{"响应技术供需", "Answer a need or an offer"}, s.express, s.intro).needs(writePlatforms).
			note("双方从此互相看到联系方式。", "From then on each side sees whom to ask at the other's."),
		gets("getIntroduction", "/introductions/{id}", words{"一次对接", "One introduction"}, s.intro).needs(seePlatforms),
		changes("agreeIntroduction", intro+"agree", words{"登记达成合作", "Say that there is an agreement"}, s.agree, s.intro).needs(writePlatforms).matched().
			note("对方确认以后，或者服务中心看过证明材料以后，才计入达成数。", "It counts once the other side has confirmed it, or the service centre has seen proof."),
		changes("confirmIntroduction", intro+"confirm", words{"确认达成合作", "Confirm an agreement"}, s.confirm, s.intro).needs(writePlatforms).matched().
			note("由没有登记的一方确认；登记的人自己确认，是冲突。", "By the side that did not say so; the person who said so is a conflict."),
		changes("proveIntroduction", intro+"prove", words{"凭证明材料确认达成", "Confirm an agreement by proof"}, s.prove, s.intro).needs(writePlatforms).matched().
			note("由供需信息所在地的服务中心确认。", "By the service centre of the notice's place."),
		said("undoIntroduction", "undo", words{"撤销达成", "Take the agreement back"}, s.register.UndoIntro),
		said("endIntroduction", "end", words{"未达成", "End without an agreement"}, s.register.PartIntro),
	}
}

type (
	noticeStep = func(ctx context.Context, by actor, id string, version int) (techplatform.Notice, error)
	introStep  = func(ctx context.Context, by actor, id string, version int, reason string) (techplatform.Intro, error)
)

// NoticeBody is what a technology need or offer says.
type NoticeBody struct {
	Title    string `json:"title" doc:"标题|Title"`
	Text     string `json:"text" doc:"说明|Description"`
	Industry string `json:"industry" doc:"行业代码，GB/T 4754-2017，如 C17|Industry by GB/T 4754-2017, such as C17"`
	Amount   int64  `json:"amount,omitempty" doc:"预算或报价，分；面议是 0|Budget or price in fen; 0 to be agreed"`
	Contact  string `json:"contact,omitempty" doc:"联系人和电话；只有发布单位自己看得到，对接双方在对接里看|Whom to ask; shown to its party alone, and to both sides of an introduction there"`
}

func (b NoticeBody) profile() techplatform.NoticeProfile {
	return techplatform.NoticeProfile{Title: line(b.Title), Text: b.Text, Industry: line(b.Industry), Amount: b.Amount, Contact: line(b.Contact)}
}

// PartyBody names an enterprise or an institution.
type PartyBody struct {
	Kind string `json:"kind" enum:"enterprise,institution" doc:"企业或机构|Enterprise or institution"`
	ID   string `json:"id" doc:"编号|Its id"`
}

// TechnologyNotice is a technology need or offer (技术供需信息).
type TechnologyNotice struct {
	ID     string `json:"id" doc:"编号|Its id"`
	Number string `json:"number" doc:"人们说的编号|The number people know it by"`
	Side   string `json:"side" enum:"need,offer" doc:"需求或成果|A need or an offer"`
	NoticeBody
	Party       PartyBody `json:"party" doc:"发布单位|Whose it is"`
	Name        string    `json:"name" doc:"发布单位的名称|What its party is called"`
	Region      string    `json:"region" doc:"发布单位所在地区的代码|Code of its party's place"`
	State       string    `json:"state" enum:"submitted,checked,published,returned,expired,withdrawn" doc:"状态|State"`
	PublishedOn string    `json:"published_on" doc:"公布日期，没有公布时为空|Day it was published; empty while it is not"`
	Until       string    `json:"until" doc:"公布到哪天，含当天|The last day it is shown"`
	Version     int       `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func noticeOf(n techplatform.Notice) TechnologyNotice {
	return TechnologyNotice{
		ID: n.ID, Number: n.Number, Side: string(n.Side), NoticeBody: NoticeBody{n.Title, n.Text, n.Industry, n.Amount, n.Contact},
		Party: PartyBody(n.Party), Name: n.Name, Region: string(n.Region), State: string(n.State), PublishedOn: n.PublishedOn, Until: n.Until, Version: n.Version,
	}
}

// NoticeMatch is a notice of the other side that may fit, and why.
type NoticeMatch struct {
	ID    string   `json:"id" doc:"编号|Its id"`
	Title string   `json:"title" doc:"标题|Title"`
	Name  string   `json:"name" doc:"发布单位|Whose it is"`
	Rank  int      `json:"rank" doc:"匹配度，0 到 100|How well it fits, 0 to 100"`
	Words []string `json:"words" doc:"两边都提到的词|What both speak of"`
	Text  string   `json:"text" enum:"met,unmet" doc:"说明是否相近|Whether the descriptions are alike"`
	// Industry is met for the same, judge for one section.
	Industry string `json:"industry" enum:"met,judge,unmet" doc:"行业：相同、同一门类、不同|The industry: the same, of one section, another"`
	Amount   string `json:"amount" enum:"met,unmet,unknown" doc:"报价是否在预算以内|Whether the price is within the budget"`
}

// NoticeDetail is a notice with those of the other side that may fit.
type NoticeDetail struct {
	TechnologyNotice
	Matches []NoticeMatch  `json:"matches" doc:"可能合适的另一方，没有公布时为空|Those of the other side that may fit; empty while it is not published"`
	Intros  []Introduction `json:"introductions" doc:"你看得到的对接|Introductions that you see"`
	Events  []Happened     `json:"events" doc:"办理经过，早的在前|History, oldest first"`
	Can     []string       `json:"can" doc:"你现在能做什么|What you can do with it now"`
}

type noticeList struct {
	paging
	Region   string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Side     string `query:"side" enum:"need,offer" doc:"需求或成果|Needs or offers"`
	Industry string `query:"industry" doc:"行业代码，含下级|Industry, with everything below it"`
	Text     string `query:"text" maxLength:"100" doc:"编号、标题、说明或单位的一部分|Part of number, title, words or party"`
}

func (f noticeList) filter() techplatform.NoticeFilter {
	return techplatform.NoticeFilter{
		Region: region.Code(f.Region), Side: techplatform.Side(f.Side), Industry: line(f.Industry), Text: line(f.Text),
	}
}

func (s platforms) publicNotices(ctx context.Context, c *Call, in *noticeList) (page[TechnologyNotice], error) {
	c.ages = true
	list, next, total, err := s.register.PublicNotices(ctx, in.filter(), in.page())
	return counted(in.paging, list, next, total, err, noticeOf)
}

func (s platforms) publicNotice(ctx context.Context, c *Call, id string) (NoticeDetail, error) {
	d, err := s.register.Notice(ctx, authz.Actor{}, id)
	c.Versioned(d.Version)
	c.ages = true
	return detailOfNotice(d), err
}

type ownNoticeList struct {
	noticeList
	State   string `query:"state" enum:"submitted,checked,published,returned,expired,withdrawn" doc:"状态|State"`
	Waiting bool   `query:"waiting" doc:"只要等你审核的|Those that wait for your review only"`
}

func (s platforms) notices(ctx context.Context, c *Call, in *ownNoticeList) (page[TechnologyNotice], error) {
	f := in.filter()
	f.State = flow.State(in.State)
	read := func() ([]techplatform.Notice, string, int, error) {
		if in.Waiting {
			return s.register.Waiting(ctx, c.By, f, in.page())
		}
		return s.register.Notices(ctx, c.By.Scope(techplatform.SeeNotice), f, in.page())
	}
	list, next, total, err := read()
	return counted(in.paging, list, next, total, err, noticeOf)
}

func (s platforms) notice(ctx context.Context, c *Call, id string) (NoticeDetail, error) {
	d, err := s.register.Notice(ctx, c.By, id)
	if err == nil && !d.Inside { // what everybody sees has an operation of its own
		err = fault.Missing()
	}
	c.Versioned(d.Version)
	return detailOfNotice(d), err
}

func detailOfNotice(d techplatform.NoticeDetail) NoticeDetail {
	return NoticeDetail{
		noticeOf(d.Notice), each(d.Matches, func(m techplatform.Match) NoticeMatch {
			return NoticeMatch{m.ID, m.Title, m.Name, m.Rank, each(m.Words, func(w string) string { return w }), string(m.Alike), string(m.Fits), string(m.Price)}
		}), each(d.Intros, introOf), happened(d.Events), verbs(d.Open),
	}
}

type noticeNew struct {
	Body struct {
		Party PartyBody `json:"party" doc:"以谁的名义|In whose name"`
		Side  string    `json:"side" doc:"need 需求，offer 成果；机构只能发布成果|need or offer; an institution posts offers only"`
		NoticeBody
	}
}

func (s platforms) submitNotice(ctx context.Context, c *Call, in *noticeNew) (string, error) {
	n, err := s.register.SubmitNotice(ctx, c.By, authz.Party(in.Body.Party), techplatform.Side(in.Body.Side), in.Body.profile(), "")
	return n.ID, err
}

type noticeEdit struct {
	byID
	Body NoticeBody
}

func (s platforms) reviseNotice(ctx context.Context, c *Call, in *noticeEdit) error {
	_, err := s.register.ReviseNotice(ctx, c.By, in.ID, c.Version, in.Body.profile())
	return err
}

func (s platforms) returnNotice(ctx context.Context, c *Call, in *reasoned) error {
	_, err := s.register.ReturnNotice(ctx, c.By, in.ID, c.Version, in.Body.Reason)
	return err
}

// Introduction is two parties who were introduced over a notice (对接).
type Introduction struct {
	ID       string    `json:"id" doc:"编号|Its id"`
	Notice   string    `json:"notice" doc:"技术供需的编号|Id of the notice"`
	Number   string    `json:"number" doc:"技术供需的号|Number of the notice"`
	Title    string    `json:"title" doc:"技术供需的标题|Title of the notice"`
	Side     string    `json:"side" enum:"need,offer" doc:"需求或成果|A need or an offer"`
	Owner    PartyBody `json:"owner" doc:"发布单位|Whose notice it is"`
	OwnName  string    `json:"owner_name" doc:"发布单位的名称|What it is called"`
	OwnAsk   string    `json:"owner_contact" doc:"发布单位的联系方式，只有双方看得到|Whom to ask there; for the two sides alone"`
	Asker    PartyBody `json:"asker" doc:"响应单位|Who answered it"`
	AskName  string    `json:"asker_name" doc:"响应单位的名称|What it is called"`
	Words    string    `json:"words" doc:"想法|In their words"`
	Contact  string    `json:"asker_contact" doc:"响应单位的联系方式，只有双方看得到|Whom to ask there; for the two sides alone"`
	State    string    `json:"state" enum:"introduced,claimed,agreed,ended" doc:"状态|State"`
	AgreedOn string    `json:"agreed_on" doc:"达成日期，没有时为空|Day of the agreement; empty before"`
	Amount   int64     `json:"amount" doc:"合同金额，分；没有填是 0|Of the contract, in fen; 0 when not told"`
	SaidBy   string    `json:"said_by" enum:"owner,asker," doc:"哪一方登记了达成，没有时为空|Which side said that there is an agreement; empty before"`
	Proof    string    `json:"proof" doc:"服务中心看过的证明材料，没有时为空|What proof the service centre has seen; empty when none"`
	AskedAt  string    `json:"asked_at" format:"date-time" doc:"响应时间|When it was answered"`
	Version  int       `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func introOf(i techplatform.Intro) Introduction {
	return Introduction{
		i.ID, i.Notice, i.Number, i.Title, string(i.Side), PartyBody(i.Owner), i.OwnerName, i.OwnerAsk, PartyBody(i.Asker), i.AskerName, i.Words, i.Contact,
		string(i.State), i.AgreedOn, i.Amount, string(i.Of), i.Proof, instant(i.AskedAt), i.Version,
	}
}

// IntroductionDetail is an introduction with its history.
type IntroductionDetail struct {
	Introduction
	Events []Happened `json:"events" doc:"办理经过，早的在前|History, oldest first"`
	Can    []string   `json:"can" doc:"你现在能做什么|What you can do with it now"`
}

type introList struct {
	paging
	Notice string `query:"notice" doc:"技术供需的编号|Id of the notice"`
	State  string `query:"state" enum:"introduced,claimed,agreed,ended" doc:"状态|State"`
}

func (s platforms) intros(ctx context.Context, c *Call, in *introList) (page[Introduction], error) {
	list, next, err := s.register.Intros(ctx, c.By, techplatform.IntroFilter{Notice: in.Notice, State: flow.State(in.State)}, in.page())
	return pageOf(list, next, introOf), err
}

func (s platforms) intro(ctx context.Context, c *Call, id string) (IntroductionDetail, error) {
	d, err := s.register.Intro(ctx, c.By, id)
	c.Versioned(d.Version)
	return IntroductionDetail{introOf(d.Intro), happened(d.Events), verbs(d.Open)}, err
}

type introNew struct {
	Body struct {
		Notice  string    `json:"notice" doc:"技术供需的编号|Id of the notice"`
		Party   PartyBody `json:"party" doc:"以谁的名义|In whose name"`
		Words   string    `json:"words" doc:"想法|In your words"`
		Contact string    `json:"contact" doc:"联系人和电话|Whom to ask"`
	}
}

func (s platforms) express(ctx context.Context, c *Call, in *introNew) (string, error) {
	b := in.Body
	i, err := s.register.Express(ctx, c.By, b.Notice, authz.Party(b.Party), techplatform.Answer{Words: b.Words, Contact: line(b.Contact)}, "")
	return i.ID, err
}

type agreeing struct {
	byID
	Body struct {
		On     string `json:"on" doc:"达成日期|Day of the agreement"`
		Amount int64  `json:"amount,omitempty" doc:"合同金额，分，可以不填|Of the contract, in fen; may be left out"`
	}
}

func (s platforms) agree(ctx context.Context, c *Call, in *agreeing) error {
	_, err := s.register.AgreeIntro(ctx, c.By, in.ID, c.Version, in.Body.On, in.Body.Amount)
	return err
}

func (s platforms) confirm(ctx context.Context, c *Call, in *byID) error {
	_, err := s.register.ConfirmIntro(ctx, c.By, in.ID, c.Version)
	return err
}

type introProof struct {
	byID
	Body struct {
		Proof string `json:"proof" doc:"看过什么证明材料，如技术合同登记编号|What proves it, such as the number of the registered contract"`
	}
}

func (s platforms) prove(ctx context.Context, c *Call, in *introProof) error {
	_, err := s.register.ProveIntro(ctx, c.By, in.ID, c.Version, in.Body.Proof)
	return err
}
