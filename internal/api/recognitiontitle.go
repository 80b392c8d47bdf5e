package api

import (
	"context"
	"strconv"
	"strings"

	"qiban.dev/qiban/internal/criteria"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/fault"
)

// titleOperations are those of titles (称号) and their criteria (认定标准).
func (s recognitions) titleOperations() []operation {
	return []operation{
		reads("listTitles", "/recognition/titles", words{"称号", "Titles"}, s.titles).public(),
		creates("addTitle", "/recognition/titles", words{"新增称号", "Add a title"}, s.addTitle, s.title).needs(writeRecognition),
		gets("getTitle", "/recognition/titles/{id}", words{"一个称号和它的标准", "One title with its criteria"}, s.title).needs(seeRecognition).
			note("草稿只有维护标准的人看得到。", "Drafts are shown to those who edit criteria only."),
		changes("editTitle", "PUT /recognition/titles/{id}", words{"修改称号", "Change a title"}, s.editTitle, s.title).needs(writeRecognition).matched().
			note("对象不变。", "Its subject stays."),
		changes("draftCriteria", "POST /recognition/titles/{id}/criteria", words{"起草标准", "Draft criteria"}, s.draft, s.title).needs(writeRecognition).
			note("version 是 0 时新起草一版；已经启用的不能改。交回读到的 stamp，别人在此期间改过草稿时答 412。", "Version 0 is a new one; a version in force cannot be changed. Hand back the stamp that was read: 412 when somebody else changed the draft since."),
		changes("dropCriteria", "POST /recognition/titles/{id}/criteria/{number}/drop", words{"删除标准的草稿", "Delete a draft of criteria"}, s.dropCriteria, s.title).needs(writeRecognition),
		changes("publishCriteria", "POST /recognition/titles/{id}/criteria/{number}/publish", words{"启用标准", "Put criteria in force"}, s.publish, s.title).needs(writeRecognition),
	}
}

// RecognitionTitle is what can be awarded (称号).
type RecognitionTitle struct {
	ID        string    `json:"id" doc:"编号|Its id"`
	Name      Bilingual `json:"name" doc:"名称|Name"`
	Subject   string    `json:"subject" doc:"给谁：institution、park 等|Kind of subject: institution, park …"`
	Grade     string    `json:"grade" doc:"等级，可以为空|Grade; may be empty"`
	Below     string    `json:"below" doc:"降级后的等级，没有时为空|Grade after a downgrade; empty for none"`
	Months    int       `json:"months" doc:"有效期，月；0 是长期|Term in months; 0 for no end"`
	Publicity int       `json:"publicity" doc:"公示几个工作日|Working days of publicity"`
	Reviewers int       `json:"reviewers" doc:"至少几位评审专家；0 是不评审|At least so many reviewers; 0 for no review"`
	ReportBy  string    `json:"report_by" doc:"上一年的年度报告几月几日前交，如 03-31；空是不要求|Month and day by which the report of the year before is due, such as 03-31; empty when none is asked for"`
	Recheck   int       `json:"recheck" doc:"到期前几天开始复核|Days before the end of the term from which a re-check is due"`
	Version   int       `json:"version" doc:"版本，即 ETag|Version, the same as the ETag"`
}

func titleOf(t recognition.Title) RecognitionTitle {
	return RecognitionTitle{t.ID, Bilingual(t.Name), t.Subject, t.Grade, t.Below, t.Months, t.Publicity, t.Reviewers, t.ReportBy, t.Recheck, t.Version}
}

// TitleDetail is a title with the versions of its criteria.
type TitleDetail struct {
	RecognitionTitle
	Criteria []Criteria `json:"criteria" doc:"认定标准，新的在前|Versions of its criteria, newest first"`
}

func (s recognitions) titles(ctx context.Context, _ *Call, _ *struct{}) (page[RecognitionTitle], error) {
	list, err := s.desk.Titles(ctx)
	return pageOf(list, "", titleOf), err
}

func (s recognitions) title(ctx context.Context, c *Call, id string) (TitleDetail, error) {
	if err := c.staffed(recognition.See); err != nil {
		return TitleDetail{}, err
	}
	d, err := s.desk.Title(ctx, id)
	if err != nil {
		return TitleDetail{}, err
	}
	c.Versioned(d.Version)
	c.ages = true // a version is drafted and published without a new version of the title
	out := TitleDetail{titleOf(d.Title), []Criteria{}}
	edits := len(c.By.Regions(recognition.EditTitle)) > 0
	for _, set := range d.Versions {
		if published := !d.Drafts[set.Version]; published || edits {
			version := criteriaOf(set, published)
			if !published {
				if version.Stamp, err = set.Stamp(); err != nil {
					return TitleDetail{}, err
				}
			}
			out.Criteria = append(out.Criteria, version)
		}
	}
	return out, nil
}

