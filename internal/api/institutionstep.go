package api

import (
	"context"

	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/region"
)

// steps are what is done about an institution: its services, tiers,
// recognitions, tasks and people. Each answers the institution as it is now.
func (s institutions) steps() []operation {
	const write = "institution:write"
	return []operation{
		changes("addService", "POST /institutions/{id}/services", words{"新增服务项目", "Add a service"}, s.addService, s.show).needs(write).matched(),
		changes("editService", "PUT /institutions/{id}/services/{service}", words{"修改服务项目", "Edit a service"}, s.editService, s.show).needs(write).matched().
			note("没有写的项清空。不再提供的，ended 写 true。", "What is left out is emptied. For one that is no longer on offer, ended is true."),
		changes("setTier", "POST /institutions/{id}/tier", words{"定层级", "Put in a tier"}, s.setTier, s.show).needs(write).matched().
			note("不写 tier 表示退出层级。原来的层级到这一天为止。", "Without a tier it leaves its tier. What held on that day ends there."),
		changes("recogniseInstitution", "POST /institutions/{id}/demonstration", words{"登记别处认定的示范服务机构", "Note a recognition made elsewhere"}, s.recognise, s.show).
			needs(write).matched().note("同时记入认定结果。", "It is put on file among the titles."),
		changes("withdrawRecognition", "POST /institutions/{id}/demonstration/withdraw", words{"登记别处撤销的示范认定", "Note a recognition withdrawn elsewhere"}, s.withdraw, s.show).
			needs(write).matched().note("认定结果同时撤销。", "The title ends with it."),
		changes("assignTask", "POST /institutions/{id}/tasks", words{"下达任务", "Give a task"}, s.assignTask, s.show).needs(write).matched(),
		changes("editTask", "PUT /institutions/{id}/tasks/{task}", words{"修改任务", "Change a task"}, s.editTask, s.show).needs(write).matched(),
		changes("reportTask", "POST /institutions/{id}/tasks/{task}/report", words{"报告任务进展", "Report on a task"}, s.reportTask, s.show).needs(write).matched(),
		reads("listInstitutionContacts", "/institutions/{id}/contacts", words{"联系人", "The people to speak to"}, s.contacts).needs("contact:read").
			note("是个人信息。不是机构自己查看的，都记入审计。", "Personal data: every reading by somebody else than the institution stands in the audit trail."),
		changes("setInstitutionContacts", "PUT /institutions/{id}/contacts", words{"更换联系人", "Replace the people to speak to"}, s.setContacts, s.show).
			needs(write).matched().note("最多 10 人，不在里面的会删去。", "At most 10; whoever is not among them is deleted."),
		changes("setInstitutionFiles", "POST /institutions/{id}/files", words{"添加或移除资质文件", "Bring documents, or take them off"}, s.setFiles, s.show).needs(write).matched(),
	}
}

// Offering is one thing an institution does for enterprises (服务项目).
type Offering struct {
	ID          string   `json:"id" doc:"编号|Its id"`
	Theme       string   `json:"theme" enum:"development,transformation,financing,markets,startup,capability" doc:"服务主题|Theme"`
	Form        string   `json:"form" enum:"expert_team,event,media,training" doc:"服务形式|Form"`
	Name        string   `json:"name" doc:"名称|Name"`
	Description string   `json:"description" doc:"说明|Description"`
	Regions     []string `json:"regions" doc:"服务地区的代码，含下级|Codes of the places served, with everything below them"`
	MaxAmount   int64    `json:"max_amount" doc:"单笔最高金额，分；不限时为 0|The most in one case, in fen; 0 for no limit"`
	Capacity    int      `json:"capacity" doc:"每月最多几件；不限时为 0|Cases a month; 0 for no limit"`
	Fee         string   `json:"fee" enum:"free,low,paid" doc:"收费|Fee"`
	Ended       bool     `json:"ended" doc:"是否不再提供|Whether it is no longer on offer"`
}

func offeringOf(o institution.Offering) Offering {
	out := Offering{
		ID: o.ID, Theme: string(o.Theme), Form: string(o.Form), Name: o.Name, Description: o.Description, Regions: make([]string, len(o.Regions)),
		MaxAmount: o.MaxAmount, Capacity: o.Capacity, Fee: string(o.Fee), Ended: o.Ended,
	}
	for i, r := range o.Regions {
		out.Regions[i] = string(r)
	}
	return out
}

