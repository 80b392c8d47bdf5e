package api

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/domain/recognition"
)

// Reviewer is somebody who could review an application.
type Reviewer struct {
	ID     string `json:"id" doc:"编号|Their id"`
	Name   string `json:"name" doc:"姓名|Name"`
	Tied   string `json:"tied" doc:"为什么不能指派，没有时为空|Why they cannot be assigned; empty when they can"`
	Reason string `json:"reason" doc:"本人申报的利益关系|The tie as they declared it"`
}

func (s recognitions) reviewers(ctx context.Context, c *Call, in *byID) (page[Reviewer], error) {
	list, err := s.desk.Candidates(ctx, c.By, in.ID)
	return pageOf(list, "", func(p recognition.Candidate) Reviewer {
		out := Reviewer{ID: p.ID, Name: p.Name, Reason: p.Reason}
		if p.Tied != "" {
			out.Tied = c.Lang.T(p.Tied)
		}
		return out
	}), err
}

type assigning struct {
	byID
	Body struct {
		Reviewers []string `json:"reviewers" doc:"评审专家的编号|Ids of reviewers"`
	}
}

func (s recognitions) assign(ctx context.Context, c *Call, in *assigning) error {
	_, err := s.desk.Assign(ctx, c.By, in.ID, c.Version, in.Body.Reviewers)
	return err
}

// OwnReview is a review that was assigned to the reader.
type OwnReview struct {
	Application Application `json:"application" doc:"申报|The application"`
	Review      ReviewOf    `json:"review" doc:"你的评审|Your review"`
}

func (s recognitions) reviews(ctx context.Context, c *Call, _ *struct{}) (page[OwnReview], error) {
	if err := c.staffed(recognition.Review); err != nil {
		return page[OwnReview]{}, err
	}
	list, own, err := s.desk.ToReview(ctx, c.By)
	p := page[OwnReview]{Items: []OwnReview{}}
	for _, r := range own {
		if i := slices.IndexFunc(list, func(a recognition.Application) bool { return a.ID == r.Application }); i >= 0 {
			p.Items = append(p.Items, OwnReview{applicationOf(list[i]), reviewOf(r)})
		}
	}
	return p, err
}

type scoring struct {
	byID
	Body struct {
		Points  map[string]float64 `json:"points" doc:"每一行的分|Points by rubric line"`
		Remarks map[string]string  `json:"remarks,omitempty" doc:"每一行的评语|Remarks by rubric line"`
		Words   string             `json:"words" doc:"意见|Opinion as a whole"`
	}
}

func (s recognitions) review(ctx context.Context, c *Call, in *scoring) error {
	_, err := s.desk.Review(ctx, c.By, in.ID, recognition.Opinion{Points: in.Body.Points, Remarks: in.Body.Remarks, Words: in.Body.Words})
	return below(below(err, "in_", "/points/"), "remark_", "/remarks/")
}

func (s recognitions) recuse(ctx context.Context, c *Call, in *reasoned) error {
	_, err := s.desk.Recuse(ctx, c.By, in.ID, in.Body.Reason)
	return err
}

type declaring struct {
	Body struct {
		Party  string `json:"party" doc:"单位的全称；企业也可以写统一社会信用代码|The organisation: its full name, or the credit code of an enterprise"`
		Reason string `json:"reason" doc:"什么关系，2 到 200 个字|What the tie is, 2 to 200 characters"`
	}
}

// declare notes that the reader has a tie to somebody who may apply.
func (s recognitions) declare(ctx context.Context, c *Call, in *declaring) error {
	return s.desk.Declare(ctx, c.By, line(in.Body.Party), in.Body.Reason)
}

type excluding struct {
	byID
	Body struct {
		Person string `json:"person" doc:"评审专家的编号|Id of the reviewer"`
		Reason string `json:"reason" doc:"什么关系或缘故，2 到 200 个字|What the tie or the reason is, 2 to 200 characters"`
		Away   bool   `json:"away,omitempty" doc:"没有利益关系，只是不能按时评审：不记关系|No tie, they only cannot review in time: none is kept"`
	}
}

func (s recognitions) exclude(ctx context.Context, c *Call, in *excluding) error {
	_, err := s.desk.Exclude(ctx, c.By, in.ID, c.Version, in.Body.Person, in.Body.Reason, in.Body.Away)
	return err
}

// Tie is a tie of a reviewer to somebody who may apply.
type Tie struct {
	ID      string `json:"id" doc:"编号|Its id"`
	Person  string `json:"person" doc:"评审专家的编号|Id of the reviewer"`
	Name    string `json:"name" doc:"单位名称|Name of the organisation"`
	Reason  string `json:"reason" doc:"什么关系|What the tie is"`
	Office  string `json:"office" doc:"登记的主管部门的代码，本人申报的为空|Code of the office that noted it; empty when the reviewer declared it"`
	At      string `json:"at" format:"date-time" doc:"什么时候登记的|When it was noted"`
	EndedOn string `json:"ended_on" doc:"哪天终止的，没有终止时为空|Day from which it is past; empty while it holds"`
}

func tieOf(t recognition.Tie) Tie {
	return Tie{t.ID, t.Person, t.Name, t.Reason, string(t.Office), instant(t.At), t.EndedOn}
}

func (s recognitions) ties(ctx context.Context, c *Call, _ *struct{}) (page[Tie], error) {
	list, err := s.desk.OwnTies(ctx, c.By)
	if err != nil {
		return page[Tie]{}, err
	}
	reviewers, err := s.desk.Ties(ctx, c.By)
	for _, r := range reviewers {
		if r.ID != c.By.ID {
			list = append(list, r.Ties...)
		}
	}
	return pageOf(list, "", tieOf), err
}

func (s recognitions) endTie(ctx context.Context, c *Call, in *byID) error {
	return s.desk.EndTie(ctx, c.By, in.ID)
}