// TitleBody is what is said of a title.
type TitleBody struct {
	Name      Bilingual `json:"name" doc:"名称|Name"`
	Grade     string    `json:"grade,omitempty" doc:"等级|Grade"`
	Below     string    `json:"below,omitempty" doc:"降级后的等级|Grade after a downgrade"`
	Months    int       `json:"months" doc:"有效期，月；0 是长期|Term in months; 0 for no end"`
	Publicity int       `json:"publicity" doc:"公示几个工作日|Working days of publicity"`
	Reviewers int       `json:"reviewers" doc:"至少几位评审专家；0 是不评审|At least so many reviewers; 0 for no review"`
	ReportBy  string    `json:"report_by" doc:"上一年的年度报告几月几日前交，如 03-31；空是不要求|Month and day by which the report of the year before is due, such as 03-31; empty when none is asked for"`
	Recheck   int       `json:"recheck" doc:"到期前几天开始复核，0 到 366|Days before the end of the term from which a re-check is due, 0 to 366"`
}

func (b TitleBody) title(id, subject string, version int) recognition.Title {
	return recognition.Title{
		ID: id, Name: criteria.Words{Zh: line(b.Name.Zh), En: line(b.Name.En)}, Subject: subject, Below: line(b.Below),
		Terms:    recognition.Terms{Grade: line(b.Grade), Months: b.Months, Publicity: b.Publicity, Reviewers: b.Reviewers},
		ReportBy: line(b.ReportBy), Recheck: b.Recheck, Version: version,
	}
}

type titleNew struct {
	Body struct {
		ID      string `json:"id" doc:"编号，小写字母、数字和点|Its id: lower-case letters, digits and dots"`
		Subject string `json:"subject" doc:"给谁：institution、park 等|Kind of subject: institution, park …"`
		TitleBody
	}
}

func (s recognitions) addTitle(ctx context.Context, c *Call, in *titleNew) (string, error) {
	t, err := s.desk.SetTitle(ctx, c.By, s.home, in.Body.title(in.Body.ID, in.Body.Subject, 0))
	return t.ID, err
}

type titleEdit struct {
	byID
	Body TitleBody
}

func (s recognitions) editTitle(ctx context.Context, c *Call, in *titleEdit) error {
	was, err := s.desk.Title(ctx, in.ID)
	if err != nil {
		return err
	}
	_, err = s.desk.SetTitle(ctx, c.By, s.home, in.Body.title(in.ID, was.Subject, c.Version))
	return err
}

type criteriaDraft struct {
	byID
	Body Criteria
}

func (s recognitions) draft(ctx context.Context, c *Call, in *criteriaDraft) error {
	_, err := s.desk.DraftCriteria(ctx, c.By, s.home, in.ID, in.Body.set(), in.Body.Stamp)
	return pointed(err)
}

// pointed says where in the body each broken field of criteria stands.
func pointed(err error) error {
	return fault.Renamed(err, func(name string) string { return "/" + strings.ReplaceAll(name, ".", "/") })
}

type criteriaVersion struct {
	byID
	Number string `path:"number" doc:"哪一版|Which version"`
}

func (v *criteriaVersion) version() (int, error) {
	n, err := strconv.Atoi(v.Number)
	if err != nil {
		return 0, fault.Missing()
	}
	return n, nil
}

func (s recognitions) publish(ctx context.Context, c *Call, in *criteriaVersion) error {
	n, err := in.version()
	if err != nil {
		return err
	}
	return s.desk.PublishCriteria(ctx, c.By, s.home, in.ID, n)
}

func (s recognitions) dropCriteria(ctx context.Context, c *Call, in *criteriaVersion) error {
	n, err := in.version()
	if err != nil {
		return err
	}
	return s.desk.DropCriteria(ctx, c.By, s.home, in.ID, n)
}

// Criteria is one version of what a title asks for (认定标准).
type Criteria struct {
	Version   int            `json:"version,omitempty" doc:"哪一版；0 是新的|Which version; 0 for a new one"`
	Published bool           `json:"published,omitempty" doc:"是否已经启用，起草时不用写|Whether it is in force; not needed in a draft"`
	Stamp     string         `json:"stamp,omitempty" doc:"草稿内容的标记，修改草稿时原样交回；读的时候才有|Mark of a draft's wording, handed back unchanged with a change; given when it is read"`
	Name      Bilingual      `json:"name" doc:"名称|Name"`
	From      string         `json:"from,omitempty" doc:"从哪天起|First day"`
	To        string         `json:"to,omitempty" doc:"从哪天起不再有效|First day it no longer holds"`
	Source    CriteriaSource `json:"source" doc:"依据|The document that sets it"`
	Rule      *Condition     `json:"rule,omitempty" doc:"申报条件|The conditions"`
	Score     *Rubric        `json:"score,omitempty" doc:"评分表|The rubric"`
}

