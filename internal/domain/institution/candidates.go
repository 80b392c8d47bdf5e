package institution

import (
	"context"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// Candidate is an institution with one of its services, as a match for a need.
type Candidate struct {
	Institution
	Offering Offering
}

// Candidates are the services on offer, on the day, that reach the place or a
// theme: every service of the theme in the province, and every service meant for
// the place whatever its theme, so that a failed match can be shown too; those
// of one institution alone when only names it. One query; ordered by institution.
func Candidates(ctx context.Context, r db.Reader, theme Theme, at region.Code, day ledger.Date, only ID) ([]Candidate, error) {
	d, span := string(day), at.At(region.Province).Span()
	var rows []struct {
		row
		OfferingID  string `db:"o_id"`
		Theme       Theme  `db:"o_theme"`
		Form        Form   `db:"o_form"`
		OName       string `db:"o_name"`
		Description string `db:"o_description"`
		Regions     string `db:"o_regions"`
		MaxAmount   int64  `db:"o_max_amount"`
		Capacity    int    `db:"o_capacity"`
		Fee         Fee    `db:"o_fee"`
	}
	err := r.Select(ctx, &rows, `SELECT `+institutionColumns+`, o.id AS o_id, o.theme AS o_theme, o.form AS o_form,
		o.name AS o_name, o.description AS o_description, o.regions AS o_regions, o.max_amount AS o_max_amount,
		o.capacity AS o_capacity, o.fee AS o_fee`+fromInstitution+`
		JOIN institution_service o ON o.institution_id = i.id AND o.ended = 0
		WHERE i.region >= ? AND i.region < ? AND i.since <= ? AND (i.ended = '' OR i.ended > ?)
		AND (? = '' OR i.id = ?) ORDER BY i.id, o.id`, d, d, d, d, span.From, span.To, d, d, string(only), string(only))
	if err != nil {
		return nil, err
	}
	var found []Candidate
	for i := range rows {
		x := &rows[i]
		c := Candidate{x.institution(), Offering{
			ID: x.OfferingID, Institution: ID(x.ID), Theme: x.Theme, Form: x.Form, Name: x.OName,
			Description: x.Description, Regions: unlist[region.Code](x.Regions), MaxAmount: x.MaxAmount,
			Capacity: x.Capacity, Fee: x.Fee,
		}}
		if c.Offering.Theme == theme || c.Offering.Serves(at) {
			found = append(found, c)
		}
	}
	return found, nil
}
