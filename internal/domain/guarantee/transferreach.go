package guarantee

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/xfer"
)

// OutletTable is the outlets of guarantors by town as a spreadsheet (担保网点).
func OutletTable() *xfer.Table {
	return &xfer.Table{Name: "guarantor-outlet", Title: "guarantee.table.outlet", Columns: []xfer.Column{
		{Key: "guarantor", Label: "guarantee.column.guarantor", Required: true, Example: "射阳县中小企业信用担保中心"},
		{Key: "town", Label: "guarantee.column.town", Type: xfer.Place, Required: true, Example: "320924101"},
		{Key: "from", Label: "guarantee.column.open_from", Type: xfer.Date, Required: true, Example: "2006-01-01"},
		{Key: "to", Label: "guarantee.column.open_to", Type: xfer.Date, Hint: "guarantee.column.to_hint"},
	}}
}

// BankTable is the banks that guarantors work with as a spreadsheet (合作银行).
func BankTable() *xfer.Table {
	return &xfer.Table{Name: "guarantor-bank", Title: "guarantee.table.bank", Columns: []xfer.Column{
		{Key: "guarantor", Label: "guarantee.column.guarantor", Required: true, Example: "射阳县中小企业信用担保中心"},
		{Key: "bank", Label: "guarantee.column.partner", Required: true, Example: "射阳县农村合作银行"},
		{Key: "line", Label: "guarantee.column.line", Type: xfer.Money, Example: "200000000"},
		{Key: "from", Label: "guarantee.column.agreed_from", Type: xfer.Date, Required: true, Example: "2006-01-01"},
		{Key: "to", Label: "guarantee.column.agreed_to", Type: xfer.Date, Hint: "guarantee.column.to_hint"},
	}}
}

// outletLine is what a row of OutletTable says.
type outletLine struct {
	name string
	Outlet
}

// ImportOutlets lands rows of OutletTable as an actor (导入担保网点), each as
// SetOutlets does with the others as they are.
func (s *Service) ImportOutlets(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	return steps(s, by, Keep, func(r *xfer.Row) outletLine {
		l := outletLine{r.Text("guarantor"), Outlet{Town: r.Place("town"), From: r.Day("from"), To: r.Day("to")}}
		r.Keys = []string{l.name + "\x00" + string(l.Town)}
		return l
	}, (*Service).takeOutlet)
}

func (s *Service) takeOutlet(ctx context.Context, by authz.Actor, r *xfer.Row, l outletLine) error {
	g, err := s.named(ctx, by, Keep, r, l.name)
	if err != nil {
		return err
	}
	all, err := outlets(ctx, s.db, g.ID)
	if err != nil {
		return err
	}
	all, n := xfer.Into(r, all, l.Outlet, func(o Outlet) bool { return o.Town == l.Town }, func(next *Outlet, was Outlet) {
		r.Keep(map[string]func(){"to": func() { next.To = was.To }})
	})
	if r.Outcome == xfer.Unchanged {
		return nil
	}
	_, err = s.SetOutlets(ctx, by, g.ID, g.Version, all)
	return fault.OfItem(err, "outlets", n, "town")
}

// ExportOutlets writes the outlets of the guarantors within the actor's reach
// (导出担保网点).
func (s *Service) ExportOutlets(ctx context.Context, by authz.Actor, at region.Code, write func(cells []string) error) error {
	return eachBook(ctx, s, by, at, outletsOf, func(g *Guarantor, all []Outlet) error {
		for _, o := range all {
			if err := write([]string{g.Name, string(o.Town), o.From, o.To}); err != nil {
				return err
			}
		}
		return nil
	})
}

// bankLine is what a row of BankTable says.
type bankLine struct {
	name string
	Partner
}

// ImportBanks lands rows of BankTable as an actor (导入合作银行), each as SetBanks does
// with the others as they are.
func (s *Service) ImportBanks(_ context.Context, by authz.Actor) (xfer.Importer, error) {
	return steps(s, by, Keep, func(r *xfer.Row) bankLine {
		l := bankLine{r.Text("guarantor"), Partner{Name: r.Text("bank"), Line: r.Amount("line"), From: r.Day("from"), To: r.Day("to")}}
		r.Keys = []string{l.name + "\x00" + l.Name}
		return l
	}, (*Service).takeBank)
}

func (s *Service) takeBank(ctx context.Context, by authz.Actor, r *xfer.Row, l bankLine) error {
	g, err := s.named(ctx, by, Keep, r, l.name)
	if err != nil {
		return err
	}
	known, err := institution.Named(ctx, s.db, authz.Unbounded("a guarantor names its banks"), ledgerDay(s.today()), l.Name)
	if err != nil {
		return err
	}
	if l.Bank = known[l.Name].ID; !slices.Contains(known[l.Name].Kinds, institution.Bank) && !r.Bad.Has("bank") {
		r.Break("bank", "guarantee.import.bank", "name", l.Name)
	}
	all, err := banks(ctx, s.db, g.ID)
	if err != nil {
		return err
	}
	all, n := xfer.Into(r, all, l.Partner, func(p Partner) bool { return p.Bank == l.Bank }, func(next *Partner, was Partner) {
		r.Keep(map[string]func(){"line": func() { next.Line = was.Line }, "to": func() { next.To = was.To }})
	})
	if r.Outcome == xfer.Unchanged {
		return nil
	}
	_, err = s.SetBanks(ctx, by, g.ID, g.Version, all)
	return fault.OfItem(err, "banks", n, "bank")
}

// ExportBanks writes the banks that the guarantors within the actor's reach work
// with (导出合作银行).
func (s *Service) ExportBanks(ctx context.Context, by authz.Actor, at region.Code, write func(cells []string) error) error {
	return eachBook(ctx, s, by, at, banksOf, func(g *Guarantor, all []Partner) error {
		for _, p := range all {
			if err := write([]string{g.Name, p.Name, xfer.Amount(p.Line), p.From, p.To}); err != nil {
				return err
			}
		}
		return nil
	})
}
