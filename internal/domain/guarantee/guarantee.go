package guarantee

import (
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// The verbs of this domain.
const (
	See     authz.Permission = "guarantee.see"               // find guarantors, cases and needs 查看
	Keep    authz.Permission = "guarantee.guarantor.keep"    // a guarantor's books: outlets, banks, what it states of itself 维护担保机构
	Confirm authz.Permission = "guarantee.guarantor.confirm" // what its limits are counted by, the office's alone 核定担保机构
	Join    authz.Permission = "guarantee.member.join"       // 入会
	Leave   authz.Permission = "guarantee.member.leave"      // 退会
	Earn    authz.Permission = "guarantee.fund.enter"        // 登记基金收支
	Relate  authz.Permission = "guarantee.group.set"         // which enterprises belong together 关联企业
	Import  authz.Permission = "guarantee.book.import"       // contracts concluded before 登记存量合同
	SetRule authz.Permission = "guarantee.rule.set"          // 限额规则
	Count   authz.Permission = "guarantee.town.count"        // 统计乡镇覆盖

	Propose  authz.Permission = "guarantee.case.propose"  // a bank files it 银行推荐
	Agree    authz.Permission = "guarantee.case.agree"    // the enterprise agrees to that 同意办理
	Apply    authz.Permission = "guarantee.case.apply"    // 申请
	Accept   authz.Permission = "guarantee.case.accept"   // 受理
	Examine  authz.Permission = "guarantee.case.examine"  // 尽职调查
	Review   authz.Permission = "guarantee.case.review"   // 评审会
	Approve  authz.Permission = "guarantee.case.approve"  // 批准
	Refuse   authz.Permission = "guarantee.case.refuse"   // 不予担保
	Withdraw authz.Permission = "guarantee.case.withdraw" // 撤回
	Sign     authz.Permission = "guarantee.case.sign"     // 签订合同
	Lend     authz.Permission = "guarantee.case.lend"     // the bank confirms the loan 确认放款
	Repay    authz.Permission = "guarantee.case.repay"    // 登记还款
	Extend   authz.Permission = "guarantee.case.extend"   // 展期
	Release  authz.Permission = "guarantee.case.release"  // 解除担保
	PayClaim authz.Permission = "guarantee.case.claim"    // 代偿
	Recover  authz.Permission = "guarantee.case.recover"  // 追偿
	WriteOff authz.Permission = "guarantee.case.writeoff" // 核销
	Cancel   authz.Permission = "guarantee.case.cancel"   // 撤销合同

	PostNeed     authz.Permission = "guarantee.need.post"     // 发布融资需求
	MakeOffer    authz.Permission = "guarantee.need.offer"    // 报方案
	Choose       authz.Permission = "guarantee.need.choose"   // 选定
	Fund         authz.Permission = "guarantee.need.fund"     // the chosen bank has lent 已放款
	WithdrawNeed authz.Permission = "guarantee.need.withdraw" // 撤回
)

// Permissions are all rights of this domain.
func Permissions() []authz.Permission {
	return append(append([]authz.Permission{See, Keep, Confirm, Join, Leave, Earn, Relate, Import, SetRule, Count}, Lifecycle().Permissions()...),
		NeedLifecycle().Permissions()...)
}

// The kinds of record, as in the audit trail and behind figures.
const (
	Kind          = "guarantee"        // a case
	GuarantorKind = "guarantor"        // the books of a guarantor
	MemberKind    = "guarantee_member" // a member of a pool
	NeedKind      = "financing"        // a financing need
	RuleKind      = "guarantee_rule"   // a rule of limits
	TownKind      = "guarantee_town"   // a town as the network covers it
)

// ID names a case.
type ID string

// Guarantor is an institution with the books of a guarantor.
type Guarantor struct {
	ID       institution.ID
	Name     string
	Region   region.Code // where the institution sits
	Type     Type
	Level    institution.Level
	Since    string // ISO date: in business since
	Ended    string // ISO date, first day no longer; empty while in business
	Park     string // of a pool: the id of the park it rests on, empty when none is kept here
	ParkName string
	// Multiple is how many times the paid-in shares the bank lends a pool, and
	// MemberCap how many times its own share a member is guaranteed, both in
	// hundredths; 0 is no such bound.
	Multiple, MemberCap int64
	Finance             Finance // as it stands today; zero when none is on file
	Version             int
	UpdatedAt           time.Time
}

// Target is what the rights over a guarantor's books are checked against.
func (g *Guarantor) Target() authz.Target {
	return authz.At(g.Region).Of(authz.Institution, string(g.ID))
}

// Finance is what a guarantor's books say from a day on, in fen: registered
// capital (注册资本), net assets, shares held in other guarantors, and the three
// reserves (未到期责任准备金、担保赔偿准备金、一般风险准备金).
type Finance struct {
	From                            string // ISO date
	Registered, NetAssets, Invested int64
	Unearned, Compensation, General int64
	Source                          string // what it was taken from: 验资报告, 年度审计报告
}

// Reserves are the three together.
func (f Finance) Reserves() int64 { return f.Unearned + f.Compensation + f.General }

// Outlet is a town where a guarantor can be reached, for a span of days.
type Outlet struct {
	Town     region.Code
	From, To string // ISO dates; To is the first day no longer, empty while open
}

// Partner is a bank that a guarantor works with.
type Partner struct {
	Bank     institution.ID
	Name     string
	Line     int64 // the credit line in fen, 0 when none is agreed
	From, To string
}

// Member is an enterprise's place in a pool.
type Member struct {
	ID         string
	Pool       institution.ID
	Enterprise string
	Name       string
	Joined     string // ISO date
	Left       string // ISO date, empty while a member
	Paid       int64  // fen paid in and not settled, the sum of its postings
	Open       int64  // fen guaranteed for it now, approved ones included
	Backs      int64  // fen it counter-guarantees for contracts of the pool that are open
	// Settlement is what it would get if it left today, or got when it left; zero
	// for one that left before settlements were kept.
	Settlement Settlement
}

// Case is one guarantee.
type Case struct {
	ID         ID
	Number     string // DB-320924-2008-0012
	Region     region.Code
	Guarantor  institution.ID
	Bank       institution.ID // empty until one is chosen
	Enterprise string
	Client     string // the enterprise's name
	Size       string // its size class when it applied, and when the contract was signed
	Need       string // the financing need it came from
	Wish
	State   flow.State
	Applied string // ISO date
	Found   Finding
	Granted Grant // what was approved; zero before
	Deal    Deal  // the contract; zero before
	Loan    Loan  // as the bank confirmed it; zero before
	Book    bool  // entered as a contract concluded before
	Version int
	Updated time.Time
}

// Wish is what an enterprise asks for.
type Wish struct {
	Amount   int64 // fen
	Months   int
	Purpose  string
	Security []Security
}

// Finding is what the due diligence found.
type Finding struct {
	On      string // ISO date
	By      string // the name of who did it
	Amount  int64  // fen that can be borne
	Opinion string
}

// Grant is what was approved.
type Grant struct {
	On     string
	Amount int64
	Months int
}

// Deal is the contract (担保合同).
type Deal struct {
	Number   string
	On       string // ISO date of signing
	Until    string // ISO date, the last day
	Amount   int64
	Fee      int64 // a year, in hundredths of a per cent
	Extended int   // how often
}

// Loan is the bank's loan under the contract.
type Loan struct {
	Number string
	On     string
	Amount int64
}

// Balance is what a case's postings add up to, in fen.
type Balance struct {
	Committed, Outstanding, Claims, Losses int64
	Repaid, Paid, Recovered                int64 // what went by, not a balance: repayments, claims paid, recoveries
}

// Posting is one line of the books. It is never changed.
type Posting struct {
	ID       string
	Account  Account
	On       string
	Amount   int64 // fen, signed
	Do       authz.Permission
	Reverses string // the posting taken back
	At       time.Time
	By       string
}

// Vote is one voice in a review meeting.
type Vote struct {
	Name  string
	Voice Voice
	Words string
}

// Meeting is a review meeting (评审会).
type Meeting struct {
	On     string
	Votes  []Vote
	Passed bool
}

// Approval is one person's approval.
type Approval struct {
	Person string // the account
	Name   string
	Words  string
	At     time.Time
}

// view is the case as somebody sees it: where it lies and whose it is.
func (c *Case) view() authz.Target {
	return c.client().Of(authz.Institution, string(c.Guarantor)).Of(authz.Institution, string(c.Bank))
}

// client is the enterprise's side: itself, or the office of its place for it.
func (c *Case) client() authz.Target {
	return authz.At(c.Region).Of(authz.Enterprise, c.Enterprise)
}

func (c *Case) guarantor() authz.Target {
	return authz.Target{}.Of(authz.Institution, string(c.Guarantor))
}

func (c *Case) bank() authz.Target { return authz.Target{}.Of(authz.Institution, string(c.Bank)) }
