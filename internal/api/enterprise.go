package api

import (
	"context"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// enterprises are the operations of the register (中小企业名录).
type enterprises struct{ register *enterprise.Service }

func (e enterprises) operations() []operation {
	const look, write = "enterprise:read", "enterprise:write"
	return append([]operation{
		lists("listEnterprises", "/enterprises", words{"企业名录", "List enterprises"}, e.list).needs(look).
			note("你能看到的企业：本地区的，或者你代表的。", "The enterprises you may see: those of your place, or those you act for."),
		creates("registerEnterprise", "/enterprises", words{"登记企业", "Register an enterprise"}, e.add, e.show).needs(write),
		gets("getEnterprise", "/enterprises/{id}", words{"一家企业", "One enterprise"}, e.show).needs(look),
		changes("editEnterprise", "PUT /enterprises/{id}", words{"修改企业", "Edit an enterprise"}, e.edit, e.show).needs(write).matched(),
		changes("verifyEnterprise", "POST /enterprises/{id}/verify", words{"核实", "Verify: the licence was seen"}, e.verify, e.show).needs(write).matched(),
		changes("rejectEnterprise", "POST /enterprises/{id}/reject", words{"退回", "Reject, to be corrected"}, e.because(e.register.Reject), e.show).needs(write).matched(),
		changes("closeEnterprise", "POST /enterprises/{id}/close", words{"注销", "Close: it no longer exists"}, e.because(e.register.Close), e.show).needs(write).matched(),
		changes("reopenEnterprise", "POST /enterprises/{id}/reopen", words{"恢复", "Reopen a closed one"}, e.because(e.register.Reopen), e.show).needs(write).matched(),
		changes("mergeEnterprise", "POST /enterprises/{id}/merge", words{"并入另一家", "Merge into another entry"}, e.merge, e.show).needs(write).matched(),
		changes("separateEnterprise", "POST /enterprises/{id}/separate", words{"撤销合并", "Undo a merge"}, e.because(e.register.Separate), e.show).needs(write).matched(),
		changes("distinguishEnterprises", "POST /enterprises/{id}/distinguish", words{"判为两家", "Tell two of similar names apart"}, e.distinguish, e.show).needs(write),
		reads("listSimilar", "/enterprises/similar", words{"名称相近的企业", "Pairs of similar names"}, e.similar).needs(write),
		reads("listDuplicates", "/enterprises/{id}/duplicates", words{"疑似重复", "Possible duplicates"}, e.duplicates).needs(write),
		reads("getEnterpriseContact", "/enterprises/{id}/contact", words{"联系人", "The person to speak to"}, e.contact).needs("contact:read").
			note("是个人信息，每次查看都记入审计。", "Personal data: every reading stands in the audit trail."),
		reads("listYears", "/enterprises/{id}/years", words{"各年指标", "Figures by year"}, e.years).needs(look),
		reads("getYear", "/enterprises/{id}/years/{year}", words{"一年的指标", "Figures of a year"}, e.year).needs(look),
		changes("setYear", "PUT /enterprises/{id}/years/{year}", words{"填报一年的指标", "Set the figures of a year"}, e.setYear, e.showYear).needs(write).matched().
			note(`还没有填过的年份，If-Match 写 "0"。`, `For a year that has no figures yet, If-Match is "0".`),
		reads("getEnterpriseSize", "/enterprises/{id}/size", words{"规模和理由", "Size class, with the reason"}, e.size).needs(look),
		reads("testSize", "/size", words{"企业规模自测", "Try out a size class"}, e.selfTest).public(),
	}, e.claimOperations()...)
}

// Enterprise is one entry of the register.
type Enterprise struct {
	ID          string       `json:"id" doc:"编号|Its id"`
	Name        string       `json:"name" doc:"名称|Name"`
	ShortName   string       `json:"short_name" doc:"简称|Short name"`
	Region      string       `json:"region" doc:"所在镇街的代码|Code of its town"`
	Address     string       `json:"address" doc:"地址|Address"`
	LegalForm   string       `json:"legal_form" doc:"企业类型|Legal form"`
	Industry    Industry     `json:"industry" doc:"行业|Industry"`
	Established string       `json:"established" doc:"成立日期，不知道时为空|Day it was established; empty when not known"`
	Identifiers []Identifier `json:"identifiers" doc:"证照号码|Licence numbers"`
	Status      string       `json:"status" enum:"unverified,verified,rejected,closed" doc:"状态|State"`
	Reason      string       `json:"reason" doc:"退回或注销的原因|Why it was rejected or closed"`
	Size        string       `json:"size" doc:"规模类型|Size class"`
	SizeYear    int          `json:"size_year" doc:"按哪一年的指标划型，没有时为 0|The year it was classified by; 0 for none"`
	AliasOf     string       `json:"alias_of" doc:"并入了哪一家|The entry it was merged into"`
	CreatedAt   string       `json:"created_at" format:"date-time" doc:"登记时间|When it was registered"`
	UpdatedAt   string       `json:"updated_at" format:"date-time" doc:"修改时间|When it was changed last"`
	Version     int          `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

// Industry is a code of GB/T 4754.
type Industry struct {
	Edition string `json:"edition" doc:"标准的版本：2002 或 2017|Edition: 2002 or 2017"`
	Code    string `json:"code" doc:"行业代码，如 C17、1711|Code, such as C17 or 1711"`
}

// Identifier is a licence number.
type Identifier struct {
	Kind     string `json:"kind" enum:"uscc,org,reg" doc:"统一社会信用代码、组织机构代码、工商注册号|Credit code, organisation code, registration number"`
	Value    string `json:"value" doc:"号码|The number"`
	Verified bool   `json:"verified" doc:"是否核实|Whether it was checked"`
	Via      string `json:"via" doc:"从哪一家并来的|The merged entry it came from"`
}

func enterpriseOf(e enterprise.Enterprise) Enterprise {
	out := Enterprise{
		ID: string(e.ID), Name: e.Profile.Name, ShortName: e.Profile.ShortName, Region: string(e.Profile.Region),
		Address: e.Profile.Address, LegalForm: string(e.Profile.LegalForm), Industry: Industry(e.Profile.Industry),
		Established: e.Profile.Established, Status: string(e.Status), Reason: e.Reason, Size: string(e.Size), SizeYear: e.SizeYear,
		AliasOf: string(e.AliasOf), CreatedAt: instant(e.CreatedAt), UpdatedAt: instant(e.UpdatedAt), Version: e.Version,
		Identifiers: make([]Identifier, len(e.Identifiers)),
	}
	for i, h := range e.Identifiers {
		out.Identifiers[i] = Identifier{Kind: string(h.Kind), Value: h.Value, Verified: h.Verified, Via: string(h.Via)}
	}
	return out
}

type enterpriseFilter struct {
	paging
	Text     string   `query:"text" maxLength:"100" doc:"名称的一部分，或者整个证照号码|Part of a name, or a whole licence number"`
	Region   string   `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Status   []string `query:"status" doc:"状态|States"`
	Size     []string `query:"size" doc:"规模类型|Size classes"`
	Industry string   `query:"industry" doc:"行业代码，含下级|Industry code, with everything below it"`
	Edition  string   `query:"edition" enum:"2002,2017" doc:"行业代码的版本，不填是 2017|Edition of the code; 2017 when left out"`
	Merged   bool     `query:"merged" doc:"是否也列出已并入别家的|Whether to list merged entries too"`
	Order    string   `query:"order" enum:"updated,created,name" doc:"排序|Order"`
}

func (e enterprises) list(ctx context.Context, c *Call, in *enterpriseFilter) (page[Enterprise], error) {
	f := enterprise.Filter{
		Text: in.Text, Region: region.Code(in.Region), Status: named[flow.State](in.Status), Size: named[enterprise.Class](in.Size),
		Merged: in.Merged, Order: enterprise.Order(in.Order),
	}
	if in.Industry != "" {
		f.Industry = enterprise.Industry{Edition: orElse(in.Edition, "2017"), Code: in.Industry}
	}
	list, next, err := e.register.List(ctx, c.By, f, in.page())
	if err != nil {
		return page[Enterprise]{}, err
	}
	p := pageOf(list, next, enterpriseOf)
	p.Total, err = in.count(func() (int, error) { return e.register.Count(ctx, c.By, f) })
	return p, err
}

func (e enterprises) show(ctx context.Context, c *Call, id string) (Enterprise, error) {
	got, err := e.register.Get(ctx, c.By, enterprise.ID(id))
	c.Versioned(got.Version)
	return enterpriseOf(got), err
}

// EnterpriseBody is what an enterprise says of itself.
type EnterpriseBody struct {
	Name          string    `json:"name" maxLength:"100" doc:"名称|Name"`
	ShortName     string    `json:"short_name,omitempty" maxLength:"30" doc:"简称|Short name"`
	Region        string    `json:"region" doc:"所在镇街的代码|Code of its town"`
	Address       string    `json:"address,omitempty" maxLength:"200" doc:"地址|Address"`
	LegalForm     string    `json:"legal_form,omitempty" doc:"企业类型|Legal form"`
	Industry      *Industry `json:"industry,omitempty" doc:"行业|Industry"`
	Established   string    `json:"established,omitempty" doc:"成立日期|Day it was established"`
	Code          []string  `json:"code,omitempty" doc:"证照号码；修改时不写表示不变|Licence numbers; left out when editing, they stay"`
	ContactPerson string    `json:"contact_person,omitempty" doc:"联系人|Person to speak to"`
	ContactPhone  string    `json:"contact_phone,omitempty" doc:"联系电话|Telephone"`
	ContactMail   string    `json:"contact_mail,omitempty" doc:"联系邮箱|E-mail"`
}

func (b EnterpriseBody) profile() enterprise.Profile {
	p := enterprise.Profile{
		Name: line(b.Name), ShortName: line(b.ShortName), Region: region.Code(b.Region), Address: line(b.Address),
		LegalForm: enterprise.LegalForm(b.LegalForm), Established: b.Established,
	}
	if b.Industry != nil {
		p.Industry = enterprise.Industry(*b.Industry)
	}
	return p
}

func (b EnterpriseBody) contact() enterprise.Contact {
	return enterprise.Contact{Person: line(b.ContactPerson), Phone: line(b.ContactPhone), Mail: line(b.ContactMail)}
}

type enterpriseNew struct {
	Body struct {
		EnterpriseBody
		Own      bool     `json:"own,omitempty" doc:"是否由你代表这家企业；窗口代登记时不写|Whether you act for it; left out when staff register it"`
		Evidence string   `json:"evidence,omitempty" maxLength:"2000" doc:"凭什么代表它|What shows that you act for it"`
		Files    []string `json:"files,omitempty" maxItems:"40" doc:"附件：上传得到的 token|Documents: the tokens of uploads"`
		On       string   `json:"on,omitempty" doc:"登记日期，只有能核实的人可以写过去的|Day it came on the register; earlier days only for those who may verify"`
	}
}

func (e enterprises) add(ctx context.Context, c *Call, in *enterpriseNew) (string, error) {
	if in.Body.Region == "" { // without a place nobody can say whose the entry is
		return "", fault.Fields{{Name: "region", Key: "field.required"}}.Err()
	}
	id, err := e.register.Register(ctx, c.By, enterprise.Registration{
		Profile: in.Body.profile(), Codes: in.Body.Code, Contact: in.Body.contact(),
		Own: in.Body.Own, Evidence: in.Body.Evidence, On: in.Body.On, Papers: in.Body.Files,
	})
	return string(id), err
}

type enterpriseEdit struct {
	byID
	Body EnterpriseBody
}

func (e enterprises) edit(ctx context.Context, c *Call, in *enterpriseEdit) error {
	a := enterprise.Amendment{Profile: in.Body.profile(), Codes: in.Body.Code}
	if contact := in.Body.contact(); contact != (enterprise.Contact{}) {
		a.Contact = &contact
	}
	return e.register.Edit(ctx, c.By, enterprise.ID(in.ID), c.Version, a)
}

func (e enterprises) verify(ctx context.Context, c *Call, in *byID) error {
	return e.register.Verify(ctx, c.By, enterprise.ID(in.ID), c.Version)
}

// because is a step that says why.
func (e enterprises) because(step func(context.Context, actor, enterprise.ID, int, string) error) func(context.Context, *Call, *reasoned) error {
	return func(ctx context.Context, c *Call, in *reasoned) error {
		return step(ctx, c.By, enterprise.ID(in.ID), c.Version, in.Body.Reason)
	}
}

type enterpriseMerge struct {
	byID
	Body struct {
		Into   string `json:"into" doc:"并入哪一家|The entry to merge into"`
		Reason string `json:"reason" maxLength:"500" doc:"原因|Why"`
	}
}

func (e enterprises) merge(ctx context.Context, c *Call, in *enterpriseMerge) error {
	return e.register.Merge(ctx, c.By, enterprise.ID(in.ID), c.Version, enterprise.ID(in.Body.Into), in.Body.Reason)
}

type enterpriseDistinguish struct {
	byID
	Body struct {
		Other string `json:"other" doc:"与哪一家|The other entry"`
		Apart bool   `json:"apart" doc:"true 判为两家，false 撤回|true: they are two; false takes it back"`
	}
}

func (e enterprises) distinguish(ctx context.Context, c *Call, in *enterpriseDistinguish) error {
	return e.register.Distinguish(ctx, c.By, enterprise.ID(in.ID), enterprise.ID(in.Body.Other), in.Body.Apart)
}

type similarFilter struct {
	paging
	Apart bool `query:"apart" doc:"列出已判为两家的|Those that were told apart"`
}

// SimilarPair is two entries that may be one enterprise.
type SimilarPair struct {
	Later   Enterprise `json:"later" doc:"后登记的|The one registered later"`
	Earlier Enterprise `json:"earlier" doc:"先登记的|The one registered earlier"`
}

func (e enterprises) similar(ctx context.Context, c *Call, in *similarFilter) (page[SimilarPair], error) {
	list, next, err := e.register.Similar(ctx, c.By, in.Apart, in.page())
	return pageOf(list, next, func(x enterprise.Pair) SimilarPair {
		return SimilarPair{enterpriseOf(x.Later), enterpriseOf(x.Earlier)}
	}), err
}

// Duplicates are entries that may be the same enterprise.
type Duplicates struct {
	Items     []Duplicate `json:"items" doc:"你能看到的|Those you may see"`
	Elsewhere int         `json:"elsewhere" doc:"外地同号的有几家|How many others elsewhere have the same number"`
}

// Duplicate is one of them.
type Duplicate struct {
	Enterprise Enterprise `json:"enterprise"`
	SameCode   bool       `json:"same_code" doc:"证照号码相同|A licence number is the same"`
	Score      float64    `json:"score" doc:"名称的相似度，0 到 1|Likeness of the names, 0 to 1"`
}

func (e enterprises) duplicates(ctx context.Context, c *Call, in *byID) (Duplicates, error) {
	found, elsewhere, err := e.register.Duplicates(ctx, c.By, enterprise.ID(in.ID))
	out := Duplicates{Items: make([]Duplicate, len(found)), Elsewhere: elsewhere}
	for i, d := range found {
		out.Items[i] = Duplicate{Enterprise: enterpriseOf(d.Enterprise), SameCode: d.SameCode, Score: d.Score}
	}
	return out, err
}

// Contact is a person to speak to.
type Contact struct {
	Person string `json:"person" doc:"联系人|Name"`
	Phone  string `json:"phone" doc:"电话|Telephone"`
	Mail   string `json:"mail" doc:"邮箱|E-mail"`
}

func (e enterprises) contact(ctx context.Context, c *Call, in *byID) (Contact, error) {
	got, err := e.register.Contact(ctx, c.By, enterprise.ID(in.ID))
	return Contact(got), err
}

// Year is an enterprise's figures of a calendar year.
type Year struct {
	Year      int    `json:"year" doc:"年份|The year"`
	Employees *int64 `json:"employees" doc:"从业人员，人|People employed"`
	Revenue   *int64 `json:"revenue" doc:"营业收入，分|Revenue in fen"`
	Assets    *int64 `json:"assets" doc:"资产总额，分|Total assets in fen"`
	Source    string `json:"source" enum:"self,return,import" doc:"来源：填报、年报、导入|Where they come from"`
	Via       string `json:"via" doc:"从哪一家并来的|The merged entry they came from"`
	Version   int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func yearOf(y enterprise.Year) Year {
	return Year{
		Year: y.Year, Employees: y.Figures.Employees, Revenue: y.Figures.Revenue, Assets: y.Figures.Assets,
		Source: string(y.Source), Via: string(y.Via), Version: y.Version,
	}
}

func (e enterprises) years(ctx context.Context, c *Call, in *byID) (page[Year], error) {
	list, err := e.register.Years(ctx, c.By, enterprise.ID(in.ID))
	return pageOf(list, "", yearOf), err
}

type enterpriseYear struct {
	byID
	Year int `path:"year" doc:"年份|The year"`
}

func (e enterprises) year(ctx context.Context, c *Call, in *enterpriseYear) (Year, error) {
	list, err := e.register.Years(ctx, c.By, enterprise.ID(in.ID))
	if err != nil {
		return Year{}, err
	}
	i := slices.IndexFunc(list, func(y enterprise.Year) bool { return y.Year == in.Year })
	if i < 0 {
		return Year{}, fault.Missing()
	}
	c.Versioned(list[i].Version)
	return yearOf(list[i]), nil
}

func (e enterprises) showYear(ctx context.Context, c *Call, id string) (Year, error) {
	year, err := strconv.Atoi(c.Path("year"))
	if err != nil {
		return Year{}, fault.Missing()
	}
	return e.year(ctx, c, &enterpriseYear{byID{id}, year})
}

type enterpriseSetYear struct {
	enterpriseYear
	Body struct {
		Employees *int64 `json:"employees,omitempty" minimum:"0" doc:"从业人员，人|People employed"`
		Revenue   *int64 `json:"revenue,omitempty" minimum:"0" doc:"营业收入，分|Revenue in fen"`
		Assets    *int64 `json:"assets,omitempty" minimum:"0" doc:"资产总额，分|Total assets in fen"`
		Source    string `json:"source,omitempty" enum:"self,return,import" doc:"来源，不填是 self|Where they come from; self when left out"`
	}
}

func (e enterprises) setYear(ctx context.Context, c *Call, in *enterpriseSetYear) error {
	return e.register.SetYear(ctx, c.By, enterprise.ID(in.ID), enterprise.Year{
		Year: in.Year, Version: c.Version, Source: enterprise.YearSource(orElse(in.Body.Source, string(enterprise.SelfReported))),
		Figures: enterprise.Figures{Employees: in.Body.Employees, Revenue: in.Body.Revenue, Assets: in.Body.Assets},
	})
}
