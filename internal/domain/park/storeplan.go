package park

import (
	"context"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

const planColumns = `p.id, p.region, p.year, p.title, p.land, p.floor_area, p.parks, p.body, p.state, p.round, p.submitted_by, p.submitted_on,
	p.approved_on, p.document, p.version`

type planRow struct {
	ID        string      `db:"id"`
	Region    region.Code `db:"region"`
	Year      int         `db:"year"`
	Title     string      `db:"title"`
	Land      int64       `db:"land"`
	FloorArea int64       `db:"floor_area"`
	Parks     int         `db:"parks"`
	Text      string      `db:"body"`
	State     flow.State  `db:"state"`
	Round     int         `db:"round"`
	By        string      `db:"submitted_by"`
	Submitted string      `db:"submitted_on"`
	Approved  string      `db:"approved_on"`
	Document  string      `db:"document"`
	Version   int         `db:"version"`
}

func (r *planRow) plan() Plan {
	return Plan{
		ID: r.ID, Region: r.Region, Year: r.Year, Title: r.Title, Land: r.Land, FloorArea: r.FloorArea, Parks: r.Parks, Text: r.Text,
		State: r.State, Round: r.Round, By: r.By, Submitted: r.Submitted, Approved: r.Approved, Document: r.Document, Version: r.Version,
	}
}

// onePlan is the plan with its opinions, if the scope reaches it.
func onePlan(ctx context.Context, r db.Reader, s authz.Scope, id string) (Plan, error) {
	where, args := s.SQL(authz.Columns{Region: "p.region"})
	var got planRow
	if err := r.Get(ctx, &got, `SELECT `+planColumns+` FROM park_plan p WHERE p.id = ? AND `+where, append([]any{id}, args...)...); err != nil {
		return Plan{}, err
	}
	p := got.plan()
	var rows []struct {
		ID      string  `db:"id"`
		Round   int     `db:"round"`
		Expert  string  `db:"expert"`
		Post    string  `db:"post"`
		Verdict Verdict `db:"verdict"`
		Words   string  `db:"words"`
		By      string  `db:"noted_by"`
		At      int64   `db:"noted_at"`
	}
	err := r.Select(ctx, &rows, `SELECT id, round, expert, post, verdict, words, noted_by, noted_at FROM park_opinion WHERE plan_id = ? ORDER BY round, id`, id)
	for _, o := range rows {
		p.Opinions = append(p.Opinions, Opinion{
			ID: o.ID, Round: o.Round, Expert: o.Expert, Post: o.Post, Verdict: o.Verdict, Words: o.Words, At: db.Time(o.At), by: o.By,
		})
	}
	return p, err
}

func insertPlan(ctx context.Context, tx *db.Tx, p *Plan) error {
	return tx.InsertAll(ctx, `INSERT INTO park_plan (id, region, year, title, land, floor_area, parks, body, state, round, submitted_by,
		submitted_on, approved_on, document, slot, version)`, 16, []any{
		p.ID, string(p.Region), p.Year, p.Title, p.Land, p.FloorArea, p.Parks, p.Text, string(p.State), p.Round, p.By,
		p.Submitted, p.Approved, p.Document, string(p.Region) + "/" + strconv.Itoa(p.Year), p.Version,
	})
}

func updatePlan(ctx context.Context, tx *db.Tx, p *Plan) error {
	err := tx.ExecOne(ctx, `UPDATE park_plan SET title = ?, land = ?, floor_area = ?, parks = ?, body = ?, state = ?, round = ?, submitted_by = ?,
		submitted_on = ?, approved_on = ?, document = ?, slot = CASE WHEN ? = 'withdrawn' THEN '' ELSE slot END, version = version + 1 WHERE id = ? AND version = ?`,
		p.Title, p.Land, p.FloorArea, p.Parks, p.Text, string(p.State), p.Round, p.By, p.Submitted, p.Approved, p.Document,
		string(p.State), p.ID, p.Version)
	if err == nil {
		p.Version++
	}
	return err
}

func insertOpinion(ctx context.Context, tx *db.Tx, plan string, o *Opinion) error {
	return tx.InsertAll(ctx, `INSERT INTO park_opinion (id, plan_id, round, expert, post, verdict, words, noted_by, noted_at)`, 9,
		[]any{o.ID, plan, o.Round, o.Expert, o.Post, string(o.Verdict), o.Words, o.by, db.Millis(o.At)})
}
