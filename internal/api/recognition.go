package api

import (
	"context"
	"io"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// recognitions are the operations of recognition (认定): calls, applications,
// publicity and awards. Titles and criteria are in recognitiontitle.go, what is
// done with an application or an award in recognitionstep.go.
type recognitions struct {
	desk *recognition.Service
	home region.Code
}

const seeRecognition, writeRecognition = "recognition:read", "recognition:write"

func (s recognitions) operations() []operation {
	all := []operation{
		lists("listRecognitionCalls", "/recognition/calls", words{"认定通知", "Calls for applications"}, s.calls).public(),
		gets("getRecognitionCall", "/recognition/calls/{id}", words{"一个通知", "One call"}, s.call).public().
			note("有申报条件和评分表。", "With its conditions and rubric."),
		creates("announceCall", "/recognition/calls", words{"发布通知", "Publish a call"}, s.announce, s.call).needs(writeRecognition).
			note("用开始那天有效的标准，以后不变。", "The criteria in force on its first day are its own for good."),
		changes("prolongCall", "POST /recognition/calls/{id}/prolong", words{"延长申报时间", "Prolong a call"}, s.prolong, s.call).needs(writeRecognition).matched(),
		changes("closeCall", "POST /recognition/calls/{id}/close", words{"结束通知", "End a call"}, s.closeCall, s.call).needs(writeRecognition).matched(),
		reads("listCallSubjects", "/recognition/calls/{id}/subjects", words{"可以申报的对象，最多 200 个", "What you may apply for, at most 200"}, s.subjects).needs(seeRecognition),
		reads("listRanking", "/recognition/calls/{id}/ranking", words{"评分排名", "Applications by score"}, s.ranking).needs(seeRecognition),
		reads("listProposals", "/recognition/proposals", words{"公示", "What is made public"}, s.proposals).public(),
		gets("getProposal", "/recognition/proposals/{id}", words{"一项公示", "One proposal"}, s.proposal).public(),
		changes("objectToProposal", "POST /recognition/proposals/{id}/objections", words{"提出异议", "Object"}, s.object, s.proposal).needs(writeRecognition),
		lists("listPublishedAwards", "/recognition/published-awards", words{"认定结果", "What holds today"}, s.published).public(),
		lists("listAwards", "/recognition/awards", words{"你能看到的认定结果", "Awards you may see"}, s.awards).needs(seeRecognition).
			note("本地区的，或者你所在单位的，含已经撤销和到期的。", "Those of your place or your organisations, ended ones too."),
		gets("getAward", "/recognition/awards/{id}", words{"一项认定结果", "One award"}, s.award).needs(seeRecognition),
		lists("listApplications", "/recognition/applications", words{"申报", "Applications"}, s.applications).needs(seeRecognition).
			note("本地区的，或者你所在单位的，新的在前。", "Those of your place or your organisations, newest first."),
		creates("beginApplication", "/recognition/applications", words{"开始申报", "Begin an application"}, s.begin, s.application).needs(writeRecognition).
			note("系统知道的已经填好。", "What the program knows is filled in."),
		gets("getApplication", "/recognition/applications/{id}", words{"一份申报", "One application"}, s.application).needs(seeRecognition).
			note("评审专家看得到指派给自己的。", "A reviewer finds those assigned to them."),
		opens("openApplicationFile", "/recognition/applications/{id}/files/{file}", words{"下载佐证材料", "Take evidence away"}, s.openFile).needs(seeRecognition).
			note("不是申报单位自己打开的，都记入审计。", "Every opening by somebody else than the applicant stands in the audit trail."),
	}
	return append(append(all, s.steps()...), s.titleOperations()...)
}

// RecognitionCall is an invitation to apply for a title (通知).
type RecognitionCall struct {
	ID              string `json:"id" doc:"编号|Its id"`
	Title           string `json:"title" doc:"称号的编号|Id of the title"`
	Office          string `json:"office" doc:"发布单位的代码|Code of the office that decides"`
	Name            string `json:"name" doc:"名称|Name"`
	Document        string `json:"document" doc:"文号，可以为空|Document; may be empty"`
	Text            string `json:"text" doc:"要交什么，找谁问|What to bring and whom to ask"`
	Year            int    `json:"year" doc:"年度|The year"`
	Opens           string `json:"opens" doc:"哪天开始|First day"`
	Closes          string `json:"closes" doc:"哪天截止|Last day"`
	Quota           int    `json:"quota" doc:"名额，0 是不限|At most so many awards; 0 for no limit"`
	Grade           string `json:"grade" doc:"获认定后的等级；发布时定下，以后不变，下同|Grade of what is awarded; fixed when it was announced, as are the next three"`
	Months          int    `json:"months" doc:"有效几个月，0 是长期|How many months it holds; 0 for no end"`
	Publicity       int    `json:"publicity" doc:"公示几个工作日|Working days that a proposal is public"`
	Reviewers       int    `json:"reviewers" doc:"至少几位评审专家；0 是不评审|At least so many reviewers; 0 for no review"`
	CriteriaVersion int    `json:"criteria_version" doc:"用标准的哪一版|Version of the criteria"`
	State           string `json:"state" enum:"open,closed" doc:"状态|State"`
	Version         int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func callOf(c recognition.Call) RecognitionCall {
	return RecognitionCall{
		ID: c.ID, Title: c.Title, Office: string(c.Office), Name: c.Name, Document: c.Document, Text: c.Text, Year: c.Year,
		Opens: c.Opens, Closes: c.Closes, Quota: c.Quota,
		Grade: c.Grade, Months: c.Months, Publicity: c.Publicity, Reviewers: c.Reviewers, CriteriaVersion: c.CriteriaVersion, State: string(c.State), Version: c.Version,
	}
}

// CallDetail is a call with what has to be met.
type CallDetail struct {
	RecognitionCall
	Criteria Criteria `json:"criteria" doc:"申报条件和评分表|Conditions and rubric"`
}

type callList struct {
	leafing
	Title string `query:"title" doc:"称号的编号|Id of the title"`
	Open  bool   `query:"open" doc:"只要还没有结束的|Those not ended only"`
	On    string `query:"on" doc:"这一天接受申报的|Those that take applications on the day"`
}

func (s recognitions) calls(ctx context.Context, _ *Call, in *callList) (page[RecognitionCall], error) {
	list, next, err := s.desk.Calls(ctx, recognition.CallFilter{Title: in.Title, Open: in.Open, On: in.On}, in.page())
	return pageOf(list, next, callOf), err
}

func (s recognitions) call(ctx context.Context, c *Call, id string) (CallDetail, error) {
	d, err := s.desk.Call(ctx, id)
	if err != nil {
		return CallDetail{}, err
	}
	c.Versioned(d.Version)
	return CallDetail{callOf(d.Call), criteriaOf(d.Criteria, true)}, nil
}

type callNew struct {
	Body struct {
		Title    string `json:"title" doc:"称号的编号|Id of the title"`
		Office   string `json:"office" doc:"发布单位的代码|Code of the office that decides"`
		Name     string `json:"name" doc:"名称，4 到 80 个字|Name, 4 to 80 characters"`
		Document string `json:"document,omitempty" doc:"文号|Document"`
		Text     string `json:"text,omitempty" doc:"要交什么，找谁问|What to bring and whom to ask"`
		Year     int    `json:"year" doc:"年度|The year"`
		Opens    string `json:"opens" doc:"哪天开始|First day"`
		Closes   string `json:"closes" doc:"哪天截止|Last day"`
		Quota    int    `json:"quota,omitempty" doc:"名额，0 是不限|At most so many awards; 0 for no limit"`
	}
}

func (s recognitions) announce(ctx context.Context, c *Call, in *callNew) (string, error) {
	b := in.Body
	made, err := s.desk.Announce(ctx, c.By, recognition.Call{
		Title: b.Title, Office: region.Code(b.Office), Name: line(b.Name), Document: line(b.Document), Text: b.Text, Year: b.Year,
		Opens: b.Opens, Closes: b.Closes, Quota: b.Quota,
	}, "")
	return made.ID, err
}

type callProlong struct {
	byID
	Body struct {
		Closes string `json:"closes" doc:"延长到哪天，在原截止日以后一年以内|The new last day, within a year after the present one"`
	}
}

func (s recognitions) prolong(ctx context.Context, c *Call, in *callProlong) error {
	_, err := s.desk.Prolong(ctx, c.By, in.ID, c.Version, in.Body.Closes)
	return err
}

func (s recognitions) closeCall(ctx context.Context, c *Call, in *byID) error {
	_, err := s.desk.Close(ctx, c.By, in.ID, c.Version)
	return err
}

// RecognitionSubject is what can be applied for (对象).
type RecognitionSubject struct {
	Kind   string `json:"kind" doc:"种类：institution、park 等|Kind: institution, park …"`
	ID     string `json:"id" doc:"编号|Its id"`
	Name   string `json:"name" doc:"名称|Name"`
	Region string `json:"region" doc:"所在地的代码|Code of its place"`
}

func subjectOf(s recognition.Subject) RecognitionSubject {
	return RecognitionSubject{s.Kind, s.ID, s.Name, string(s.Region)}
}

// subjectsOf is the subjects of a call by a part of their names.
type subjectsOf struct {
	byID
	Q string `query:"q" maxLength:"100" doc:"名称中的几个字|Part of the name"`
}

func (s recognitions) subjects(ctx context.Context, c *Call, in *subjectsOf) (page[RecognitionSubject], error) {
	d, err := s.desk.Call(ctx, in.ID)
	if err != nil {
		return page[RecognitionSubject]{}, err
	}
	mine, err := s.desk.Mine(ctx, c.By, &d.Call, strings.TrimSpace(in.Q))
	return pageOf(mine, "", subjectOf), err
}

func (s recognitions) ranking(ctx context.Context, c *Call, in *byID) (page[Application], error) {
	list, err := s.desk.Rankings(ctx, c.By, in.ID)
	return pageOf(list, "", applicationOf), err
}

// PublicProposal is an application that is made public (公示).
type PublicProposal struct {
	ID       string `json:"id" doc:"申报的编号|Id of the application"`
	Call     string `json:"call" doc:"通知的编号|Id of the call"`
	CallName string `json:"call_name" doc:"通知|The call"`
	Subject  string `json:"subject" doc:"对象|What is to be recognised"`
	Region   string `json:"region" doc:"所在地的代码|Code of its place"`
	From     string `json:"from" doc:"公示开始|Made public on"`
	To       string `json:"to" doc:"公示最后一天|Last day of publicity"`
	Score    int    `json:"score" doc:"平均分，百分之一分|Average, in hundredths of a point"`
}

func proposalOf(p recognition.Public) PublicProposal {
	return PublicProposal{p.ID, p.Call, p.CallName, p.Subject, p.Region, p.On, p.To, p.Score}
}

func (s recognitions) proposals(ctx context.Context, _ *Call, _ *struct{}) (page[PublicProposal], error) {
	list, err := s.desk.Publicity(ctx)
	return pageOf(list, "", proposalOf), err
}

func (s recognitions) proposal(ctx context.Context, _ *Call, id string) (PublicProposal, error) {
	p, err := s.desk.Proposal(ctx, id)
	return proposalOf(p), err
}

type objecting struct {
	byID
	Body struct {
		Words string `json:"words" doc:"有什么异议，为什么|What is against it, and why"`
	}
}

func (s recognitions) object(ctx context.Context, c *Call, in *objecting) error {
	_, err := s.desk.Object(ctx, c.By, in.ID, in.Body.Words, "")
	return err
}

// PublishedAward is a title that holds, as anybody sees it (认定结果).
type PublishedAward struct {
	Title    string             `json:"title" doc:"称号的编号|Id of the title"`
	Subject  RecognitionSubject `json:"subject" doc:"对象|Who holds it"`
	Grade    string             `json:"grade" doc:"等级，可以为空|Grade; may be empty"`
	From     string             `json:"from" doc:"从哪天起|First day"`
	To       string             `json:"to" doc:"从哪天起不再有效，长期的为空|First day it no longer holds; empty for no end"`
	Document string             `json:"document" doc:"文件|The document"`
}

// Award is a title that somebody holds or held.
type Award struct {
	ID string `json:"id" doc:"编号|Its id"`
	PublishedAward
	Application string `json:"application" doc:"申报的编号|Id of the application"`
	Office      string `json:"office" doc:"认定单位的代码|Code of the office that decided"`
	Was         string `json:"was" doc:"降级前的等级，没有时为空|Grade before it was downgraded; empty for never"`
	Regraded    string `json:"regraded" doc:"哪天降级的，没有时为空|Day it was downgraded; empty for never"`
	ReportBy    string `json:"report_by" doc:"上一年的年度报告几月几日前交，如 03-31；空是不要求|Month and day by which the report of the year before is due, such as 03-31; empty when none is asked for"`
	RecheckFrom string `json:"recheck_from" doc:"从哪天起该复核，长期的为空|Day from which a re-check is due; empty for an award without end"`
	State       string `json:"state" enum:"valid,rechecking,revoked,expired" doc:"状态|State"`
	Version     int    `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func publishedAwardOf(a recognition.Award) PublishedAward {
	return PublishedAward{a.Title, subjectOf(a.Subject), a.Grade, a.From, a.To, a.Document}
}

func awardOf(a recognition.Award) Award {
	return Award{a.ID, publishedAwardOf(a), a.Application, string(a.Office), a.Was, a.Regraded, a.ReportBy, a.RecheckFrom, string(a.State), a.Version}
}

type awardFilter struct {
	paging
	Title  string `query:"title" doc:"称号的编号|Id of the title"`
	Region string `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	Text   string `query:"text" maxLength:"100" doc:"名称的一部分|Part of the holder's name"`
}

func (f awardFilter) filter() recognition.AwardFilter {
	return recognition.AwardFilter{Title: f.Title, Region: region.Code(f.Region), Text: line(f.Text)}
}

func (s recognitions) published(ctx context.Context, c *Call, in *awardFilter) (page[PublishedAward], error) {
	f := in.filter()
	f.On = c.today()
	return awardPage(ctx, s, authz.Unbounded("what holds is public"), f, in.paging, publishedAwardOf)
}

type awardList struct {
	awardFilter
	On  string `query:"on" doc:"这一天有效的|Those that hold on the day"`
	Due string `query:"due" enum:"report,recheck" doc:"report：缺去年的年度报告；recheck：快到期或者复核中|report: without a report of last year; recheck: ending soon or being re-checked"`
}

func (s recognitions) awards(ctx context.Context, c *Call, in *awardList) (page[Award], error) {
	f := in.filter()
	f.On = in.On
	due := s.desk.Due(recognition.Duty(in.Due))
	f.Unreported, f.Ending = due.Unreported, due.Ending
	return awardPage(ctx, s, c.By.Scope(recognition.See), f, in.paging, awardOf)
}

func awardPage[T any](ctx context.Context, s recognitions, scope authz.Scope, f recognition.AwardFilter, in paging, of func(recognition.Award) T) (page[T], error) {
	list, next, err := s.desk.Awards(ctx, scope, f, in.page())
	if err != nil {
		return page[T]{}, err
	}
	p := pageOf(list, next, of)
	p.Total, err = in.count(func() (int, error) { return s.desk.CountAwards(ctx, scope, f) })
	return p, err
}

type applicationList struct {
	paging
	Call   string   `query:"call" doc:"通知的编号|Id of the call"`
	Title  string   `query:"title" doc:"称号的编号|Id of the title"`
	Region string   `query:"region" doc:"地区代码，含下级|Code of a place, with everything below it"`
	State  []string `query:"state" doc:"状态，可以有几个|States"`
	Text   string   `query:"text" maxLength:"100" doc:"名称的一部分|Part of the applicant's name"`
	Over   bool     `query:"over" doc:"只要公示已经期满的|Those whose publicity has ended only"`
}

func (s recognitions) applications(ctx context.Context, c *Call, in *applicationList) (page[Application], error) {
	scope := c.By.Scope(recognition.See)
	f := recognition.Filter{Call: in.Call, Title: in.Title, Region: region.Code(in.Region), States: named[flow.State](in.State), Text: line(in.Text)}
	if in.Over {
		over := s.desk.PublicityOver()
		f.States, f.Over = over.States, over.Over
	}
	list, next, err := s.desk.Applications(ctx, scope, f, in.page())
	if err != nil {
		return page[Application]{}, err
	}
	p := pageOf(list, next, applicationOf)
	p.Total, err = in.count(func() (int, error) { return s.desk.Count(ctx, scope, f) })
	return p, err
}

type applicationNew struct {
	Body struct {
		Call    string `json:"call" doc:"通知的编号|Id of the call"`
		Subject string `json:"subject" doc:"对象的编号|Id of what is applied for"`
	}
}

func (s recognitions) begin(ctx context.Context, c *Call, in *applicationNew) (string, error) {
	a, err := s.desk.Begin(ctx, c.By, in.Body.Call, in.Body.Subject, "")
	return a.ID, err
}

func (s recognitions) openFile(ctx context.Context, c *Call, in *filed) (files.File, io.ReadSeekCloser, error) {
	return s.desk.OpenFile(ctx, c.By, in.ID, in.File)
}

// staffed lets through who may do it for some place.
func (c *Call) staffed(do authz.Permission) error {
	if len(c.By.Regions(do)) == 0 {
		return fault.Closed()
	}
	return nil
}
