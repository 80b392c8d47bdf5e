package techplatform

import (
	"slices"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// The states of a new product that is to be confirmed.
const (
	ProductApplied   flow.State = "applied"   // 待县审核
	ProductChecked   flow.State = "checked"   // 县已审核，待市审核
	ProductForwarded flow.State = "forwarded" // 市已审核，已报省
	ProductConfirmed flow.State = "confirmed" // 通过鉴定: it counts
	ProductRefused   flow.State = "refused"   // 未通过鉴定
	ProductReturned  flow.State = "returned"  // 退回补正
	ProductDropped   flow.State = "withdrawn" // 企业已撤回
)

// The rights over new products. A confirmed one everybody sees; SeeProduct is for
// the others and for the papers.
const (
	SeeProduct     authz.Permission = "techplatform.product.see"
	ApplyProduct   authz.Permission = "techplatform.product.apply"
	ReviseProduct  authz.Permission = "techplatform.product.revise"
	CheckProduct   authz.Permission = "techplatform.product.check"
	ForwardProduct authz.Permission = "techplatform.product.forward"
	ReturnProduct  authz.Permission = "techplatform.product.return"
	ConfirmProduct authz.Permission = "techplatform.product.confirm"
	RefuseProduct  authz.Permission = "techplatform.product.refuse"
	ReopenProduct  authz.Permission = "techplatform.product.reopen"
	DropProduct    authz.Permission = "techplatform.product.withdraw"
	SetGrade       authz.Permission = "techplatform.product.grade.set"
)

// ProductLifecycle is the one process of a new product: county, city, province.
// The province's answer is entered by the city, and can be taken back when it was
// entered wrongly.
func ProductLifecycle() flow.Lifecycle { return productLife }

var productLife = flow.Lifecycle{
	Name:   "techproduct",
	States: []flow.State{ProductApplied, ProductChecked, ProductForwarded, ProductConfirmed, ProductRefused, ProductReturned, ProductDropped},
	Start:  ProductApplied,
	Ends:   []flow.State{ProductConfirmed, ProductRefused, ProductDropped},
	Steps: []flow.Step{
		{Do: ApplyProduct, To: ProductApplied, Who: "enterprise", Guard: "papers"},
		{Do: CheckProduct, From: []flow.State{ProductApplied}, To: ProductChecked, Who: "county", Limit: "check"},
		{Do: ForwardProduct, From: []flow.State{ProductChecked}, To: ProductForwarded, Who: "city", Limit: "review"},
		{Do: ConfirmProduct, From: []flow.State{ProductForwarded}, To: ProductConfirmed, Who: "city", Guard: "province"},
		{Do: RefuseProduct, From: []flow.State{ProductForwarded}, To: ProductRefused, Who: "city", Guard: "province"},
		{Do: ReturnProduct, From: []flow.State{ProductApplied, ProductChecked, ProductForwarded}, To: ProductReturned, Who: "official"},
		{Do: ReviseProduct, From: []flow.State{ProductReturned}, To: ProductApplied, Who: "enterprise", Guard: "papers"},
		{Do: ReopenProduct, From: []flow.State{ProductConfirmed, ProductRefused}, To: ProductForwarded, Who: "city"},
		{Do: DropProduct, From: []flow.State{ProductApplied, ProductChecked, ProductForwarded, ProductReturned}, To: ProductDropped, Who: "enterprise"},
	},
}

// ProductProfile is what an enterprise says of its new product.
type ProductProfile struct {
	Name     string   // 2 to 60 characters
	Industry string   // GB/T 4754-2017 with its letter: C17
	About    string   // 20 to 2,000 characters: what is new, what it does, who uses it
	Patents  []string // numbers of the enterprise's patents on file, at most ten
}

// Finding is the province's answer (鉴定结论).
type Finding struct {
	Grade       string // id of a grade that is in use
	Certificate string // number of the certificate
	On          string // ISO date of the answer
}

// Product is a new product with how far its confirmation has come (新产品鉴定).
type Product struct {
	ID     string
	Number string // XP-2009-00001
	ProductProfile
	Enterprise string // id
	Applicant  string // the enterprise's name, then
	Region     region.Code
	State      flow.State
	AppliedOn  string    // ISO date of the first application
	Since      time.Time // from when on the present step is counted
	Finding
	GradeName Grade // what the grade is called
	Version   int
	UpdatedAt time.Time
}

// Grade is what the province may find a product to be, as data of the operator.
type Grade struct {
	ID       string
	Name     string // 国际先进
	English  string
	Position int // where it stands in lists, 0 to 1000
	Ended    bool
	Version  int
}

// view is where the product lies and whose it is.
func (p *Product) view() authz.Target { return authz.At(p.Region).Of(authz.Enterprise, p.Enterprise) }

// on is what a step is checked against: the county checks its own, the city does
// the rest, the enterprise alone speaks for itself.
func (p *Product) on(do authz.Permission) authz.Target {
	city := authz.At(p.Region)
	if at := p.Region.At(region.City); at != "" {
		city = authz.At(at)
	}
	switch do {
	case SeeProduct:
		return p.view()
	case CheckProduct:
		return authz.At(p.Region)
	case ReturnProduct:
		if p.State == ProductChecked || p.State == ProductForwarded {
			return city
		}
		return authz.At(p.Region)
	case ForwardProduct, ConfirmProduct, RefuseProduct, ReopenProduct:
		return city
	default:
		return authz.Target{}.Of(authz.Enterprise, p.Enterprise)
	}
}

const mostProductPatents = 10

func (in *ProductProfile) check(industry func(string) (string, bool)) fault.Fields {
	var f fault.Fields
	tidy(&in.Name, &in.Industry, &in.About)
	f.Length("name", in.Name, 2, 60)
	f.Length("about", in.About, 20, 2000)
	if in.Industry == "" {
		f.Add("industry", "field.required")
	} else if code, ok := industry(in.Industry); ok {
		in.Industry = code
	} else {
		f.Add("industry", "field.choice")
	}
	if len(in.Patents) > mostProductPatents {
		f.Add("patents", "field.range", "min", 0, "max", mostProductPatents)
	}
	var numbers []string
	for _, written := range in.Patents {
		number, _, ok := ParsePatent(written)
		if !ok && !f.Has("patents") {
			f.Add("patents", "techproduct.field.patent", "value", written)
		}
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	in.Patents = slices.Compact(numbers)
	return f
}

// check is told when the enterprise applied; grades are those in use.
func (in *Finding) check(applied, today string, known bool) error {
	var f fault.Fields
	tidy(&in.Certificate)
	if !known {
		f.Add("grade", "field.choice")
	}
	f.Length("certificate", in.Certificate, 2, 60)
	f.Day("on", in.On)
	switch {
	case f.Has("on"):
	case in.On > today:
		f.Add("on", "tech.field.future", "value", in.On)
	case in.On < applied:
		f.Add("on", "techproduct.field.early", "day", applied)
	}
	return f.Err()
}

func (g *Grade) check() error {
	var f fault.Fields
	tidy(&g.Name, &g.English)
	f.Length("name", g.Name, 2, 20)
	f.Length("english", g.English, 2, 60)
	f.Range("position", int64(g.Position), 0, 1000)
	return f.Err()
}

// In is what the grade is called in a language.
func (g Grade) In(english bool) string {
	if english {
		return g.English
	}
	return g.Name
}
