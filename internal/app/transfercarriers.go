package app

import (
	"context"
	"fmt"
	"strconv"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/park/parkweb"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// below is an export that is narrowed to a place and to nothing else.
func below(export func(ctx context.Context, by authz.Actor, at region.Code, put func([]string) error) error,
) func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
	return func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
		return export(ctx, by, f.Region, put)
	}
}

// worded is below for what has words of the reader's language in it.
func worded(export func(ctx context.Context, by authz.Actor, at region.Code, lang text.Lang, put func([]string) error) error,
) func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
	return func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
		return export(ctx, by, f.Region, f.Lang, put)
	}
}

// parks are the tables of parks, and of the titles that they and others hold.
func (a *App) parks() []xfer.Kind {
	return []xfer.Kind{
		{
			Table: park.Table(), MayImport: park.Register, Import: a.Park.Import, MayExport: park.See,
			Export: func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
				return a.Park.Export(ctx, by, parksOf(f), put)
			},
			Narrows: []string{"text"},
		},
		{
			Table: park.HouseTable(), MayImport: park.SetBuilding, Import: a.Park.ImportHouses, MayExport: park.See,
			Export: func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
				return a.Park.ExportHouses(ctx, by, parksOf(f), put)
			},
			Narrows: []string{"text"},
		},
		{
			Table: park.TenantTable(), MayImport: park.Enter, Import: a.Park.ImportTenants, MayExport: park.See,
			Export: func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
				return a.Park.ExportTenants(ctx, by, park.TenantFilter{Place: f.Region, Year: f.Year}, put)
			},
			Narrows: []string{"year"},
		},
		{
			Table: park.PlanTable(), MayImport: park.SubmitPlan, Import: a.Park.ImportPlans, MayExport: park.SeePlan,
			Export: worded(a.Park.ExportPlans),
		},
		{
			Table: recognition.Table(), MayImport: recognition.Decide, Import: a.Recognition.Import, MayExport: recognition.See,
			Export: func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
				return a.Recognition.Export(ctx, by, f.Region, f.List.Get("q"), put)
			},
			Narrows: []string{"text"},
		},
	}
}

// technology are the tables of technology platforms and what belongs to them.
func (a *App) technology() []xfer.Kind {
	return []xfer.Kind{
		{
			Table: techplatform.BaseTable(), MayImport: techplatform.SetBase, Import: a.Technology.ImportBases, MayExport: techplatform.See,
			Export: below(a.Technology.ExportBases),
		},
		{
			Table: techplatform.PlatformTable(), MayImport: techplatform.Register, Import: a.Technology.ImportPlatforms, MayExport: techplatform.See,
			Export: worded(a.Technology.ExportPlatforms),
		},
		{
			Table: techplatform.FounderTable(), MayImport: techplatform.Edit, Import: a.Technology.ImportFounders, MayExport: techplatform.See,
			Export: below(a.Technology.ExportFounders),
		},
		{
			Table: techplatform.LinkTable(), MayImport: techplatform.SetBase, Import: a.Technology.ImportLinks, MayExport: techplatform.See,
			Export: below(a.Technology.ExportLinks),
		},
		{
			Table: techplatform.OfferingTable(), MayImport: techplatform.SetService, Import: a.Technology.ImportOfferings, MayExport: techplatform.See,
			Export: worded(a.Technology.ExportOfferings),
		},
		{
			Table: techplatform.InstrumentTable(), MayImport: techplatform.SetInstrument, Import: a.Technology.ImportInstruments, MayExport: techplatform.See,
			Export: worded(a.Technology.ExportInstruments),
		},
		{
			Table: techplatform.WorkTable(), MayImport: techplatform.RecordWork, Import: a.Technology.ImportWorks, MayExport: techplatform.See,
			Export: func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
				within := techplatform.WorkFilter{Region: f.Region}
				if f.Year != 0 {
					within.From, within.To = fmt.Sprintf("%d-01-01", f.Year), fmt.Sprintf("%d-12-31", f.Year)
				}
				return a.Technology.ExportWorks(ctx, by, within, put)
			},
			Narrows: []string{"year"},
		},
		{
			Table: techplatform.PatentTable(), MayImport: techplatform.KeepPatent, Import: a.Technology.ImportPatents, MayExport: techplatform.SeePatent,
			Export: func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
				return a.Technology.ExportPatents(ctx, by, techplatform.PatentFilter{Region: f.Region, Text: f.List.Get("q")}, f.Lang, put)
			},
			Narrows: []string{"text"},
		},
		{
			Table: techplatform.NoticeTable(), MayImport: techplatform.EnterNotice, Import: a.Technology.ImportNotices, MayExport: techplatform.SeeNotice,
			Export: func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
				return a.Technology.ExportNotices(ctx, by, techplatform.NoticeFilter{Region: f.Region, Text: f.List.Get("q")}, put)
			},
			Narrows: []string{"text"},
		},
		{
			Table: techplatform.ProductTable(), MayImport: techplatform.ConfirmProduct, Import: a.Technology.ImportProducts, MayExport: techplatform.SeeProduct,
			Export: func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
				return a.Technology.ExportProducts(ctx, by, techplatform.ProductFilter{Region: f.Region, Text: f.List.Get("q")}, put)
			},
			Narrows: []string{"text"},
		},
	}
}

// guarantees are the tables of guarantors, pools and contracts.
func (a *App) guarantees() []xfer.Kind {
	return []xfer.Kind{
		{
			Table: guarantee.BookTable(), MayImport: guarantee.Confirm, Import: a.Guarantee.ImportBooks, MayExport: guarantee.See,
			Export: below(a.Guarantee.ExportBooks),
		},
		{
			Table: guarantee.StandingTable(), MayImport: guarantee.Confirm, Import: a.Guarantee.ImportStandings, MayExport: guarantee.See,
			Export: below(a.Guarantee.ExportStandings),
		},
		{
			Table: guarantee.CapitalTable(), MayImport: guarantee.Keep, Import: a.Guarantee.ImportCapital, MayExport: guarantee.See,
			Export: below(a.Guarantee.ExportCapital),
		},
		{
			Table: guarantee.StatementTable(), MayImport: guarantee.Keep, Import: a.Guarantee.ImportStatements, MayExport: guarantee.See,
			Export: below(a.Guarantee.ExportStatements),
		},
		{
			Table: guarantee.OutletTable(), MayImport: guarantee.Keep, Import: a.Guarantee.ImportOutlets, MayExport: guarantee.See,
			Export: below(a.Guarantee.ExportOutlets),
		},
		{
			Table: guarantee.BankTable(), MayImport: guarantee.Keep, Import: a.Guarantee.ImportBanks, MayExport: guarantee.See,
			Export: below(a.Guarantee.ExportBanks),
		},
		{
			Table: guarantee.MemberTable(), MayImport: guarantee.Join, Import: a.Guarantee.ImportMembers, MayExport: guarantee.See,
			Export: below(a.Guarantee.ExportMembers),
		},
		{
			Table: guarantee.Table(), MayImport: guarantee.Import, Import: a.Guarantee.ImportContracts, MayExport: guarantee.See,
			Export: func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
				within := guarantee.Filter{Region: f.Region}
				if f.Year != 0 {
					within.Year = strconv.Itoa(f.Year)
				}
				return a.Guarantee.Export(ctx, by, within, f.Lang, put)
			},
			Narrows: []string{"year"},
		},
	}
}

// parksOf are the parks that an export is narrowed to.
func parksOf(f xfer.Filter) park.Filter {
	if f.List != nil {
		return parkweb.FilterOf(f.List)
	}
	return park.Filter{Region: f.Region}
}
