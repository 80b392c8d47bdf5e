package api

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// guarantees are the operations of financing guarantees (融资担保): cases from
// the application to the day the guarantor is free again. Guarantors' books are
// in guarantor.go, limits in guaranteerule.go, financing needs in financing.go.
type guarantees struct {
	desk *guarantee.Service
	home region.Code
}

const seeGuarantees, writeGuarantees = "guarantee:read", "guarantee:write"

func (s guarantees) operations() []operation {
	const one = "POST /guarantees/{id}/"
	step := func(id, do string, about words, fn func(context.Context, *Call, *byID) error) operation {
		return changes(id, one+do, about, fn, s.show).needs(writeGuarantees).matched()
	}
	said := func(id, do string, about words, fn caseStep[string]) operation {
		return changes(id, one+do, about, func(ctx context.Context, c *Call, in *reasoned) error {
			_, err := fn(ctx, c.By, guarantee.ID(in.ID), c.Version, in.Body.Reason)
			return err
		}, s.show).needs(writeGuarantees).matched()
	}
	moved := func(id, do string, about words, fn caseStep[guarantee.Movement]) operation {
		return changes(id, one+do, about, func(ctx context.Context, c *Call, in *moving) error {
			b := in.Body
			_, err := fn(ctx, c.By, guarantee.ID(in.ID), c.Version, guarantee.Movement{On: b.On, Amount: b.Amount, Words: b.Words})
			return err
		}, s.show).needs(writeGuarantees).matched()
	}
	all := []operation{
		lists("listGuarantees", "/guarantees", words{"担保业务", "Guarantees"}, s.list).needs(seeGuarantees).
			note("本地区的，或者你所在企业、担保机构、银行的，新的在前。", "Those of your place, enterprises, guarantors or banks, newest first."),
		creates("applyForGuarantee", "/guarantees", words{"申请担保", "Apply for a guarantee"}, s.apply, s.show).needs(writeGuarantees),
		creates("proposeGuarantee", "/guarantees/proposals", words{"银行推荐", "A bank files it for a customer"}, s.propose, s.show).needs(writeGuarantees).
			note("企业同意以后才办理。", "The enterprise has to agree before anything else happens."),
		gets("getGuarantee", "/guarantees/{id}", words{"一笔担保", "One guarantee"}, s.show).needs(seeGuarantees).
			note("评审、批准和限额只有担保机构和主管部门看得到。", "Meeting, approvals and limits are for the guarantor and the office."),
		step("agreeToGuarantee", "agree", words{"企业同意办理", "The enterprise agrees"}, func(ctx context.Context, c *Call, in *byID) error {
			_, err := s.desk.Agree(ctx, c.By, guarantee.ID(in.ID), c.Version)
			return err
		}),
		step("acceptGuarantee", "accept", words{"受理", "Accept"}, func(ctx context.Context, c *Call, in *byID) error {
			_, err := s.desk.Accept(ctx, c.By, guarantee.ID(in.ID), c.Version)
			return err
		}),
		said("refuseGuarantee", "refuse", words{"不予担保", "Refuse"}, s.desk.Refuse),
		said("withdrawGuarantee", "withdraw", words{"撤回", "Withdraw"}, s.desk.Withdraw),
		changes("examineGuarantee", one+"examine", words{"尽职调查", "The due diligence"}, s.examine, s.show).needs(writeGuarantees).matched(),
		changes("reviewGuarantee", one+"review", words{"评审会", "The review meeting"}, s.review, s.show).needs(writeGuarantees).matched().
			note("票数决定是否继续。", "The votes decide whether it goes on."),
		changes("approveGuarantee", one+"approve", words{"批准", "Approve"}, s.approve, s.show).needs(writeGuarantees).matched().
			note("超过规定金额要两个人批准。最后一次批准检查当天的限额。", "Above a set amount two persons have to; the last approval checks the limits of the day."),
		changes("signGuarantee", one+"sign", words{"签订合同", "Sign the contract"}, s.sign, s.show).needs(writeGuarantees).matched(),
		changes("confirmLoan", one+"lend", words{"确认放款", "The bank confirms the loan"}, s.lend, s.show).needs(writeGuarantees).matched(),
		moved("repayLoan", "repay", words{"登记还款", "A repayment"}, s.desk.Repay),
		changes("extendGuarantee", one+"extend", words{"展期", "Extend"}, s.extend, s.show).needs(writeGuarantees).matched(),
		step("releaseGuarantee", "release", words{"解除担保", "Release"}, func(ctx context.Context, c *Call, in *byID) error {
			_, err := s.desk.Release(ctx, c.By, guarantee.ID(in.ID), c.Version)
			return err
		}),
		moved("payClaim", "claim", words{"代偿", "Pay a claim"}, s.desk.PayClaim),
		moved("recoverClaim", "recover", words{"追偿", "A recovery"}, s.desk.Recover),
		changes("writeOffClaim", one+"write-off", words{"核销", "Write off"}, s.writeOff, s.show).needs(writeGuarantees).matched(),
		said("cancelGuarantee", "cancel", words{"撤销合同", "Undo the contract"}, s.desk.Cancel),
	}
	return slices.Concat(all, s.guarantorOperations(), s.financingOperations(), s.limitOperations(), s.boardOperations())
}