// CriteriaSource is the document that sets criteria.
type CriteriaSource struct {
	Law     string `json:"law" doc:"文件|The law or document"`
	Number  string `json:"number,omitempty" doc:"文号|Its number"`
	Article string `json:"article,omitempty" doc:"第几条|Article"`
	Grade   string `json:"grade" enum:"A,B,C,M,P" doc:"出处有多可靠：A 原文，B 转引，C 不可靠，M 凭记忆，P 本系统自拟|How well it was read: A text, B quoted, C weak, M memory, P the program's own"`
}

// Condition is one condition, or several combined: all, any, or at least min of.
type Condition struct {
	ID     string          `json:"id,omitempty" doc:"编号|Its id"`
	Name   Bilingual       `json:"name" doc:"名称|Name"`
	Source *CriteriaSource `json:"source,omitempty" doc:"依据，和整体不同时写|The document, when it is another"`
	Op     string          `json:"op,omitempty" doc:"怎么比：>=、>、<=、<、between、in、prefix、flag、judge；合并的不写|How it compares; left out for combined ones"`
	Input  string          `json:"input,omitempty" doc:"比哪个数，不写是编号|The value compared; its id when left out"`
	Need   *float64        `json:"need,omitempty" doc:"界限|Threshold"`
	Upper  *float64        `json:"upper,omitempty" doc:"上限，between 用|Upper end, for between"`
	Than   string          `json:"than,omitempty" doc:"和哪个数比|Another value as the threshold"`
	Among  []string        `json:"among,omitempty" doc:"在这些之中|One of these, for in and prefix"`
	Unit   *Bilingual      `json:"unit,omitempty" doc:"单位|Unit"`
	Kind   string          `json:"kind,omitempty" doc:"是哪种数：count 个数、amount 数量、share 占比、growth 增长；不写按单位|Which numbers it can be: count, amount, share, growth; as the unit says when left out"`
	Most   *float64        `json:"most,omitempty" doc:"最大能填多少，不写按种类|The most that can be entered; by its kind when left out"`
	Met    *Bilingual      `json:"met,omitempty" doc:"符合时的说法|Own sentence when met"`
	Unmet  *Bilingual      `json:"unmet,omitempty" doc:"不符合时的说法|Own sentence when unmet"`
	Ask    *Bilingual      `json:"ask,omitempty" doc:"不知道时的说法|Own sentence when unknown"`
	All    []Condition     `json:"all,omitempty" doc:"都要符合|All of them"`
	Any    []Condition     `json:"any,omitempty" doc:"符合一条就行|Any of them"`
	Of     []Condition     `json:"of,omitempty" doc:"至少符合几条|At least min of them"`
	Min    int             `json:"min,omitempty" doc:"至少几条|How many of them"`
}

// Rubric is a weighted score (评分表).
type Rubric struct {
	Pass     float64         `json:"pass,omitempty" doc:"几分通过，0 是不设|The total that passes; 0 for none"`
	BonusCap float64         `json:"bonus_cap,omitempty" doc:"加分最多几分|The most of all bonus points"`
	Source   *CriteriaSource `json:"source,omitempty" doc:"评分表的依据，和整体不同时写|The document of the rubric, when it is another"`
	Items    []RubricLine    `json:"items" doc:"评分项，权重合计 100|Lines and groups; weights add up to 100"`
}

// RubricLine is one line of a rubric, or a group of lines.
type RubricLine struct {
	ID       string       `json:"id" doc:"编号|Its id"`
	Name     Bilingual    `json:"name" doc:"名称|Name"`
	Guide    *Bilingual   `json:"guide,omitempty" doc:"评分说明|How to score it"`
	Weight   float64      `json:"weight" doc:"权重|Its share of 100"`
	Full     float64      `json:"full,omitempty" doc:"满分，不写是 100|The most points before weighing; 100 when left out"`
	Bands    []Band       `json:"bands,omitempty" doc:"按数给分，高的在前；没有的由评审专家打分|Points by value, highest first; reviewers score lines without"`
	Unit     *Bilingual   `json:"unit,omitempty" doc:"单位|Unit of the value"`
	Kind     string       `json:"kind,omitempty" doc:"是哪种数，同条件|Which numbers the value can be, as in a condition"`
	Most     *float64     `json:"most,omitempty" doc:"最大能填多少，同条件|The most that can be entered, as in a condition"`
	Evidence bool         `json:"evidence,omitempty" doc:"没有佐证材料不算|Counts only with evidence"`
	Bonus    bool         `json:"bonus,omitempty" doc:"是不是加分项|Whether it is a bonus"`
	Floor    float64      `json:"floor,omitempty" doc:"自己至少几分|What it must reach by itself, weighed"`
	Items    []RubricLine `json:"items,omitempty" doc:"这一组的各行|The lines of a group"`
}

