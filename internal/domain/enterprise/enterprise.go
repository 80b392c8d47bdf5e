package enterprise

import (
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// ID is an enterprise's id: a time-ordered UUID. It is never given anew.
type ID string

// What may be done with enterprises.
const (
	View         authz.Permission = "enterprise.view"          // see the record and its figures
	Register     authz.Permission = "enterprise.register"      // 登记
	Edit         authz.Permission = "enterprise.edit"          // 修改, also the figures of a year
	Verify       authz.Permission = "enterprise.verify"        // 核实: the licence was seen
	Reject       authz.Permission = "enterprise.reject"        // 退回
	Close        authz.Permission = "enterprise.close"         // 注销
	Reopen       authz.Permission = "enterprise.reopen"        // 恢复
	Merge        authz.Permission = "enterprise.merge"         // 合并
	Separate     authz.Permission = "enterprise.separate"      // 撤销合并
	Distinguish  authz.Permission = "enterprise.distinguish"   // 判为两家: of similar names, and yet two
	Claim        authz.Permission = "enterprise.claim"         // 认领
	DecideClaim  authz.Permission = "enterprise.claim.decide"  // 处理认领
	DisputeClaim authz.Permission = "enterprise.claim.dispute" // 列为有争议
	ViewContact  authz.Permission = "enterprise.contact.view"  // personal data; every reading is audited
	// ExportContact is 导出联系人: the persons to speak to in an exported list; every entry's trail says so.
	ExportContact authz.Permission = "enterprise.contact.export"
	EditRule      authz.Permission = "enterprise.rule.edit" // 修改划型标准
)

// Permissions are all of them, for the catalogue of rights.
func Permissions() []authz.Permission {
	return []authz.Permission{
		View, Register, Edit, Verify, Reject, Close, Reopen, Merge, Separate, Distinguish,
		Claim, DecideClaim, DisputeClaim, ViewContact, ExportContact, EditRule,
	}
}

// Kind is the kind of the records kept here, as in the audit trail.
const (
	Kind      = "enterprise"
	ClaimKind = "enterprise_claim"
	RuleKind  = "enterprise_size_rule"
)

// The states of an entry (状态).
const (
	Unverified flow.State = "unverified" // 未核
	Verified   flow.State = "verified"   // 已核
	Rejected   flow.State = "rejected"   // 已退回: to be corrected
	Closed     flow.State = "closed"     // 已注销
)

// LegalForm is 企业类型 in the few kinds that matter here.
type LegalForm string

// The legal forms.
const (
	Company      LegalForm = "company"     // 有限责任公司
	JointStock   LegalForm = "joint_stock" // 股份有限公司
	Partnership  LegalForm = "partnership" // 合伙企业
	SoleOwner    LegalForm = "sole_owner"  // 个人独资企业
	Collective   LegalForm = "collective"  // 集体、国有等其他企业法人
	Individual   LegalForm = "individual"  // 个体工商户
	Cooperative  LegalForm = "cooperative" // 农民专业合作社
	ForeignOwned LegalForm = "foreign"     // 外商投资企业
	OtherForm    LegalForm = "other"       // 其他
	NoForm       LegalForm = ""            // not given
)

// LegalForms are the choices, in the order of a form.
func LegalForms() []LegalForm {
	return []LegalForm{Company, JointStock, Partnership, SoleOwner, Collective, Individual, Cooperative, ForeignOwned, OtherForm}
}

// Enterprise is one entry of the register. The contact is not in it: see
// Service.Contact.
type Enterprise struct {
	ID          ID
	Profile     Profile
	Identifiers []Held
	Status      flow.State
	Reason      string // why it was rejected or closed
	Size        Class  // of SizeYear, by the policy rule in force at that year's end
	SizeYear    int    // the newest year with figures; 0 when none are known
	AliasOf     ID     // the entry this one was merged into; "" for a live one
	CreatedAt   time.Time
	CreatedBy   string
	UpdatedAt   time.Time
	Version     int
}

// Target is where the enterprise lies and whose it is.
func (e Enterprise) Target() authz.Target {
	return authz.At(e.Profile.Region).Of(authz.Enterprise, string(e.ID))
}

// CreditCode is the enterprise's credit code, else its best other number, "" for none.
func (e Enterprise) CreditCode() string {
	for _, kind := range []IdentifierKind{CreditCode, OrganisationCode, RegistrationNumber} {
		for _, h := range e.Identifiers {
			if h.Kind == kind {
				return h.Value
			}
		}
	}
	return ""
}

// Profile is what an enterprise says of itself.
type Profile struct {
	Name        string
	ShortName   string
	Region      region.Code // the town, current code
	Address     string
	LegalForm   LegalForm
	Industry    Industry
	Established string // ISO date, "" when not known
}

// Contact is the person to speak to (联系人): personal data.
type Contact struct {
	Person string
	Phone  string
	Mail   string
}

// Held is an identifier of an enterprise.
type Held struct {
	Identifier
	Verified bool
	Via      ID // the merged entry it came from, "" for its own
}

// YearSource says where the figures of a year come from.
type YearSource string

// The sources of yearly figures.
const (
	SelfReported YearSource = "self"   // 企业填报
	AnnualReturn YearSource = "return" // 统计年报
	Imported     YearSource = "import" // 导入
)

// Year is an enterprise's figures of one calendar year (年度指标).
type Year struct {
	Year    int
	Figures Figures
	Source  YearSource
	Via     ID // the merged entry they came from
	Version int
}

// The states of a claim.
const (
	ClaimPending  flow.State = "pending"  // 核对中
	ClaimDisputed flow.State = "disputed" // 有争议: somebody else acts for it, or says so
	ClaimAccepted flow.State = "accepted" // 已认领
	ClaimRejected flow.State = "rejected" // 未通过
)

// ClaimRecord is a claim as the staff sees it (认领).
type ClaimRecord struct {
	ID         string
	Enterprise ID // "" while no enterprise has the code
	Contested  ID // another enterprise with the same code
	Code       string
	Person     string
	PersonName string
	Region     region.Code // whose staff decides
	Registered bool        // it came with a registration
	Holds      bool        // the person may act for Enterprise because of it
	Evidence   string
	Files      []files.File // only where one claim is read
	Status     flow.State
	Reason     string
	DecidedBy  string
	DecidedAt  time.Time
	CreatedAt  time.Time
	Version    int
}

// MyClaim is a claim as the claimant sees it. It tells nothing about others:
// not whether the code is known, nor whether somebody else claims it.
type MyClaim struct {
	ID        string
	Code      string
	Evidence  string
	Files     []files.File
	Status    flow.State // never ClaimDisputed
	Reason    string
	CreatedAt time.Time
	DecidedAt time.Time
}

// mine hides what the claimant may not know.
func (c ClaimRecord) mine() MyClaim {
	m := MyClaim{
		ID: c.ID, Code: c.Code, Evidence: c.Evidence, Status: c.Status, Reason: c.Reason,
		CreatedAt: c.CreatedAt, DecidedAt: c.DecidedAt,
	}
	if c.Status == ClaimDisputed {
		m.Status, m.Reason, m.DecidedAt = ClaimPending, "", time.Time{}
	}
	return m
}