// OfferingBody is a service as it is sent.
type OfferingBody struct {
	Theme       string   `json:"theme" enum:"development,transformation,financing,markets,startup,capability" doc:"服务主题|Theme"`
	Form        string   `json:"form" enum:"expert_team,event,media,training" doc:"服务形式|Form"`
	Name        string   `json:"name" maxLength:"60" doc:"名称|Name"`
	Description string   `json:"description,omitempty" maxLength:"1000" doc:"说明|Description"`
	Regions     []string `json:"regions,omitempty" doc:"服务地区的代码，含下级；不写是机构级别的地区|Codes of the places served; left out, the place of the institution's level"`
	MaxAmount   int64    `json:"max_amount,omitempty" minimum:"0" doc:"单笔最高金额，分；不写是不限|The most in one case, in fen; no limit when left out"`
	Capacity    int      `json:"capacity,omitempty" minimum:"0" doc:"每月最多几件；不写是不限|Cases a month; no limit when left out"`
	Fee         string   `json:"fee" enum:"free,low,paid" doc:"收费|Fee"`
	Ended       bool     `json:"ended,omitempty" doc:"是否不再提供|Whether it is no longer on offer"`
}

type offeringNew struct {
	byID
	Body OfferingBody
}

type offeringEdit struct {
	byID
	Service string `path:"service" doc:"服务项目的编号|Id of the service"`
	Body    OfferingBody
}

func (s institutions) addService(ctx context.Context, c *Call, in *offeringNew) error {
	return s.setService(ctx, c, in.ID, "", in.Body)
}

func (s institutions) editService(ctx context.Context, c *Call, in *offeringEdit) error {
	return s.setService(ctx, c, in.ID, in.Service, in.Body)
}

func (s institutions) setService(ctx context.Context, c *Call, id, service string, b OfferingBody) error {
	_, err := s.register.SetOffering(ctx, c.By, institution.ID(id), c.Version, institution.Offering{
		ID: service, Theme: institution.Theme(b.Theme), Form: institution.Form(b.Form), Name: line(b.Name), Description: b.Description,
		Regions: named[region.Code](b.Regions), MaxAmount: b.MaxAmount, Capacity: b.Capacity, Fee: institution.Fee(b.Fee), Ended: b.Ended,
	})
	return err
}

// TermBody is a term as it is sent.
type TermBody struct {
	From     string `json:"from" doc:"从哪天起|First day"`
	To       string `json:"to,omitempty" doc:"从哪天起不再有效，不写是没有期限|First day it no longer holds; open when left out"`
	Document string `json:"document,omitempty" maxLength:"120" doc:"文件|The document"`
}

func (b TermBody) term() institution.Term {
	return institution.Term{From: b.From, To: b.To, Document: line(b.Document)}
}

type institutionTier struct {
	byID
	Body struct {
		TermBody
		Tier string `json:"tier,omitempty" enum:"core,close,contact" doc:"层级|The tier"`
	}
}

func (s institutions) setTier(ctx context.Context, c *Call, in *institutionTier) error {
	t := in.Body.term()
	t.Tier = institution.Tier(in.Body.Tier)
	_, err := s.register.SetTier(ctx, c.By, institution.ID(in.ID), c.Version, t)
	return err
}

type institutionRecognition struct {
	byID
	Body TermBody
}

func (s institutions) recognise(ctx context.Context, c *Call, in *institutionRecognition) error {
	_, err := s.register.Recognise(ctx, c.By, institution.ID(in.ID), c.Version, in.Body.term())
	return err
}

type institutionWithdrawal struct {
	byID
	Body struct {
		Day    string `json:"day" doc:"从哪天起|From this day on"`
		Reason string `json:"reason,omitempty" maxLength:"200" doc:"原因|Why"`
	}
}

func (s institutions) withdraw(ctx context.Context, c *Call, in *institutionWithdrawal) error {
	_, err := s.register.Withdraw(ctx, c.By, institution.ID(in.ID), c.Version, in.Body.Day, in.Body.Reason)
	return err
}

