package api

import (
	"context"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

// patentOperations are those of patents (专利).
func (s platforms) patentOperations() []operation {
	return []operation{
		lists("listPublishedPatents", "/published/patents", words{"专利", "Patents"}, s.publicPatents).public(),
		gets("getPublishedPatent", "/published/patents/{id}", words{"一项专利", "One patent"}, s.publicPatent).public(),
		lists("listPatents", "/patents", words{"本单位或本地区的专利", "Patents of your enterprises or your place"}, s.patents).needs(seePlatforms),
		creates("enterPatent", "/patents", words{"登记专利", "Enter a patent"}, s.addPatent, s.patent).needs(writePlatforms).
			note("企业写自己的编号；主管部门可以写企业的代码。申请号最后一位是校验码。", "An enterprise gives its id; an office may give the enterprise's code instead. The last digit of the number is a check digit."),
		gets("getPatent", "/patents/{id}", words{"一项专利和实施情况", "One patent with what it earned"}, s.patent).needs(seePlatforms),
		changes("editPatent", "PUT /patents/{id}", words{"修改专利", "Change a patent"}, s.editPatent, s.patent).needs(writePlatforms).matched(),
		changes("recordPatentUse", "POST /patents/{id}/uses", words{"登记一年的实施情况", "Enter what it earned in a year"}, s.usePatent, s.patent).needs(writePlatforms).matched(),
		changes("dropPatentUse", "POST /patents/{id}/uses/{use}/drop", words{"删除登错的实施情况", "Take off what was entered by mistake"}, s.dropUse, s.patent).needs(writePlatforms).matched(),
	}
}

// PatentBody is what is set down of a patent.
type PatentBody struct {
	Number  string `json:"number" doc:"专利申请号，可以带 ZL|Application number; ZL may stand before it"`
	Title   string `json:"title" doc:"名称|Title"`
	Applied string `json:"applied" doc:"申请日|Applied on"`
	Granted string `json:"granted,omitempty" doc:"授权公告日，没有时为空|Granted on; empty before"`
	Ended   string `json:"ended,omitempty" doc:"提前失效的日期，没有时为空|Ended early on; empty otherwise"`
	OnOffer bool   `json:"on_offer,omitempty" doc:"是否愿意许可|Whether others may have a licence"`
	About   string `json:"about,omitempty" doc:"用途和特点|What it is for"`
}

func (b PatentBody) profile() techplatform.PatentProfile {
	return techplatform.PatentProfile{
		Number: line(b.Number), Title: line(b.Title), Applied: b.Applied, Granted: b.Granted, Ended: b.Ended, OnOffer: b.OnOffer, About: b.About,
	}
}

// Patent is a patent of an enterprise on the register (专利).
type Patent struct {
	ID string `json:"id" doc:"编号|Its id"`
	PatentBody
	Kind       string `json:"kind" enum:"invention,utility,design" doc:"发明、实用新型、外观设计|Invention, utility model or design"`
	Status     string `json:"status" enum:"pending,valid,lapsed" doc:"今天的状态：申请中、有效、已失效|Today: applied for, in force, lapsed"`
	Enterprise string `json:"enterprise" doc:"专利权人的编号|Id of its holder"`
	Holder     string `json:"holder" doc:"专利权人|Its holder"`
	Region     string `json:"region" doc:"专利权人所在镇街的代码|Code of its holder's town"`
	Ends       string `json:"ends" doc:"从哪天起失效|The first day it is no longer in force"`
	Version    int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func patentOf(today string) func(techplatform.Patent) Patent {
	return func(p techplatform.Patent) Patent {
		return Patent{
			p.ID,
			PatentBody{p.Number, p.Title, p.Applied, p.Granted, p.Ended, p.OnOffer, p.About},
			string(p.Kind), string(p.Status(today)), p.Enterprise,
			p.Holder, string(p.Region), p.Ends, p.Version,
		}
	}
}

// PatentUseBody is what a patent earned in a year.
type PatentUseBody struct {
	Year    int    `json:"year" doc:"年份|Year"`
	Way     string `json:"way" doc:"own 自行实施，licence 许可他人|own production, or a licence"`
	What    string `json:"what" doc:"产品或被许可的企业|The product, or who has the licence"`
	Revenue int64  `json:"revenue" doc:"收入，分|Revenue in fen"`
}

// PatentUse is the same on file.
type PatentUse struct {
	ID string `json:"id" doc:"编号|Its id"`
	PatentUseBody
}

// PatentDetail is a patent with what it earned.
type PatentDetail struct {
	Patent
	Uses []PatentUse `json:"uses" doc:"实施情况，新的在前|What it earned, newest first"`
}

type patentList struct {
	paging
	Region     string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Enterprise string `query:"enterprise" doc:"专利权人的编号|Id of the holder"`
	Kind       string `query:"kind" enum:"invention,utility,design" doc:"种类|Kind"`
	Status     string `query:"status" enum:"pending,valid,lapsed" doc:"今天的状态|Status today"`
	Offer      bool   `query:"offer" doc:"只要愿意许可的|Those alone that others may have a licence of"`
	Text       string `query:"text" maxLength:"100" doc:"名称、申请号或专利权人的一部分|Part of title, number or holder"`
}

func (f patentList) filter() techplatform.PatentFilter {
	return techplatform.PatentFilter{
		Region: region.Code(f.Region), Enterprise: f.Enterprise, Kind: techplatform.PatentKind(f.Kind), Status: techplatform.PatentStatus(f.Status),
		Offer: f.Offer, Text: line(f.Text),
	}
}

func (s platforms) publicPatents(ctx context.Context, c *Call, in *patentList) (page[Patent], error) {
	c.ages = true
	list, next, total, err := s.register.Patents(ctx, in.filter(), in.page())
	return counted(in.paging, list, next, total, err, patentOf(c.today()))
}

func (s platforms) patents(ctx context.Context, c *Call, in *patentList) (page[Patent], error) {
	list, next, total, err := s.register.PatentsIn(ctx, c.By.Scope(techplatform.SeePatent), in.filter(), in.page())
	return counted(in.paging, list, next, total, err, patentOf(c.today()))
}

func (s platforms) publicPatent(ctx context.Context, c *Call, id string) (Patent, error) {
	p, _, err := s.register.Patent(ctx, actor{}, id)
	c.Versioned(p.Version)
	c.ages = true
	return patentOf(c.today())(p), err
}

func (s platforms) patent(ctx context.Context, c *Call, id string) (PatentDetail, error) {
	p, uses, err := s.register.Patent(ctx, c.By, id)
	if err == nil && !c.By.May(techplatform.SeePatent, p.Target()) { // what everybody sees has an operation of its own
		err = fault.Missing()
	}
	c.Versioned(p.Version)
	return PatentDetail{patentOf(c.today())(p), each(uses, func(u techplatform.Use) PatentUse {
		return PatentUse{u.ID, PatentUseBody{u.Year, string(u.Way), u.What, u.Revenue}}
	})}, err
}

type patentNew struct {
	Body struct {
		Enterprise string `json:"enterprise,omitempty" doc:"专利权人的编号|Id of the holder"`
		Code       string `json:"code,omitempty" doc:"或者它的统一社会信用代码、组织机构代码|Or its credit or organisation code"`
		PatentBody
	}
}

func (s platforms) addPatent(ctx context.Context, c *Call, in *patentNew) (string, error) {
	p, err := s.register.EnterPatent(ctx, c.By, enterprise.ID(in.Body.Enterprise), line(in.Body.Code), in.Body.profile(), "")
	return p.ID, err
}

type patentEdit struct {
	byID
	Body PatentBody
}

func (s platforms) editPatent(ctx context.Context, c *Call, in *patentEdit) error {
	_, err := s.register.EditPatent(ctx, c.By, in.ID, c.Version, in.Body.profile())
	return err
}

type patentUsing struct {
	byID
	Body PatentUseBody
}

func (s platforms) usePatent(ctx context.Context, c *Call, in *patentUsing) error {
	b := in.Body
	_, err := s.register.RecordUse(ctx, c.By, in.ID, c.Version, techplatform.Use{Year: b.Year, Way: techplatform.Way(b.Way), What: line(b.What), Revenue: b.Revenue})
	return err
}

type useDropping struct {
	byID
	Use string `path:"use" doc:"实施情况的编号|Id of what it earned"`
}

func (s platforms) dropUse(ctx context.Context, c *Call, in *useDropping) error {
	_, err := s.register.DropUse(ctx, c.By, in.ID, c.Version, in.Use)
	return err
}

// counted is a page of a list that comes with how many there are.
func counted[T, O any](in paging, list []T, next string, total int, err error, show func(T) O) (page[O], error) {
	if err != nil {
		return page[O]{}, err
	}
	p := pageOf(list, next, show)
	p.Total, err = in.count(func() (int, error) { return total, nil })
	return p, err
}
