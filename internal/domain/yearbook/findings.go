package yearbook

import (
	"context"

	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// Findings are what a person should look at in the chapter before it is frozen,
// in the order of its figures.
func (s *Service) Findings(ctx context.Context, c *Chapter) ([]indicator.Finding, error) {
	defs, err := s.indicators.Definitions(ctx, s.db, c.Year)
	if err != nil {
		return nil, err
	}
	figures := make([]ledger.Figure, len(c.Figures))
	for i, e := range c.Figures {
		figures[i] = e.Figure
	}
	return indicator.Checks(figures, defs), nil
}

// Published is the chapter that everybody reads: the edition asked for; with 0,
// the newest one, and the draft as long as none is frozen.
func (s *Service) Published(ctx context.Context, place region.Code, year, edition int, lang text.Lang) (*Chapter, error) {
	if edition == 0 {
		editions, err := s.Editions(ctx, place, year)
		if err != nil {
			return nil, err
		}
		if len(editions) == 0 {
			return s.Draft(ctx, place, year, lang)
		}
		edition = editions[0].Edition
	}
	return s.Edition(ctx, place, year, edition, lang)
}
