package api

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/region"
)

// institutions are the operations of the service institutions (服务机构).
type institutions struct{ register *institution.Service }

func (s institutions) operations() []operation {
	const look, write = "institution:read", "institution:write"
	return append([]operation{
		lists("listPublishedInstitutions", "/published/institutions", words{"公开的机构", "Published institutions"}, s.published).public().
			note("按地区、主题、类别查找公开的服务机构，不需要密钥。", "Find a service institution by place, theme and kind; without a key."),
		gets("getPublishedInstitution", "/published/institutions/{id}", words{"一家公开的机构", "One published institution"}, s.showPublished).public(),
		lists("listInstitutions", "/institutions", words{"机构名录", "List institutions"}, s.list).needs(look).
			note("你能看到的机构：本地区的，或者你所在的。", "The institutions you may see: those of your place, or those you work for."),
		creates("registerInstitution", "/institutions", words{"登记机构", "Register an institution"}, s.add, s.show).needs(write).
			note("登记后还没有公开。", "It is not yet published."),
		gets("getInstitution", "/institutions/{id}", words{"一家机构", "One institution"}, s.show).needs(look).
			note("有服务项目、层级、示范认定、任务和资质文件。联系人另查。", "With its services, tiers, recognitions, tasks and documents. Its people are asked for apart."),
		opens("openInstitutionFile", "/institutions/{id}/files/{file}", words{"下载资质文件", "Take a document of an institution away"}, s.openFile).needs(look).
			note("不是机构自己打开的，都记入审计。", "Every opening by somebody else than the institution stands in the audit trail."),
		changes("editInstitution", "PUT /institutions/{id}", words{"修改机构", "Edit an institution"}, s.edit, s.show).needs(write).matched().
			note("没有写的项清空。登记日期不变。", "What is left out is emptied. The day it came on the register stays."),
		changes("publishInstitution", "POST /institutions/{id}/publish", words{"公开", "Publish"}, s.publish(true), s.show).needs(write).matched(),
		changes("hideInstitution", "POST /institutions/{id}/hide", words{"不再公开", "Take off the portal"}, s.publish(false), s.show).needs(write).matched(),
		changes("endInstitution", "POST /institutions/{id}/end", words{"注销", "Take off the register"}, s.end, s.show).needs(write).matched(),
	}, s.steps()...)
}

// PublishedInstitution is a service institution as anybody sees it.
type PublishedInstitution struct {
	ID            string   `json:"id" doc:"编号|Its id"`
	Name          string   `json:"name" doc:"名称|Name"`
	Region        string   `json:"region" doc:"所在地的代码|Code of its place"`
	Kinds         []string `json:"kinds" doc:"类别，第一个用于统计|Kinds; it is counted as the first"`
	Level         string   `json:"level" enum:"province,city,county,town" doc:"级别|Level of government it belongs to"`
	Tier          string   `json:"tier" doc:"今天的层级：core、close、contact，没有时为空|Tier today: core, close or contact; empty for none"`
	Demonstration bool     `json:"demonstration" doc:"今天是不是示范服务机构|Whether it is a demonstration institution today"`
	Founded       string   `json:"founded" doc:"成立日期，不知道时为空|Day it was founded; empty when not known"`
	Capital       int64    `json:"capital" doc:"注册资本，分；不知道时为 0|Registered capital in fen; 0 when not known"`
	About         string   `json:"about" doc:"简介|What it says of itself"`
	Address       string   `json:"address" doc:"地址|Address"`
	Website       string   `json:"website" doc:"网址|Website"`
}

