package api

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/region"
)

// planOperations are those of a town's plans (规划评审) and the key towns' progress.
func (s parks) planOperations() []operation {
	const one = "POST /park-plans/{id}/"
	return []operation{
		reads("listKeyTownProgress", "/key-town-progress", words{"重点镇进度", "The key towns' progress"}, s.towns).needs(seeParks).
			note("一年里重点镇的规划、在建园区、新增标准厂房和入园企业。", "Plans, parks under construction, new factory and new tenants of the key towns in a year."),
		creates("submitPlan", "/park-plans", words{"报审规划", "Send in a plan"}, s.submitPlan, s.plan).needs(writeParks),
		gets("getPlan", "/park-plans/{id}", words{"一份规划", "One plan"}, s.plan).needs(seeParks),
		opens("openPlanFile", "/park-plans/{id}/files/{file}", words{"下载规划文件", "Take a document of a plan away"}, s.openPlanFile).needs(seeParks).
			note("每次打开都记入审计。", "Every opening stands in the audit trail."),
		changes("giveOpinion", one+"opinions", words{"专家意见", "An expert's opinion"}, s.opine, s.plan).needs(writeParks).matched(),
		changes("returnPlan", one+"return", words{"退回修改", "Send back to be revised"}, because(s.register.ReturnPlan), s.plan).needs(writeParks).matched(),
		changes("revisePlan", one+"revise", words{"修改后再报", "Send in revised"}, s.revise, s.plan).needs(writeParks).matched(),
		changes("approvePlan", one+"approve", words{"批复", "Approve"}, under(s.register.ApprovePlan), s.plan).needs(writeParks).matched(),
		changes("withdrawPlan", one+"withdraw", words{"撤回", "Withdraw"}, because(s.register.WithdrawPlan), s.plan).needs(writeParks).matched(),
	}
}

// KeyTownProgress is how far a key town is (重点镇进度).
type KeyTownProgress struct {
	Town     string `json:"town" doc:"代码|Its code"`
	Name     string `json:"name" doc:"名称|Name"`
	Plan     string `json:"plan" doc:"这一年规划的编号，没有时为空|Id of the plan of the year; empty for none"`
	State    string `json:"state" doc:"规划的状态|State of the plan"`
	Approved string `json:"approved" doc:"批复日期，没有时为空|Day it was approved; empty until then"`
	Parks    int64  `json:"parks" doc:"在建园区|Parks under construction"`
	Factory  int64  `json:"factory" doc:"这一年新增标准厂房，平方米|New standard factory in the year, in square metres"`
	Entered  int64  `json:"entered" doc:"这一年入园企业|Enterprises that moved in during the year"`
}

type townsIn struct {
	Region string `query:"region" doc:"地区代码，含下级；不填是整个安装|Code of a place; the whole installation when left out"`
	Year   int    `query:"year" minimum:"1990" maximum:"2100" doc:"年份|The year"`
}

func (s parks) towns(ctx context.Context, c *Call, in *townsIn) (page[KeyTownProgress], error) {
	if err := c.staffed(park.SeePlan); err != nil {
		return page[KeyTownProgress]{}, err
	}
	year := in.Year
	if year == 0 {
		year = c.api.Clock().Year()
	}
	list, err := s.register.KeyTowns(ctx, region.Code(orElse(in.Region, string(s.home))), year)
	return pageOf(list, "", func(k park.KeyTown) KeyTownProgress {
		return KeyTownProgress{string(k.Town), k.Name, k.Plan, string(k.State), k.Approved, k.Parks, k.Factory, k.Entered}
	}), err
}

// PlanBody is what a town plans.
type PlanBody struct {
	Region    string `json:"region" doc:"镇街的代码，再报时不变|Code of the town; it stays when it is revised"`
	Year      int    `json:"year" doc:"年份，再报时不变|The year; it stays when it is revised"`
	Title     string `json:"title" doc:"名称|Title"`
	Land      int64  `json:"land" doc:"占地，平方米|Land in square metres"`
	FloorArea int64  `json:"floor_area" doc:"建筑面积，平方米|Floor area in square metres"`
	Parks     int    `json:"parks" doc:"几个园区|How many parks"`
	Text      string `json:"text,omitempty" doc:"说明|In words"`
}

func (b PlanBody) plan() park.Plan {
	return park.Plan{
		Region: region.Code(b.Region), Year: b.Year, Title: line(b.Title), Land: b.Land, FloorArea: b.FloorArea, Parks: b.Parks, Text: b.Text,
	}
}

