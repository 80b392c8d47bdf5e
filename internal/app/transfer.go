package app

import (
	"context"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/engagement/engagementweb"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/enterprise/enterpriseweb"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/institution/institutionweb"
	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/xfer"
)

// transfers are every table that goes in or out as a spreadsheet. Of a program
// that is not open they say what there is, and do nothing.
func (a *App) transfers() []xfer.Kind {
	return slices.Concat(a.registers(), a.parks(), a.technology(), a.guarantees())
}

// registers are the tables of enterprises, institutions, figures, needs and places.
func (a *App) registers() []xfer.Kind {
	return []xfer.Kind{
		{
			Table: enterprise.Table(), MayImport: enterprise.Register, Import: a.Enterprise.Import, MayExport: enterprise.View,
			Landed: func(ctx context.Context, tx *db.Tx) error { return a.Jobs.Enqueue(ctx, tx, similarJob, struct{}{}) },
			After:  xfer.Next{Label: "firm.similar.title", Href: enterpriseweb.SimilarPath},
			Export: func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
				return a.Enterprise.Export(ctx, by, firmsOf(f), f.Contacts, put)
			},
			Narrows: []string{"text", "status", "size", "industry", "contacts"},
		},
		{
			Table: enterprise.YearTable(), MayImport: enterprise.Edit, Import: a.Enterprise.ImportYears, MayExport: enterprise.View,
			Export: func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
				return a.Enterprise.ExportYears(ctx, by, firmsOf(f), f.Year, put)
			},
			Narrows: []string{"year", "text", "status", "size", "industry"},
		},
		{
			Table: institution.Table(), MayImport: institution.Register, Import: a.Institution.Import, MayExport: institution.See,
			Export: func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
				within := institution.Filter{Region: f.Region, Ended: true}
				if f.List != nil {
					within = institutionweb.FilterOf(f.List)
					within.Ended = f.List.Get("ended") != ""
				}
				return a.Institution.Export(ctx, by, within, f.Contacts, put)
			},
			Narrows: []string{"text", "theme", "tier", "demonstration", "institution_kind", "open", "contacts"},
		},
		{
			Table: indicator.ReturnTable(), MayImport: indicator.Fill, Import: a.Indicator.ImportReturns,
			MayExport: indicator.View, Export: a.Indicator.ExportReturns, Narrows: []string{"year"},
		},
		{
			Table: indicator.TargetTable(), MayImport: indicator.Target, Import: a.Indicator.ImportTargets,
			MayExport: indicator.View, Export: a.Indicator.ExportTargets, Narrows: []string{"year"},
		},
		{
			Table: engagement.Table(), MayExport: engagement.See,
			Export: func(ctx context.Context, by authz.Actor, f xfer.Filter, put func([]string) error) error {
				within := engagement.Filter{Region: f.Region, Ended: true}
				if f.List != nil {
					within = engagementweb.FilterOf(f.List)
					within.Ended = f.List.Get("open") == ""
				}
				return a.Engagement.Export(ctx, by, within, f.Year, put)
			},
			Narrows: []string{"year", "text", "theme", "state", "open"},
		},
		{
			Table: territory.Table(), MayExport: indicator.View, // places are public; the desk is for those in an office
			Export: func(ctx context.Context, _ authz.Actor, f xfer.Filter, put func([]string) error) error {
				return a.Territory.Export(ctx, f.Region, put)
			},
		},
	}
}

// firmsOf are the enterprises that an export is narrowed to.
func firmsOf(f xfer.Filter) enterprise.Filter {
	if f.List != nil {
		return enterpriseweb.FilterOf(f.List)
	}
	return enterprise.Filter{Region: f.Region}
}

// transferHooks are what the desk of imports asks of the program.
func (a *App) transferHooks() xfer.Hooks {
	return xfer.Hooks{
		Kinds: a.transfers, Actor: a.Account.ActorOf, Places: a.placeNames,
		Enqueue: func(ctx context.Context, tx *db.Tx, job, run string) error {
			return a.Jobs.Enqueue(ctx, tx, job, transferArgs{run})
		},
	}
}

// transferArgs are the arguments of the jobs of an import.
type transferArgs struct {
	Run string `json:"run"`
}

func (a *App) transferJob(ctx context.Context, args transferArgs) error {
	return a.Transfer.Work(ctx, args.Run)
}

// transfer is a kind with this program's services behind it.
func (a *App) transfer(k xfer.Kind) xfer.Kind {
	all := a.transfers()
	return all[slices.IndexFunc(all, func(own xfer.Kind) bool { return own.Table.Name == k.Table.Name })]
}

// placeNames finds places of today by the name of one alone (合德镇), or with
// its county before it (射阳县合德镇).
func (a *App) placeNames(ctx context.Context) (xfer.Places, error) {
	tree, err := a.Territory.Tree(ctx)
	if err != nil {
		return nil, err
	}
	today := string(ledger.DateOf(a.DB.Now()))
	codes := map[string]region.Code{}
	note := func(name string, code region.Code) {
		if other, twice := codes[name]; twice && other != code {
			code = "" // more than one place has it
		}
		codes[name] = code
	}
	var walk func(of region.Code, above string)
	walk = func(of region.Code, above string) {
		for _, p := range tree.Children(of, today) {
			note(p.Name, p.Code)
			if above != "" {
				note(above+p.Name, p.Code)
			}
			walk(p.Code, p.Name)
		}
	}
	walk("", "")
	return func(name string) region.Code { return codes[name] }, nil
}

// operator is who a command acts as: the program itself, within one place.
func operator(place region.Code) authz.Actor {
	return authz.Actor{Kind: authz.Job, ID: "command line", Name: "command line", Grants: []authz.Grant{{
		Role:   authz.Role{Name: "command line", Permissions: slices.Concat(looking(), desk(), returning(), deciding())},
		Region: place,
	}}}
}