// Institution is one entry of the register of institutions.
type Institution struct {
	PublishedInstitution
	Code      string `json:"code" doc:"统一社会信用代码或组织机构代码，没有时为空|Credit or organisation code; empty for none"`
	Since     string `json:"since" doc:"哪天登记的|Day it came on the register"`
	Published bool   `json:"published" doc:"是否公开|Whether it is shown on the portal"`
	Ended     string `json:"ended" doc:"从哪天起注销，没有时为空|Off the register since; empty while on it"`
	UpdatedAt string `json:"updated_at" format:"date-time" doc:"修改时间|When it was changed last"`
	Version   int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func publishedOf(i institution.Institution) PublishedInstitution {
	out := PublishedInstitution{
		ID: string(i.ID), Name: i.Name, Region: string(i.Region), Kinds: make([]string, len(i.Kinds)), Level: string(i.Level),
		Tier: string(i.Tier), Demonstration: i.Demonstration, Founded: i.Founded, Capital: i.Capital,
		About: i.About, Address: i.Address, Website: i.Website,
	}
	for n, k := range i.Kinds {
		out.Kinds[n] = string(k)
	}
	return out
}

func institutionOf(i institution.Institution) Institution {
	return Institution{
		PublishedInstitution: publishedOf(i), Code: i.Code, Since: i.Since, Published: i.Published, Ended: i.Ended,
		UpdatedAt: instant(i.UpdatedAt), Version: i.Version,
	}
}

// InstitutionDetail is an institution with all but its people.
type InstitutionDetail struct {
	Institution
	Services []Offering `json:"services" doc:"服务项目|Its services"`
	Terms    []Term     `json:"terms" doc:"层级和示范认定，从早到晚|Tiers and recognitions, oldest first"`
	Tasks    []Task     `json:"tasks" doc:"专题性服务任务，新的年份在前|Special-topic tasks, newest year first"`
	Files    []File     `json:"files" doc:"资质文件，从早到晚|Its documents, oldest first"`
}

// PublishedDetail is an institution as its public page shows it.
type PublishedDetail struct {
	PublishedInstitution
	Services []Offering `json:"services" doc:"正在提供的服务项目|The services on offer"`
}

// Term is a span of days under a document.
type Term struct {
	ID       string `json:"id" doc:"编号|Its id"`
	Tier     string `json:"tier" doc:"层级；示范认定时为空|The tier; empty for a recognition as a demonstration institution"`
	From     string `json:"from" doc:"从哪天起|First day"`
	To       string `json:"to" doc:"从哪天起不再有效，没有时为空|First day it no longer holds; empty while open"`
	Document string `json:"document" doc:"文件|The document"`
}

// Task is a special-topic task of a year.
type Task struct {
	ID     string `json:"id" doc:"编号|Its id"`
	Year   int    `json:"year" doc:"年份|The year"`
	Title  string `json:"title" doc:"任务|What is to be done"`
	Status string `json:"status" enum:"given,doing,done,dropped" doc:"进展|How far it is"`
	Note   string `json:"note" doc:"做了什么|What was done"`
}

type publishedFilter struct {
	paging
	Text          string `query:"text" maxLength:"100" doc:"机构或服务项目名称的一部分|Part of its name or of a service's"`
	Region        string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Kind          string `query:"kind" enum:"service_centre,guarantor,bank,training_body,technology_platform,university,intermediary,association,law_firm,other" doc:"类别|Kind"`
	Theme         string `query:"theme" enum:"development,transformation,financing,markets,startup,capability" doc:"服务主题|Theme of a service"`
	Tier          string `query:"tier" enum:"core,close,contact" doc:"层级|Tier"`
	Demonstration bool   `query:"demonstration" doc:"只要示范服务机构|Demonstration institutions only"`
}

func (f publishedFilter) filter() institution.Filter {
	return institution.Filter{
		Text: line(f.Text), Region: region.Code(f.Region), Kind: institution.Kind(f.Kind), Theme: institution.Theme(f.Theme),
		Tier: institution.Tier(f.Tier), Demonstration: f.Demonstration,
	}
}

func (s institutions) published(ctx context.Context, _ *Call, in *publishedFilter) (page[PublishedInstitution], error) {
	f := in.filter()
	list, next, err := s.register.Public(ctx, f, in.page())
	if err != nil {
		return page[PublishedInstitution]{}, err
	}
	p := pageOf(list, next, publishedOf)
	p.Total, err = in.count(func() (int, error) { return s.register.CountPublic(ctx, f) })
	return p, err
}

func (s institutions) showPublished(ctx context.Context, _ *Call, id string) (PublishedDetail, error) {
	d, err := s.register.Published(ctx, institution.ID(id))
	return PublishedDetail{publishedOf(d.Institution), pageOf(d.Offerings, "", offeringOf).Items}, err
}

type institutionFilter struct {
	publishedFilter
	Published bool `query:"published" doc:"只要公开的|Published ones only"`
	Ended     bool `query:"ended" doc:"是否也列出已注销的|Whether to list those off the register too"`
}

func (s institutions) list(ctx context.Context, c *Call, in *institutionFilter) (page[Institution], error) {
	f, scope := in.filter(), c.By.Scope(institution.See)
	f.Published, f.Ended = in.Published, in.Ended
	list, next, err := s.register.List(ctx, scope, f, in.page())
	if err != nil {
		return page[Institution]{}, err
	}
	p := pageOf(list, next, institutionOf)
	p.Total, err = in.count(func() (int, error) { return s.register.Count(ctx, scope, f) })
	return p, err
}

func (s institutions) show(ctx context.Context, c *Call, id string) (InstitutionDetail, error) {
	d, err := s.register.Get(ctx, c.By.Scope(institution.See), institution.ID(id))
	c.Versioned(d.Version)
	c.ages = true // a tier begins and ends with the days
	return InstitutionDetail{
		Institution: institutionOf(d.Institution), Services: pageOf(d.Offerings, "", offeringOf).Items,
		Terms: pageOf(d.Terms, "", func(t institution.Term) Term { return Term{t.ID, string(t.Tier), t.From, t.To, t.Document} }).Items,
		Tasks: pageOf(d.Tasks, "", func(t institution.Task) Task { return Task{t.ID, t.Year, t.Title, string(t.Status), t.Note} }).Items,
		Files: filesOf(d.Files),
	}, err
}

func (s institutions) openFile(ctx context.Context, c *Call, in *filed) (files.File, io.ReadSeekCloser, error) {
	return s.register.OpenFile(ctx, c.By, institution.ID(in.ID), in.File)
}

// InstitutionBody is what an institution says of itself.
type InstitutionBody struct {
	Name    string   `json:"name" maxLength:"80" doc:"名称|Name"`
	Region  string   `json:"region" doc:"所在地的代码|Code of its place"`
	Kinds   []string `json:"kinds" doc:"类别，第一个用于统计|Kinds; it is counted as the first"`
	Level   string   `json:"level" enum:"province,city,county,town" doc:"级别|Level of government it belongs to"`
	Code    string   `json:"code,omitempty" maxLength:"18" doc:"统一社会信用代码或组织机构代码|Credit or organisation code"`
	Founded string   `json:"founded,omitempty" doc:"成立日期|Day it was founded"`
	Capital int64    `json:"capital,omitempty" minimum:"0" doc:"注册资本，分|Registered capital in fen"`
	About   string   `json:"about,omitempty" maxLength:"1000" doc:"简介|What it says of itself"`
	Address string   `json:"address,omitempty" maxLength:"120" doc:"地址|Address"`
	Website string   `json:"website,omitempty" maxLength:"200" doc:"网址|Website"`
}

func (b InstitutionBody) profile() institution.Profile {
	return institution.Profile{
		Name: line(b.Name), Region: region.Code(b.Region), Kinds: named[institution.Kind](b.Kinds), Level: institution.Level(b.Level),
		Code: line(b.Code), Founded: b.Founded, Capital: b.Capital, About: b.About, Address: line(b.Address), Website: line(b.Website),
	}
}

type institutionNew struct {
	Body struct {
		InstitutionBody
		Since string `json:"since,omitempty" doc:"登记日期，不写是今天|Day it came on the register; today when left out"`
	}
}

func (s institutions) add(ctx context.Context, c *Call, in *institutionNew) (string, error) {
	p := in.Body.profile()
	p.Since = in.Body.Since
	i, err := s.register.Register(ctx, c.By, p, "")
	return string(i.ID), err
}

type institutionEdit struct {
	byID
	Body InstitutionBody
}

func (s institutions) edit(ctx context.Context, c *Call, in *institutionEdit) error {
	_, err := s.register.Edit(ctx, c.By, institution.ID(in.ID), c.Version, in.Body.profile())
	return err
}

func (s institutions) publish(shown bool) func(context.Context, *Call, *byID) error {
	return func(ctx context.Context, c *Call, in *byID) error {
		_, err := s.register.Publish(ctx, c.By, institution.ID(in.ID), c.Version, shown)
		return err
	}
}

type institutionEnd struct {
	byID
	Body struct {
		Day    string `json:"day" doc:"从哪天起|From this day on"`
		Reason string `json:"reason" maxLength:"200" doc:"原因|Why"`
	}
}

func (s institutions) end(ctx context.Context, c *Call, in *institutionEnd) error {
	_, err := s.register.End(ctx, c.By, institution.ID(in.ID), c.Version, in.Body.Day, in.Body.Reason)
	return err
}
