package api

import (
	"context"
	"slices"
	"strings"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
)

// steps are what is done with an application and with an award.
func (s recognitions) steps() []operation {
	const one, award = "POST /recognition/applications/{id}/", "POST /recognition/awards/{id}/"
	step := func(id, do string, about words, fn func(context.Context, *Call, *byID) error) operation {
		return changes(id, one+do, about, fn, s.application).needs(writeRecognition).matched()
	}
	said := func(id, do string, about words, fn stepWith[recognition.Application]) operation {
		return changes(id, one+do, about, because(fn), s.application).needs(writeRecognition).matched()
	}
	renewed := func(id, do string, about words, fn stepWith[recognition.Award]) operation {
		return changes(id, award+do, about, under(fn), s.award).needs(writeRecognition).matched()
	}
	return []operation{
		changes("fillApplication", "PUT /recognition/applications/{id}", words{"填写申报", "Fill an application in"}, s.fill, s.application).needs(writeRecognition).matched().
			note("没有写的项清空，系统知道的会再填上。", "What is left out is emptied; what the program knows comes back."),
		changes("proveApplication", one+"evidence", words{"佐证材料", "Bring evidence, or take it off"}, s.prove, s.application).needs(writeRecognition).matched(),
		step("submitApplication", "submit", words{"提交", "Hand in"}, func(ctx context.Context, c *Call, in *byID) error {
			_, err := s.desk.Submit(ctx, c.By, in.ID, c.Version, "")
			return below(err, "in_", "/values/")
		}).note("缺的项指到填写申报时的位置。", "What is missing is pointed at where it is filled in."),
		step("withdrawApplication", "withdraw", words{"撤回", "Take back"}, func(ctx context.Context, c *Call, in *byID) error {
			_, err := s.desk.Withdraw(ctx, c.By, in.ID, c.Version)
			return err
		}),
		said("returnApplication", "return", words{"退回补正", "Give back to be completed"}, s.desk.Return),
		changes("checkApplication", one+"check", words{"初审通过", "Pass the first check"}, s.check, s.application).needs(writeRecognition).matched(),
		said("refuseApplication", "refuse", words{"不予认定", "Refuse"}, s.desk.Refuse),
		reads("listReviewers", "/recognition/applications/{id}/reviewers", words{"可以指派的评审专家", "Who may review it"}, s.reviewers).needs(seeRecognition).
			note("有利益关系的也列出，说明原因，不能指派。", "Those with a conflict of interest are named with the reason; they cannot be assigned."),
		changes("assignReviewers", one+"reviewers", words{"指派评审专家", "Assign reviewers"}, s.assign, s.application).needs(writeRecognition).matched(),
		reads("listReviews", "/recognition/reviews", words{"指派给你的评审", "What you are to review"}, s.reviews).needs(seeRecognition),
		changes("reviewApplication", one+"review", words{"评审打分", "Score"}, s.review, s.application).needs(writeRecognition).
			note("每一行都要有分，交了就不能改。", "Every line needs points; scores are final."),
		ends("recuseReview", one+"recuse", words{"申请回避", "Step back from a review"}, s.recuse).needs(writeRecognition),
		ends("declareTie", "POST /recognition/ties", words{"申报利益关系", "Declare a tie"}, s.declare).needs(writeRecognition).
			note("你与可能申报的单位有关系；以后不会指派你评审它的申报。", "To somebody who may apply: you are not asked to review theirs."),
		reads("listTies", "/recognition/ties", words{"利益关系", "Ties of reviewers"}, s.ties).needs(seeRecognition).
			note("你自己的，和你单位的评审专家的。", "Your own, and those of the reviewers of your office."),
		ends("endTie", "POST /recognition/ties/{id}/end", words{"终止利益关系", "End a tie"}, s.endTie).needs(writeRecognition).
			note("本人申报的由本人终止，主管部门登记的由它终止。", "Whoever noted it ends it: the reviewer, or the office."),
		changes("excludeReviewer", one+"exclude", words{"令评审专家回避", "Have a reviewer step back"}, s.exclude, s.application).needs(writeRecognition).matched().
			note("以后不再指派；已经指派的收回，所打的分不算。", "They are not asked again; what they have is taken back with its score."),
		step("publiciseApplication", "publicise", words{"公示", "Make public"}, func(ctx context.Context, c *Call, in *byID) error {
			_, err := s.desk.Publicise(ctx, c.By, in.ID, c.Version)
			return err
		}),
		changes("answerObjection", one+"objections/{objection}/answer", words{"答复异议", "Answer an objection"}, s.answerObjection, s.application).needs(writeRecognition).matched(),
		changes("decideApplication", one+"decide", words{"认定", "Award the title"}, s.decide, s.application).needs(writeRecognition).matched(),
		changes("reportAward", award+"report", words{"年度报告", "The yearly report"}, s.report, s.award).needs(writeRecognition).matched().
			note("同一年再报，替换原来的。", "Sent again for a year it replaces the one before."),
		changes("recheckAward", award+"recheck", words{"开始复核", "Begin a re-check"}, func(ctx context.Context, c *Call, in *byID) error {
			_, err := s.desk.Recheck(ctx, c.By, in.ID, c.Version)
			return err
		}, s.award).needs(writeRecognition).matched(),
		renewed("extendAward", "extend", words{"延续", "Extend"}, s.desk.Extend),
		renewed("downgradeAward", "downgrade", words{"降级", "Downgrade"}, s.desk.Downgrade),
		changes("revokeAward", award+"revoke", words{"撤销", "Revoke"}, because(s.desk.Revoke), s.award).needs(writeRecognition).matched(),
	}
}