// TaskBody is a task as it is sent.
type TaskBody struct {
	Year   int    `json:"year" minimum:"1990" maximum:"2100" doc:"年份|The year"`
	Title  string `json:"title" maxLength:"80" doc:"任务|What is to be done"`
	Status string `json:"status,omitempty" enum:"given,doing,done,dropped" doc:"进展，不写是 given|How far it is; given when left out"`
	Note   string `json:"note,omitempty" maxLength:"1000" doc:"做了什么|What was done"`
}

type taskNew struct {
	byID
	Body TaskBody
}

type taskEdit struct {
	byID
	Task string `path:"task" doc:"任务的编号|Id of the task"`
	Body TaskBody
}

func (s institutions) assignTask(ctx context.Context, c *Call, in *taskNew) error {
	return s.setTask(ctx, c, in.ID, "", in.Body)
}

func (s institutions) editTask(ctx context.Context, c *Call, in *taskEdit) error {
	return s.setTask(ctx, c, in.ID, in.Task, in.Body)
}

func (s institutions) setTask(ctx context.Context, c *Call, id, task string, b TaskBody) error {
	_, err := s.register.AssignTask(ctx, c.By, institution.ID(id), c.Version, institution.Task{
		ID: task, Year: b.Year, Title: line(b.Title), Status: institution.TaskStatus(b.Status), Note: b.Note,
	})
	return err
}

type taskReport struct {
	byID
	Task string `path:"task" doc:"任务的编号|Id of the task"`
	Body struct {
		Status string `json:"status" enum:"given,doing,done" doc:"进展|How far it is"`
		Note   string `json:"note,omitempty" maxLength:"1000" doc:"做了什么|What was done"`
	}
}

func (s institutions) reportTask(ctx context.Context, c *Call, in *taskReport) error {
	_, err := s.register.ReportTask(ctx, c.By, institution.ID(in.ID), c.Version, in.Task, institution.TaskStatus(in.Body.Status), in.Body.Note)
	return err
}

// InstitutionContact is somebody to speak to at an institution.
type InstitutionContact struct {
	Name  string `json:"name" doc:"姓名|Name"`
	Post  string `json:"post" doc:"职务，不知道时为空|Post; empty when not known"`
	Phone string `json:"phone" doc:"电话|Telephone"`
	Email string `json:"email" doc:"邮箱，不知道时为空|E-mail; empty when not known"`
}

func (s institutions) contacts(ctx context.Context, c *Call, in *byID) (page[InstitutionContact], error) {
	list, err := s.register.Contacts(ctx, c.By, institution.ID(in.ID))
	return pageOf(list, "", func(p institution.Person) InstitutionContact { return InstitutionContact(p) }), err
}

// InstitutionContactBody is such a person as they are sent.
type InstitutionContactBody struct {
	Name  string `json:"name" maxLength:"30" doc:"姓名|Name"`
	Post  string `json:"post,omitempty" maxLength:"30" doc:"职务|Post"`
	Phone string `json:"phone" maxLength:"20" doc:"电话|Telephone"`
	Email string `json:"email,omitempty" maxLength:"100" doc:"邮箱|E-mail"`
}

type institutionContacts struct {
	byID
	Body struct {
		Contacts []InstitutionContactBody `json:"contacts" doc:"联系人，先联系的在前|The people, the first to speak to first"`
	}
}

func (s institutions) setContacts(ctx context.Context, c *Call, in *institutionContacts) error {
	people := make([]institution.Person, len(in.Body.Contacts))
	for i, p := range in.Body.Contacts {
		people[i] = institution.Person{Name: line(p.Name), Post: line(p.Post), Phone: line(p.Phone), Email: line(p.Email)}
	}
	_, err := s.register.SetContacts(ctx, c.By, institution.ID(in.ID), c.Version, people)
	return err
}

type institutionFiles struct {
	byID
	Body struct {
		Files       []string `json:"files,omitempty" maxItems:"40" doc:"资质文件：上传得到的 token|Documents: the tokens of uploads"`
		RemoveFiles []string `json:"remove_files,omitempty" maxItems:"40" doc:"要去掉的附件的编号|Ids of documents to take off"`
	}
}

func (s institutions) setFiles(ctx context.Context, c *Call, in *institutionFiles) error {
	_, err := s.register.SetPapers(ctx, c.By, institution.ID(in.ID), c.Version, files.Papers{Add: in.Body.Files, Remove: in.Body.RemoveFiles}, "")
	return err
}
