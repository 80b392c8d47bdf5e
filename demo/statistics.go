package demo

import (
	"context"
	"fmt"

	"qiban.dev/qiban/internal/domain/indicator"
)

// statistics sets the year's targets and takes the ten offices' returns of 2007
// and 2008 from filling in to acceptance.
func (l *loader) statistics(ctx context.Context) error {
	lines, err := chapter()
	if err != nil {
		return err
	}
	l.at(on("2008-02-20", 10, 0))
	for _, line := range lines {
		if !line.target {
			continue
		}
		const document = "关于加快构建全市中小企业社会化服务体系建设的意见"
		if err := l.Indicator.SetTarget(ctx, l.official, City, 2008, line.id, line.value, document); err != nil {
			return fmt.Errorf("target %s: %w", line.id, err)
		}
	}
	for _, year := range []int{2007, 2008} {
		if err := l.yearly(ctx, year); err != nil {
			return fmt.Errorf("returns of %d: %w", year, err)
		}
	}
	return nil
}

func (l *loader) yearly(ctx context.Context, year int) error {
	defs, err := indicator.Shipped()
	if err != nil {
		return err
	}
	values, err := sheets(defs, year)
	if err != nil {
		return err
	}
	for _, office := range offices {
		by := l.staff[office]
		l.at(on(fmt.Sprintf("%d-01-05", year+1), 10, 0))
		sheet, err := l.Indicator.Open(ctx, by, office, year)
		if err != nil {
			return err
		}
		if err := l.Indicator.FillIn(ctx, by, sheet.ID, sheet.Version, values[office]); err != nil {
			return fmt.Errorf("%s: %w", office, err)
		}
		if err := l.Indicator.Advance(ctx, by, sheet.ID, sheet.Version+1, indicator.Submit, ""); err != nil {
			return err
		}
		l.at(on(fmt.Sprintf("%d-01-06", year+1), 15, 0))
		if err := l.Indicator.Advance(ctx, l.official, sheet.ID, sheet.Version+2, indicator.Accept, ""); err != nil {
			return err
		}
	}
	return nil
}