// caseStep is a step of a case with what it is told.
type caseStep[T any] = func(ctx context.Context, by actor, id guarantee.ID, version int, in T) (guarantee.Case, error)

// Guarantee is one case, from application to release (担保业务).
type Guarantee struct {
	ID         string   `json:"id" doc:"编号|Its id"`
	Number     string   `json:"number" doc:"业务号|The number people know it by"`
	Region     string   `json:"region" doc:"企业所在镇街的代码|Code of the enterprise's town"`
	Guarantor  string   `json:"guarantor" doc:"担保机构的编号|Id of the guarantor"`
	Bank       string   `json:"bank" doc:"银行的编号，没有选定时为空|Id of the bank; empty until one is chosen"`
	Enterprise string   `json:"enterprise" doc:"企业编号|Id of the enterprise"`
	Client     string   `json:"client" doc:"企业|The enterprise"`
	Size       string   `json:"size" doc:"规模类型|Size class"`
	Need       string   `json:"need" doc:"来自哪件融资需求，没有时为空|The financing need it came from; empty for none"`
	Amount     int64    `json:"amount" doc:"申请金额，分|Amount asked for in fen"`
	Months     int      `json:"months" doc:"申请期限，月|Term asked for in months"`
	Purpose    string   `json:"purpose" doc:"用途|Purpose"`
	Security   []string `json:"security" doc:"反担保：property、equipment、stock、members、persons、none|Counter-guarantees"`
	State      string   `json:"state" doc:"状态|State"`
	Applied    string   `json:"applied" doc:"申请日期|Day of the application"`
	Granted    int64    `json:"granted" doc:"批准金额，分；没有时为 0|Amount approved in fen; 0 before"`
	Contract   Contract `json:"contract" doc:"合同|The contract"`
	Loan       LoanBody `json:"loan" doc:"贷款|The loan"`
	UpdatedAt  string   `json:"updated_at" format:"date-time" doc:"修改时间|When it was changed last"`
	Version    int      `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

// Contract is a contract of guarantee (担保合同).
type Contract struct {
	Number   string `json:"number" doc:"合同号，没有时为空|Its number; empty before"`
	On       string `json:"on" doc:"签订日期|Day of signing"`
	Until    string `json:"until" doc:"到期日|Last day"`
	Amount   int64  `json:"amount" doc:"金额，分|Amount in fen"`
	Fee      int64  `json:"fee" doc:"年费率，万分之一|Fee a year, in hundredths of a per cent"`
	Extended int    `json:"extended" doc:"展期几次|How often it was extended"`
}

// LoanBody is a loan as the bank confirms it.
type LoanBody struct {
	Number string `json:"number" doc:"借款合同号|Number of the loan"`
	On     string `json:"on" doc:"放款日期|Day it was paid out"`
	Amount int64  `json:"amount" doc:"金额，分|Amount in fen"`
}

func caseOf(c guarantee.Case) Guarantee {
	d := c.Deal
	return Guarantee{
		ID: string(c.ID), Number: c.Number, Region: string(c.Region), Guarantor: string(c.Guarantor), Bank: string(c.Bank), Enterprise: c.Enterprise,
		Client: c.Client, Size: c.Size, Need: c.Need, Amount: c.Amount, Months: c.Months, Purpose: c.Purpose, Security: plain(c.Security),
		State: string(c.State), Applied: c.Applied, Granted: c.Granted.Amount, Contract: Contract{d.Number, d.On, d.Until, d.Amount, d.Fee, d.Extended},
		Loan: LoanBody(c.Loan), UpdatedAt: instant(c.Updated), Version: c.Version,
	}
}

// GuaranteeLine is a guarantee in a list.
type GuaranteeLine struct {
	Guarantee
	GuarantorName string `json:"guarantor_name" doc:"担保机构|The guarantor"`
	Outstanding   int64  `json:"outstanding" doc:"在保余额，分|Outstanding in fen"`
}

type guaranteeList struct {
	leafing
	Region    string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	State     string `query:"state" doc:"状态|State"`
	Open      bool   `query:"open" doc:"只要没有办完的|Those that are not over only"`
	Guarantor string `query:"guarantor" doc:"担保机构的编号|Id of the guarantor"`
	Type      string `query:"type" enum:"policy,mutual,commercial" doc:"担保机构的类型|Type of the guarantor"`
	Text      string `query:"text" maxLength:"100" doc:"企业名称或号码的一部分|Part of the enterprise's name or of a number"`
	Year      string `query:"year" maxLength:"4" doc:"合同的年份|Year of the contract"`
}

func (s guarantees) list(ctx context.Context, c *Call, in *guaranteeList) (page[GuaranteeLine], error) {
	list, next, err := s.desk.List(ctx, c.By.Scope(guarantee.See), guarantee.Filter{
		Region: region.Code(in.Region), State: flow.State(in.State), Open: in.Open, Guarantor: institution.ID(in.Guarantor),
		Type: guarantee.Type(in.Type), Text: line(in.Text), Year: in.Year,
	}, in.page())
	return pageOf(list, next, func(l guarantee.Line) GuaranteeLine {
		return GuaranteeLine{caseOf(l.Case), l.GuarantorName, l.Outstanding}
	}), err
}

// GuaranteeDetail is a guarantee with all that its reader may see.
type GuaranteeDetail struct {
	Guarantee
	GuarantorName string           `json:"guarantor_name" doc:"担保机构|The guarantor"`
	BankName      string           `json:"bank_name" doc:"银行，没有选定时为空|The bank; empty until one is chosen"`
	Found         *FindingOf       `json:"found,omitempty" doc:"尽职调查，没有或看不到时没有这一项|What the due diligence found; missing before, and for those it is not for"`
	Meeting       *Meeting         `json:"meeting,omitempty" doc:"评审会，没有或看不到时没有这一项|The review meeting; missing before, and for those it is not for"`
	Approvals     []Approval       `json:"approvals" doc:"批准|Approvals"`
	Balance       GuaranteeBalance `json:"balance" doc:"余额|What the postings add up to"`
	Postings      []Posting        `json:"postings" doc:"账目，从早到晚|The postings, oldest first"`
	Backers       []Backer         `json:"backers" doc:"反担保企业|Enterprises that counter-guarantee"`
	Limits        []GuaranteeLimit `json:"limits" doc:"涉及的限额|The limits it comes under"`
	Events        []Happened       `json:"events" doc:"办理经过，早的在前|History, oldest first"`
	Can           []string         `json:"can" doc:"你现在能做什么|What you can do with it now"`
}

// FindingOf is what the due diligence found.
type FindingOf struct {
	On      string `json:"on" doc:"日期|Day"`
	By      string `json:"by" doc:"调查人|Who did it"`
	Amount  int64  `json:"amount" doc:"可以承担多少，分|What can be borne, in fen"`
	Opinion string `json:"opinion" doc:"意见|Opinion"`
}

// Meeting is a review meeting (评审会).
type Meeting struct {
	MeetingBody
	Passed bool `json:"passed" doc:"是否通过|Whether it passed"`
}

// MeetingBody is a review meeting as it is set down.
type MeetingBody struct {
	On    string `json:"on" doc:"日期|Day"`
	Votes []Vote `json:"votes" doc:"每位评委的票|The votes"`
}

// Vote is one voice in a review meeting.
type Vote struct {
	Name  string `json:"name" doc:"评委|Who votes"`
	Voice string `json:"voice" enum:"for,against,abstain" doc:"票|The vote"`
	Words string `json:"words,omitempty" doc:"意见|In words"`
}

// Approval is one person's approval.
type Approval struct {
	Name  string `json:"name" doc:"批准人|Who"`
	Words string `json:"words" doc:"意见|In words"`
	At    string `json:"at" format:"date-time" doc:"时间|When"`
}

// Backer is an enterprise that counter-guarantees a contract.
type Backer struct {
	Enterprise string `json:"enterprise" doc:"企业的编号|Id of the enterprise"`
	Name       string `json:"name" doc:"企业|Its name"`
	Amount     int64  `json:"amount" doc:"反担保多少，分|Amount in fen"`
}

// Backing is an enterprise about to counter-guarantee, by its number.
type Backing struct {
	Number string `json:"number" doc:"统一社会信用代码|Its credit code"`
	Amount int64  `json:"amount" doc:"反担保多少，分|Amount in fen"`
}

// GuaranteeBalance is what a case's postings add up to, in fen.
type GuaranteeBalance struct {
	Committed   int64 `json:"committed" doc:"已批准未签约，分|Approved and not signed"`
	Outstanding int64 `json:"outstanding" doc:"在保余额，分|Outstanding"`
	Claims      int64 `json:"claims" doc:"代偿余额，分|Claims not recovered"`
	Losses      int64 `json:"losses" doc:"核销，分|Written off"`
	Repaid      int64 `json:"repaid" doc:"累计还款，分|Repaid in all"`
	Paid        int64 `json:"paid" doc:"累计代偿，分|Claims paid in all"`
	Recovered   int64 `json:"recovered" doc:"累计追回，分|Recovered in all"`
}

// Posting is one line of the books; it is never changed.
type Posting struct {
	ID       string `json:"id" doc:"编号|Its id"`
	Account  string `json:"account" enum:"committed,outstanding,claims,losses,shares" doc:"科目|Account"`
	On       string `json:"on" doc:"日期|Day"`
	Amount   int64  `json:"amount" doc:"金额，分，有正负|Amount in fen, signed"`
	Do       string `json:"do" doc:"动作|What was done"`
	Reverses string `json:"reverses" doc:"冲回哪一笔，没有时为空|The posting taken back; empty for none"`
	By       string `json:"by" doc:"谁|Who"`
	At       string `json:"at" format:"date-time" doc:"时间|When"`
}

// GuaranteeLimit is one bound and how much of it is used up.
type GuaranteeLimit struct {
	Kind string `json:"kind" enum:"single,group,leverage,usual,pool,member,support,support_small,asset_backing,asset_upper,asset_first,asset_third" doc:"哪种限额|Which limit"`
	Who  string `json:"who" doc:"哪个客户或关联组，整体的为空|The client or group; empty for the whole book"`
	Used int64  `json:"used" doc:"已用，分；资产比例是分子|Used in fen; of an asset ratio the part"`
	Most int64  `json:"most" doc:"上限，分；at_least 时是下限|At most, in fen; at least where at_least is true"`
	Near bool   `json:"near" doc:"是否接近|Whether it is near"`
	Over bool   `json:"over" doc:"是否超过，或低于下限|Whether it is exceeded, or not reached"`

	Times   int64 `json:"times" doc:"规则里的数：倍数百分之一，比例万分之一|The rule's number: multiples in hundredths, shares in hundredths of a per cent"`
	AtLeast bool  `json:"at_least,omitempty" doc:"most 是否是下限，只有资产比例有|Whether most is the least there has to be; of asset ratios only"`
	Of      int64 `json:"of,omitempty" doc:"资产比例的分母，分|Of an asset ratio the whole, in fen"`
}

func limitOf(l guarantee.Limit) GuaranteeLimit {
	return GuaranteeLimit{string(l.Kind), l.Who, l.Used, l.Most, l.Near, l.Over(), l.Times, l.Floor(), l.Of}
}

func (s guarantees) show(ctx context.Context, c *Call, id string) (GuaranteeDetail, error) {
	d, err := s.desk.Get(ctx, c.By, guarantee.ID(id))
	if err != nil {
		return GuaranteeDetail{}, err
	}
	c.Versioned(d.Version)
	c.ages = true // limits change with other cases
	out := GuaranteeDetail{
		Guarantee: caseOf(d.Case), GuarantorName: d.Of.Name, BankName: d.BankName, Balance: GuaranteeBalance(d.Balance),
		Backers: each(d.Backers, func(b guarantee.Backer) Backer { return Backer{b.Enterprise, b.Name, b.Amount} }),
		Limits:  each(d.Limits, limitOf), Events: happened(d.Events), Can: verbs(d.Open),
		Approvals: each(d.Approvals, func(a guarantee.Approval) Approval { return Approval{a.Name, a.Words, instant(a.At)} }),
		Postings: each(d.Postings, func(p guarantee.Posting) Posting {
			return Posting{p.ID, string(p.Account), p.On, p.Amount, p.Do.Verb(), p.Reverses, p.By, instant(p.At)}
		}),
	}
	if f := d.Found; f.On != "" && d.Inside {
		out.Found = &FindingOf{f.On, f.By, f.Amount, f.Opinion}
	}
	if m := d.Meeting; m != nil {
		votes := each(m.Votes, func(v guarantee.Vote) Vote { return Vote{v.Name, string(v.Voice), v.Words} })
		out.Meeting = &Meeting{MeetingBody{m.On, votes}, m.Passed}
	}
	return out, nil
}

// WishBody is what an enterprise asks for.
type WishBody struct {
	Amount   int64    `json:"amount" doc:"金额，分|Amount in fen"`
	Months   int      `json:"months" doc:"期限，月|Term in months"`
	Purpose  string   `json:"purpose" doc:"用途|Purpose"`
	Security []string `json:"security,omitempty" doc:"反担保：property、equipment、stock、members、persons、none|Counter-guarantees"`
}

func (b WishBody) wish() guarantee.Wish {
	return guarantee.Wish{Amount: b.Amount, Months: b.Months, Purpose: b.Purpose, Security: named[guarantee.Security](b.Security)}
}

type guaranteeNew struct {
	Body struct {
		Guarantor  string `json:"guarantor" doc:"担保机构的编号|Id of the guarantor"`
		Enterprise string `json:"enterprise" doc:"企业编号|Id of the enterprise"`
		Bank       string `json:"bank,omitempty" doc:"银行的编号|Id of the bank"`
		WishBody
	}
}

func (s guarantees) apply(ctx context.Context, c *Call, in *guaranteeNew) (string, error) {
	b := in.Body
	made, err := s.desk.Apply(ctx, c.By, guarantee.Application{
		Guarantor: institution.ID(b.Guarantor), Enterprise: b.Enterprise, Bank: institution.ID(b.Bank), Wish: b.wish(),
	})
	return string(made.ID), err
}

type guaranteeProposal struct {
	Body struct {
		Guarantor string `json:"guarantor" doc:"担保机构的编号|Id of the guarantor"`
		Bank      string `json:"bank" doc:"银行的编号|Id of the bank"`
		Number    string `json:"number" doc:"企业的代码|The enterprise's credit or organisation code"`
		WishBody
	}
}

func (s guarantees) propose(ctx context.Context, c *Call, in *guaranteeProposal) (string, error) {
	b := in.Body
	made, err := s.desk.Propose(ctx, c.By, guarantee.Application{
		Guarantor: institution.ID(b.Guarantor), Bank: institution.ID(b.Bank), Number: line(b.Number), Wish: b.wish(),
	})
	return string(made.ID), err
}

type examining struct {
	byID
	Body struct {
		On      string `json:"on" doc:"日期|Day"`
		Amount  int64  `json:"amount" doc:"可以承担多少，分|What can be borne, in fen"`
		Opinion string `json:"opinion" doc:"意见|Opinion"`
	}
}

func (s guarantees) examine(ctx context.Context, c *Call, in *examining) error {
	b := in.Body
	_, err := s.desk.Examine(ctx, c.By, guarantee.ID(in.ID), c.Version, guarantee.Finding{On: b.On, Amount: b.Amount, Opinion: b.Opinion})
	return err
}

type meeting struct {
	byID
	Body MeetingBody
}

func (s guarantees) review(ctx context.Context, c *Call, in *meeting) error {
	m := guarantee.Meeting{On: in.Body.On}
	for _, v := range in.Body.Votes {
		m.Votes = append(m.Votes, guarantee.Vote{Name: line(v.Name), Voice: guarantee.Voice(v.Voice), Words: v.Words})
	}
	_, err := s.desk.Review(ctx, c.By, guarantee.ID(in.ID), c.Version, m)
	return err
}

type approving struct {
	byID
	Body struct {
		Amount int64  `json:"amount" doc:"批准金额，分|Amount in fen"`
		Months int    `json:"months" doc:"期限，月|Term in months"`
		Words  string `json:"words,omitempty" doc:"意见|In words"`
	}
}

func (s guarantees) approve(ctx context.Context, c *Call, in *approving) error {
	_, err := s.desk.Approve(ctx, c.By, guarantee.ID(in.ID), c.Version, guarantee.Approving(in.Body))
	return err
}

type signing struct {
	byID
	Body struct {
		Number   string    `json:"number,omitempty" doc:"合同号，不写用业务号|Number; the case's own when left out"`
		On       string    `json:"on" doc:"签订日期|Day of signing"`
		Amount   int64     `json:"amount" doc:"金额，分|Amount in fen"`
		Fee      int64     `json:"fee" doc:"年费率，万分之一|Fee a year, in hundredths of a per cent"`
		Bank     string    `json:"bank,omitempty" doc:"银行的编号|Id of the bank"`
		Security []string  `json:"security,omitempty" doc:"反担保|Counter-guarantees"`
		Backers  []Backing `json:"backers,omitempty" maxItems:"10" doc:"反担保企业；互助担保的是别的会员|Enterprises behind it; of a pool other members"`
	}
}

func (s guarantees) sign(ctx context.Context, c *Call, in *signing) error {
	b := in.Body
	backers := make([]guarantee.Backer, len(b.Backers))
	for i, x := range b.Backers {
		backers[i] = guarantee.Backer{Number: line(x.Number), Amount: x.Amount}
	}
	_, err := s.desk.Sign(ctx, c.By, guarantee.ID(in.ID), c.Version, guarantee.Signing{
		Number: line(b.Number), On: b.On, Amount: b.Amount, Fee: b.Fee, Bank: institution.ID(b.Bank), Security: named[guarantee.Security](b.Security),
		Backers: backers,
	})
	return err
}

type lending struct {
	byID
	Body LoanBody
}

func (s guarantees) lend(ctx context.Context, c *Call, in *lending) error {
	_, err := s.desk.Lend(ctx, c.By, guarantee.ID(in.ID), c.Version, guarantee.Loan(in.Body))
	return err
}

type moving struct {
	byID
	Body struct {
		On     string `json:"on" doc:"日期|Day"`
		Amount int64  `json:"amount" doc:"金额，分|Amount in fen"`
		Words  string `json:"words,omitempty" doc:"说明|In words"`
	}
}

type extending struct {
	byID
	Body struct {
		Until  string `json:"until" doc:"展到哪天|The new last day"`
		Reason string `json:"reason" doc:"原因|Why"`
	}
}

func (s guarantees) extend(ctx context.Context, c *Call, in *extending) error {
	_, err := s.desk.Extend(ctx, c.By, guarantee.ID(in.ID), c.Version, in.Body.Until, in.Body.Reason)
	return err
}

type writingOff struct {
	byID
	Body struct {
		On     string `json:"on" doc:"日期|Day"`
		Reason string `json:"reason" doc:"原因|Why"`
	}
}

func (s guarantees) writeOff(ctx context.Context, c *Call, in *writingOff) error {
	_, err := s.desk.WriteOff(ctx, c.By, guarantee.ID(in.ID), c.Version, in.Body.On, in.Body.Reason)
	return err
}
