package indicator

import (
	"context"
	"strconv"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
)

// SealYear settles every figure of a place for a year (定案), or settles it anew.
// The year must be over. From then on its returns and targets, and those of the
// places below, cannot change; late records still move the current value, and
// both are shown. It returns how many figures were settled. once is the form's
// own number, empty without one: sent again, it settles nothing anew.
func (s *Service) SealYear(ctx context.Context, by authz.Actor, place region.Code, year int, once string) (int, error) {
	c := &gate.Change{
		By: by, Do: Seal, On: authz.At(place), Once: once,
		Record: gate.Record{Kind: "indicator_year", ID: string(place) + "-" + strconv.Itoa(year)},
	}
	if err := gate.Check(c); err != nil {
		return 0, err
	}
	if lastDay(year) >= ledger.DateOf(s.db.Now()) {
		return 0, fault.New(fault.Conflict, "indicator.year_not_over", "year", year)
	}
	figures, err := s.Figures(ctx, place, year)
	if err != nil {
		return 0, err
	}
	defs, err := s.Definitions(ctx, s.db, year)
	if err != nil {
		return 0, err
	}
	var seals []ledger.Seal
	for i, f := range figures {
		if f.Exact != nil {
			seals = append(seals, ledger.Seal{
				Period: strconv.Itoa(year), Region: place, Figure: f.ID, Value: f.Exact,
				Definition: int64(defs[i].Version),
			})
		}
	}
	c.Detail = map[string]any{"figures": len(seals)}
	err = s.gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
		_, err := s.ledger.Seal(ctx, tx, seals...)
		return err
	})
	if _, again := gate.Again(err); again {
		settled, err := s.Sealed(ctx, s.db, place, year)
		return len(settled), err
	}
	return len(seals), err
}

// Settled is a figure as it was sealed.
type Settled struct {
	Value *float64
	Issue int
	At    time.Time
}

// Sealed are the settled figures of a place and year by id, empty when the year
// is open.
func (s *Service) Sealed(ctx context.Context, r db.Reader, place region.Code, year int) (map[string]Settled, error) {
	seals, err := s.ledger.Sealed(ctx, r, strconv.Itoa(year), place)
	if err != nil {
		return nil, err
	}
	settled := map[string]Settled{}
	for _, seal := range seals {
		if seal.Region == place {
			settled[seal.Figure] = Settled{Value: seal.Value, Issue: seal.Issue, At: seal.At}
		}
	}
	return settled, nil
}

// refuseSealed is a Conflict when the year is settled for the place or for one
// above it.
func (s *Service) refuseSealed(ctx context.Context, r db.Reader, place region.Code, year int) error {
	closed, err := s.Closed(ctx, r, place, year)
	if err == nil && closed {
		err = fault.New(fault.Conflict, "indicator.sealed", "year", year)
	}
	return err
}

// Closed reports that the year is settled for the place or for one above it.
func (s *Service) Closed(ctx context.Context, r db.Reader, place region.Code, year int) (bool, error) {
	for _, above := range place.Path() {
		settled, err := s.Sealed(ctx, r, above, year)
		if err != nil || len(settled) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}