// ParkPlan is a town's plan with its review (规划).
type ParkPlan struct {
	ID string `json:"id" doc:"编号|Its id"`
	PlanBody
	State     string        `json:"state" enum:"submitted,revising,approved,withdrawn" doc:"状态|State"`
	Round     int           `json:"round" doc:"第几次报审|How often it came in"`
	Submitted string        `json:"submitted" doc:"上次报审日期|Day it came in last"`
	Approved  string        `json:"approved" doc:"批复日期，没有时为空|Day it was approved; empty until then"`
	Document  string        `json:"document" doc:"批复文件，没有时为空|The document; empty until then"`
	Opinions  []PlanOpinion `json:"opinions" doc:"专家意见|Experts' opinions"`
	Files     []File        `json:"files" doc:"附件|Documents"`
	Events    []Happened    `json:"events" doc:"办理经过，早的在前|History, oldest first"`
	Can       []string      `json:"can" doc:"你现在能做什么|What you can do with it now"`
	Version   int           `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

// PlanOpinion is an expert's opinion on a plan.
type PlanOpinion struct {
	Round   int    `json:"round" doc:"第几次报审的|Of which round"`
	Expert  string `json:"expert" doc:"专家|The expert"`
	Post    string `json:"post" doc:"职务职称|Post"`
	Verdict string `json:"verdict" enum:"agree,amend,dissent" doc:"意见|Verdict"`
	Words   string `json:"words" doc:"说明|In words"`
	At      string `json:"at" format:"date-time" doc:"时间|When"`
}

func (s parks) plan(ctx context.Context, c *Call, id string) (ParkPlan, error) {
	d, err := s.register.Plan(ctx, c.By.Scope(park.SeePlan), id)
	if err != nil {
		return ParkPlan{}, err
	}
	c.Versioned(d.Version)
	return ParkPlan{
		ID: d.ID, PlanBody: PlanBody{string(d.Region), d.Year, d.Title, d.Land, d.FloorArea, d.Parks, d.Text}, State: string(d.State),
		Round: d.Round, Submitted: d.Submitted, Approved: d.Approved, Document: d.Document, Version: d.Version,
		Files: filesOf(d.Files), Events: happened(d.Events), Can: verbs(park.MayPlan(c.By, &d.Plan)),
		Opinions: each(d.Opinions, func(o park.Opinion) PlanOpinion {
			return PlanOpinion{o.Round, o.Expert, o.Post, string(o.Verdict), o.Words, instant(o.At)}
		}),
	}, nil
}

type planNew struct {
	Body struct {
		PlanBody
		Files []string `json:"files,omitempty" maxItems:"40" doc:"上传得到的 token|The tokens of uploads"`
	}
}

func (s parks) submitPlan(ctx context.Context, c *Call, in *planNew) (string, error) {
	p, err := s.register.SubmitPlan(ctx, c.By, in.Body.plan(), files.Papers{Add: in.Body.Files}, "")
	return p.ID, err
}

func (s parks) openPlanFile(ctx context.Context, c *Call, in *filed) (files.File, io.ReadSeekCloser, error) {
	return s.register.OpenPlanFile(ctx, c.By, in.ID, in.File)
}

type opinionNew struct {
	byID
	Body struct {
		Expert  string `json:"expert" doc:"专家|The expert"`
		Post    string `json:"post,omitempty" doc:"职务职称|Post"`
		Verdict string `json:"verdict" enum:"agree,amend,dissent" doc:"意见|Verdict"`
		Words   string `json:"words,omitempty" doc:"说明|In words"`
	}
}

func (s parks) opine(ctx context.Context, c *Call, in *opinionNew) error {
	b := in.Body
	_, err := s.register.GiveOpinion(ctx, c.By, in.ID, c.Version, park.Opinion{
		Expert: line(b.Expert), Post: line(b.Post), Verdict: park.Verdict(b.Verdict), Words: b.Words,
	})
	return err
}

type planRevise struct {
	byID
	Body struct {
		PlanBody
		Note  string   `json:"note" doc:"改了什么|What was changed"`
		Files []string `json:"files,omitempty" maxItems:"40" doc:"上传得到的 token|The tokens of uploads"`
	}
}

func (s parks) revise(ctx context.Context, c *Call, in *planRevise) error {
	_, err := s.register.RevisePlan(ctx, c.By, in.ID, c.Version, in.Body.plan(), in.Body.Note, files.Papers{Add: in.Body.Files})
	return err
}