// stepWith is a step of a record with a few words: a reason, a document.
type stepWith[T any] = func(ctx context.Context, by actor, id string, version int, words string) (T, error)

// because takes a step with the reason that was sent.
func because[T any](step stepWith[T]) func(context.Context, *Call, *reasoned) error {
	return func(ctx context.Context, c *Call, in *reasoned) error {
		_, err := step(ctx, c.By, in.ID, c.Version, in.Body.Reason)
		return err
	}
}

// documented is an act on a record under a document.
type documented struct {
	byID
	Body struct {
		Document string `json:"document" doc:"文件|The document"`
	}
}

func under[T any](step stepWith[T]) func(context.Context, *Call, *documented) error {
	return func(ctx context.Context, c *Call, in *documented) error {
		_, err := step(ctx, c.By, in.ID, c.Version, line(in.Body.Document))
		return err
	}
}

// Application is one application of a subject (申报).
type Application struct {
	ID          string             `json:"id" doc:"编号|Its id"`
	Call        string             `json:"call" doc:"通知的编号|Id of the call"`
	Title       string             `json:"title" doc:"称号的编号|Id of the title"`
	Subject     RecognitionSubject `json:"subject" doc:"对象|What is applied for"`
	Office      string             `json:"office" doc:"认定单位的代码|Code of the office that decides"`
	State       string             `json:"state" enum:"draft,submitted,checked,reviewing,scored,public,recognised,refused,withdrawn" doc:"状态|State"`
	Score       int                `json:"score" doc:"平均分，百分之一分；没有评完是 0|Average in hundredths of a point; 0 until all have scored"`
	Spread      int                `json:"spread" doc:"最高分和最低分之差，百分之一分|Highest less lowest, in hundredths"`
	Public      string             `json:"public" doc:"公示开始，没有时为空|Made public on; empty while it is not"`
	PublicTo    string             `json:"public_to" doc:"公示最后一天，没有时为空|Last day of publicity; empty while it is not public"`
	Reason      string             `json:"reason" doc:"退回或不予认定的原因|Why it was given back or refused"`
	SubmittedAt string             `json:"submitted_at" doc:"提交时间，没有时为空|When it was handed in; empty while it was not"`
	UpdatedAt   string             `json:"updated_at" format:"date-time" doc:"修改时间|When it was changed last"`
	Version     int                `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func applicationOf(a recognition.Application) Application {
	return Application{
		ID: a.ID, Call: a.Call, Title: a.Title, Subject: subjectOf(a.Subject), Office: string(a.Office), State: string(a.State),
		Score: a.Score, Spread: a.Spread, Public: a.Public, PublicTo: a.PublicTo, Reason: a.Reason,
		SubmittedAt: instant(a.SubmittedAt), UpdatedAt: instant(a.UpdatedAt), Version: a.Version,
	}
}

// ApplicationDetail is an application with all that its reader may see.
type ApplicationDetail struct {
	Application
	Words      string              `json:"words" doc:"申报单位的说明|The applicant's own account"`
	Values     []AskedValue        `json:"values" doc:"要填的项和填了什么|What is asked for, and what was filled in"`
	Conditions []ConditionAnswer   `json:"conditions" doc:"申报条件逐条的结果|The answer to each condition"`
	Evidence   map[string][]string `json:"evidence" doc:"佐证材料：哪一行，附件的编号|Evidence: ids of files by line"`
	Reviews    []ReviewOf          `json:"reviews" doc:"你能看到的评审|The reviews you may see"`
	Objections []Objection         `json:"objections" doc:"异议|Objections"`
	Files      []File              `json:"files" doc:"附件|Documents"`
	Events     []Happened          `json:"events" doc:"办理经过，早的在前|History, oldest first"`
	Award      string              `json:"award" doc:"认定结果的编号，没有时为空|Id of the award; empty while there is none"`
	Can        []string            `json:"can" doc:"你现在能做什么|What you can do with it now"`
}

// AskedValue is one value that an application is asked for.
type AskedValue struct {
	ID       string    `json:"id" doc:"填写时的名字|Its name when filling in"`
	Name     Bilingual `json:"name" doc:"名称|Name"`
	Unit     Bilingual `json:"unit" doc:"单位|Unit"`
	Flag     bool      `json:"flag" doc:"是不是“是否”：1 是，0 否|Whether it is a yes or no: 1 or 0"`
	Evidence bool      `json:"needs_evidence" doc:"没有佐证材料不算|Whether it counts only with evidence"`
	Optional bool      `json:"optional" doc:"可以不填|Whether it may stay empty"`
	Value    *float64  `json:"value" doc:"填了多少|What was filled in; null for nothing"`
	From     string    `json:"from" doc:"从哪里来：register、ledger；申报单位填的为空|Where it was taken from: register, ledger; empty for the applicant's own"`
	Known    *float64  `json:"known" doc:"申报单位另填时，登记资料或服务记录是多少|What the records say where the applicant entered something else; null otherwise"`
	KnownBy  string    `json:"known_by" doc:"那个数从哪里来：register、ledger|Where that was taken from: register, ledger"`
}

// ConditionAnswer is a condition answered with its reason.
type ConditionAnswer struct {
	ID      string `json:"id" doc:"编号|Its id"`
	Verdict string `json:"verdict" enum:"met,unmet,unknown,judge" doc:"结果|Verdict"`
	Line    string `json:"line" doc:"一句话说明|The reason in a sentence"`
}

// ReviewOf is one reviewer's review.
type ReviewOf struct {
	Person string             `json:"person" doc:"评审专家的编号|Id of the reviewer"`
	Name   string             `json:"name" doc:"姓名；评审专家看同行的为空|Name; empty when a reviewer reads of colleagues"`
	State  string             `json:"state" enum:"assigned,done,recused" doc:"状态|State"`
	Points map[string]float64 `json:"points" doc:"每一行的分，看不到时为空|Points by line; empty while hidden"`
	Words  string             `json:"words" doc:"意见|Opinion"`
	Total  int                `json:"total" doc:"总分，百分之一分|Total in hundredths of a point"`
}

func reviewOf(r recognition.Scoring) ReviewOf {
	out := ReviewOf{r.Person, r.Name, string(r.State), r.Points, r.Words, r.Total}
	if out.Points == nil {
		out.Points = map[string]float64{}
	}
	return out
}

// Objection is what somebody has against a proposal (异议).
type Objection struct {
	ID         string `json:"id" doc:"编号|Its id"`
	By         string `json:"by" doc:"谁提的|Who objects"`
	Words      string `json:"words" doc:"内容|What it says"`
	At         string `json:"at" format:"date-time" doc:"时间|When"`
	Answer     string `json:"answer" doc:"答复，没有时为空|The answer; empty while open"`
	Upheld     bool   `json:"upheld" doc:"异议是否成立|Whether it was upheld"`
	AnsweredAt string `json:"answered_at" doc:"答复时间，没有时为空|When it was answered; empty while open"`
}

// Happened is a line of a record's history (经过).
type Happened struct {
	At   string `json:"at" format:"date-time" doc:"时间|When"`
	Do   string `json:"do" doc:"动作|What was done"`
	From string `json:"from" doc:"之前的状态|State before"`
	To   string `json:"to" doc:"之后的状态|State after"`
	By   string `json:"by" doc:"谁|Who"`
	Note string `json:"note" doc:"说明|Note"`
}

func happened(list []flow.Event) []Happened {
	return each(list, func(e flow.Event) Happened {
		return Happened{instant(e.At), e.Do.Verb(), string(e.From), string(e.To), e.ByName, e.Note}
	})
}

// open are the steps of a lifecycle that are open to the reader.
func open(life flow.Lifecycle, may func(authz.Permission) bool) []string {
	out := []string{}
	for _, step := range life.Steps {
		if verb := step.Do.Verb(); may(step.Do) && !slices.Contains(out, verb) {
			out = append(out, verb)
		}
	}
	return out
}

func (s recognitions) application(ctx context.Context, c *Call, id string) (ApplicationDetail, error) {
	d, err := s.desk.Detail(ctx, c.By, id)
	if err != nil {
		return ApplicationDetail{}, err
	}
	c.Versioned(d.Version)
	c.ages = true // what a reader may do changes with the days of publicity
	out := ApplicationDetail{
		Application: applicationOf(d.Application), Words: d.Words, Evidence: d.Evidence, Reviews: each(d.Reviews, reviewOf),
		Files: filesOf(d.Files), Events: happened(d.History), Award: d.Award, Can: open(recognition.Lifecycle(), d.May),
		Values: each(recognition.Asked(d.In.Criteria), func(a recognition.Ask) AskedValue {
			v := AskedValue{ID: a.ID, Name: Bilingual(a.Name), Unit: Bilingual(a.Unit), Flag: a.Flag, Evidence: a.Evidence, Optional: a.Optional}
			if in, ok := d.Inputs[a.ID]; ok {
				v.Value, v.From, v.Known, v.KnownBy = &in.Value, in.From, in.Known, in.KnownBy
			}
			return v
		}),
		Conditions: each(d.Conditions.Leaves(), func(a criteria.Answer) ConditionAnswer {
			return ConditionAnswer{a.Rule.ID, string(a.Verdict), a.Line(c.Lang)}
		}),
		Objections: each(d.Objections, func(o recognition.Objection) Objection {
			return Objection{o.ID, o.ByName, o.Words, instant(o.At), o.Answer, o.Upheld, instant(o.AnsweredAt)}
		}),
	}
	if out.Evidence == nil {
		out.Evidence = map[string][]string{}
	}
	return out, nil
}

type applicationFill struct {
	byID
	Body struct {
		Values map[string]float64 `json:"values" doc:"填的数，按 values 里的编号；是 1，否 0|Values by id; 1 for yes, 0 for no"`
		Words  string             `json:"words,omitempty" doc:"申报单位的说明|The applicant's own account"`
	}
}

func (s recognitions) fill(ctx context.Context, c *Call, in *applicationFill) error {
	entry := recognition.Entry{Inputs: recognition.Inputs{}, Words: in.Body.Words}
	for id, v := range in.Body.Values {
		entry.Inputs[id] = recognition.Input{Value: v}
	}
	_, err := s.desk.Fill(ctx, c.By, in.ID, c.Version, entry)
	return below(err, "in_", "/values/")
}

// below says where in the body a broken field stands that the domain names with
// a prefix.
func below(err error, prefix, pointer string) error {
	return fault.Renamed(err, func(name string) string {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return pointer + rest
		}
		return name
	})
}

type proving struct {
	byID
	Body struct {
		Line        string   `json:"line" doc:"证明哪一项|The value or rubric line it proves"`
		Files       []string `json:"files,omitempty" doc:"上传得到的 token|Tokens of uploads"`
		RemoveFiles []string `json:"remove_files,omitempty" doc:"移除哪些附件|Ids of documents to take off"`
	}
}

func (s recognitions) prove(ctx context.Context, c *Call, in *proving) error {
	_, err := s.desk.Prove(ctx, c.By, in.ID, c.Version, in.Body.Line, files.Papers{Add: in.Body.Files, Remove: in.Body.RemoveFiles})
	return err
}

type checking struct {
	byID
	Body struct {
		Note string `json:"note,omitempty" doc:"说明|Note"`
	}
}

func (s recognitions) check(ctx context.Context, c *Call, in *checking) error {
	_, err := s.desk.Check(ctx, c.By, in.ID, c.Version, in.Body.Note)
	return err
}

type answering struct {
	byID
	Objection string `path:"objection" doc:"异议的编号|Id of the objection"`
	Body      struct {
		Answer string `json:"answer" doc:"答复|The answer"`
		Upheld bool   `json:"upheld,omitempty" doc:"异议是否成立|Whether it is upheld"`
	}
}

func (s recognitions) answerObjection(ctx context.Context, c *Call, in *answering) error {
	_, err := s.desk.Answer(ctx, c.By, in.ID, c.Version, in.Objection, in.Body.Answer, in.Body.Upheld)
	return err
}

func (s recognitions) decide(ctx context.Context, c *Call, in *documented) error {
	_, _, err := s.desk.Decide(ctx, c.By, in.ID, c.Version, line(in.Body.Document))
	return err
}
