package guarantee

import (
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/flow"
)

// Type is what a guarantor lives on (机构性质).
type Type string

// The types of guarantor.
const (
	Policy     Type = "policy"     // 政策性
	Mutual     Type = "mutual"     // 互助性
	Commercial Type = "commercial" // 商业性
)

// Types are the three.
func Types() []Type { return []Type{Policy, Mutual, Commercial} }

// Key is the text key of the type's name.
func (t Type) Key() string { return "guarantee.type." + string(t) }

// Levels are the levels a guarantor can have.
func Levels() []institution.Level {
	return []institution.Level{institution.Municipal, institution.CountyWide, institution.TownWide}
}

// Security is what stands behind the guarantor (反担保).
type Security string

// The kinds of counter-guarantee.
const (
	Property  Security = "property"  // 房产土地抵押
	Equipment Security = "equipment" // 设备抵押
	Stock     Security = "stock"     // 存货、应收账款质押
	Members   Security = "members"   // 会员企业联保
	Persons   Security = "persons"   // 个人保证
	NoneGiven Security = "none"      // 信用
)

// Securities are all kinds, in the order of the form.
func Securities() []Security {
	return []Security{Property, Equipment, Stock, Members, Persons, NoneGiven}
}

// Key is the text key of the kind's name.
func (s Security) Key() string { return "guarantee.security." + string(s) }

// Voice is how somebody votes in a review meeting.
type Voice string

// The voices.
const (
	For     Voice = "for"     // 同意
	Against Voice = "against" // 不同意
	Abstain Voice = "abstain" // 弃权
)

// Voices are the three.
func Voices() []Voice { return []Voice{For, Against, Abstain} }

// Key is the text key of the voice's name.
func (v Voice) Key() string { return "guarantee.voice." + string(v) }

// Account is a balance that postings add up to.
type Account string

// The accounts. The first four belong to a case, shares to a member of a pool,
// income to the pool.
const (
	Committed   Account = "committed"   // 已批准未签约
	Outstanding Account = "outstanding" // 在保余额
	Claims      Account = "claims"      // 代偿余额
	Losses      Account = "losses"      // 已核销
	Shares      Account = "shares"      // 会员股金
	Income      Account = "income"      // 基金收支
)

// Key is the text key of the account's name.
func (a Account) Key() string { return "guarantee.account." + string(a) }

// The states of a case.
const (
	Proposed   flow.State = "proposed"    // 待企业确认: a bank filed it
	Applied    flow.State = "applied"     // 已申请
	Accepted   flow.State = "accepted"    // 已受理
	Examined   flow.State = "examined"    // 已尽职调查
	Reviewed   flow.State = "reviewed"    // 评审会已通过
	Approved   flow.State = "approved"    // 已批准
	Signed     flow.State = "signed"      // 已签约
	Lent       flow.State = "lent"        // 在保: the bank has lent
	Released   flow.State = "released"    // 已解除
	Claimed    flow.State = "claimed"     // 已代偿
	Recovered  flow.State = "recovered"   // 已追回
	WrittenOff flow.State = "written_off" // 已核销
	Refused    flow.State = "refused"     // 未通过
	Withdrawn  flow.State = "withdrawn"   // 已撤回
	Cancelled  flow.State = "cancelled"   // 合同已撤销
)

// The states of a financing need.
const (
	NeedOpen      flow.State = "open"      // 征集中
	NeedChosen    flow.State = "chosen"    // 已选定
	NeedFunded    flow.State = "funded"    // 已放款
	NeedWithdrawn flow.State = "withdrawn" // 已撤回
)
