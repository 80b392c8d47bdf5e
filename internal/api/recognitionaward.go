package api

import (
	"context"

	"qiban.dev/qiban/internal/domain/recognition"
)

// AwardDetail is an award with its reports and history.
type AwardDetail struct {
	Award
	Reports []AwardReport `json:"reports" doc:"年度报告|Yearly reports"`
	Events  []Happened    `json:"events" doc:"经过，早的在前|History, oldest first"`
	Can     []string      `json:"can" doc:"你现在能做什么|What you can do with it now"`
}

// AwardReport is a holder's report for a year.
type AwardReport struct {
	Year  int    `json:"year" doc:"年份|The year"`
	Words string `json:"words" doc:"内容|What it says"`
	At    string `json:"at" format:"date-time" doc:"时间|When"`
}

func (s recognitions) award(ctx context.Context, c *Call, id string) (AwardDetail, error) {
	d, err := s.desk.Award(ctx, c.By, id)
	if err != nil {
		return AwardDetail{}, err
	}
	c.Versioned(d.Version)
	return AwardDetail{
		Award: awardOf(d.Award), Events: happened(d.History), Can: open(recognition.AwardLifecycle(), d.May),
		Reports: each(d.Reports, func(y recognition.Yearly) AwardReport { return AwardReport{y.Year, y.Words, instant(y.At)} }),
	}, nil
}

type reporting struct {
	byID
	Body struct {
		Year  int    `json:"year" doc:"年份|The year"`
		Words string `json:"words" doc:"内容|What it says"`
	}
}

func (s recognitions) report(ctx context.Context, c *Call, in *reporting) error {
	_, err := s.desk.Report(ctx, c.By, in.ID, c.Version, recognition.Yearly{Year: in.Body.Year, Words: in.Body.Words})
	return err
}