// Band gives points from a value on.
type Band struct {
	From   *float64 `json:"from,omitempty" doc:"从多少起，不写是其余的|From this value on; left out for the rest"`
	Points float64  `json:"points" doc:"几分|Points"`
}

func criteriaOf(s *criteria.Set, published bool) Criteria {
	out := Criteria{Version: s.Version, Published: published, Name: Bilingual(s.Name), From: s.From, To: s.To, Source: CriteriaSource(s.Source)}
	if s.Rule != nil {
		rule := conditionOf(*s.Rule)
		out.Rule = &rule
	}
	if s.Score != nil {
		out.Score = &Rubric{s.Score.Pass, s.Score.BonusCap, (*CriteriaSource)(s.Score.Source), each(s.Score.Items, rubricOf)}
	}
	return out
}

func (c Criteria) set() criteria.Set {
	out := criteria.Set{Version: c.Version, Name: criteria.Words(c.Name), From: c.From, To: c.To, Source: criteria.Source(c.Source)}
	if c.Rule != nil {
		rule := c.Rule.rule()
		out.Rule = &rule
	}
	if c.Score != nil {
		out.Score = &criteria.Scorecard{Pass: c.Score.Pass, BonusCap: c.Score.BonusCap, Source: (*criteria.Source)(c.Score.Source), Items: some(c.Score.Items, RubricLine.item)}
	}
	return out
}

func conditionOf(r criteria.Rule) Condition {
	return Condition{
		ID: r.ID, Name: Bilingual(r.Name), Source: (*CriteriaSource)(r.Source), Op: string(r.Op), Input: r.Input, Need: r.Need, Upper: r.Upper,
		Than: r.Than, Among: r.Among, Unit: told(r.Unit), Kind: string(r.Kind), Most: r.Most, Met: (*Bilingual)(r.Met), Unmet: (*Bilingual)(r.Unmet), Ask: (*Bilingual)(r.Ask),
		All: some(r.All, conditionOf), Any: some(r.Any, conditionOf), Of: some(r.Of, conditionOf), Min: r.Min,
	}
}

func (c Condition) rule() criteria.Rule {
	return criteria.Rule{
		ID: c.ID, Name: criteria.Words(c.Name), Source: (*criteria.Source)(c.Source), Op: criteria.Op(c.Op), Input: c.Input, Need: c.Need,
		Upper: c.Upper, Than: c.Than, Among: c.Among, Unit: c.Unit.criterion(), Kind: criteria.Kind(c.Kind), Most: c.Most, Met: (*criteria.Words)(c.Met), Unmet: (*criteria.Words)(c.Unmet),
		Ask: (*criteria.Words)(c.Ask), All: some(c.All, Condition.rule), Any: some(c.Any, Condition.rule), Of: some(c.Of, Condition.rule), Min: c.Min,
	}
}

func rubricOf(it criteria.Item) RubricLine {
	return RubricLine{
		ID: it.ID, Name: Bilingual(it.Name), Guide: told(it.Guide), Weight: it.Weight, Full: it.Full, Unit: told(it.Unit), Kind: string(it.Kind), Most: it.Most,
		Evidence: it.Evidence, Bonus: it.Bonus, Floor: it.Floor, Items: some(it.Items, rubricOf),
		Bands: some(it.Bands, func(b criteria.Band) Band { return Band(b) }),
	}
}

func (l RubricLine) item() criteria.Item {
	return criteria.Item{
		ID: l.ID, Name: criteria.Words(l.Name), Guide: l.Guide.criterion(), Weight: l.Weight, Full: l.Full, Unit: l.Unit.criterion(), Kind: criteria.Kind(l.Kind), Most: l.Most,
		Evidence: l.Evidence, Bonus: l.Bonus, Floor: l.Floor, Items: some(l.Items, RubricLine.item),
		Bands: some(l.Bands, func(b Band) criteria.Band { return criteria.Band(b) }),
	}
}

// told are words that may be missing.
func told(w criteria.Words) *Bilingual {
	if w == (criteria.Words{}) {
		return nil
	}
	b := Bilingual(w)
	return &b
}

func (b *Bilingual) criterion() criteria.Words {
	if b == nil {
		return criteria.Words{}
	}
	return criteria.Words(*b)
}

// some translates a list that is missing when it is empty.
func some[T, D any](list []D, of func(D) T) []T {
	var out []T
	for _, d := range list {
		out = append(out, of(d))
	}
	return out
}
