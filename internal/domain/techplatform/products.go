package techplatform

import (
	"context"
	"io"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
)

// productProcess is how new products are kept and go on.
var productProcess = flow.Process[Product]{
	Kept: gate.Kept[Product]{
		Kind: ProductKind, See: SeeProduct, Load: oneProduct, Save: updateProduct, Target: (*Product).view, On: (*Product).on,
		Version: func(p *Product) int { return p.Version },
	},
	Life: productLife, State: func(p *Product) *flow.State { return &p.State },
}

// ApplyProduct asks for a new product of an enterprise to be confirmed (申请新产品
// 鉴定), with at least one paper of evidence. An enterprise that the actor does
// not speak for is NotFound; patents have to be the enterprise's own on file.
// once is the request's idempotency key.
func (s *Service) ApplyProduct(ctx context.Context, by authz.Actor, firm enterprise.ID, in ProductProfile, papers files.Papers, once string) (Product, error) {
	of, err := s.speaks(ctx, by, ApplyProduct, authz.Party{Kind: authz.Enterprise, ID: string(firm)})
	if err != nil {
		return Product{}, err
	}
	f := in.check(s.industry)
	if len(papers.Add) == 0 {
		f.Add(files.Field, "techproduct.field.papers")
	}
	if err := f.Err(); err != nil {
		return Product{}, err
	}
	p := Product{ID: db.NewID(), ProductProfile: in, Enterprise: of.ID, Applicant: of.Name, Region: of.Region, State: ProductApplied, Version: 1}
	c := gate.Change{By: by, Do: ApplyProduct, On: sideOf(of.Party), Once: once, Record: gate.Record{Kind: ProductKind, ID: p.ID}}
	err = s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if p.Number, err = nextNumber(ctx, tx, productNumber); err != nil {
			return err
		}
		p.AppliedOn, p.Since, p.UpdatedAt = flow.DayOf(tx.Now), tx.Now, tx.Now
		if err := p.ownPatents(ctx, tx); err != nil {
			return err
		}
		if err := insertProduct(ctx, tx, &p); err != nil {
			return err
		}
		c.Detail = map[string]any{"number": p.Number, "files": len(papers.Add)}
		if err := s.hooks.Files.Apply(ctx, tx, &gate.Change{By: by, Do: ApplyProduct, On: c.On}, p.papers(), papers); err != nil {
			return err
		}
		if err := flow.Note(ctx, tx, c.Record, flow.Began(by, ApplyProduct, ProductApplied, "")); err != nil {
			return err
		}
		return s.tell(ctx, tx, &p, CheckProduct, "techproduct.told.applied")
	})
	if id, again := gate.Again(err); again {
		return oneProduct(ctx, s.db, by.Scope(ApplyProduct), id)
	}
	return p, err
}

// productNumber begins the numbers of new products.
const productNumber = "XP"

// papers is where the evidence hangs.
func (p *Product) papers() files.To {
	return files.To{Record: gate.Record{Kind: ProductKind, ID: p.ID}, Owner: authz.Party{Kind: authz.Enterprise, ID: p.Enterprise}}
}

// ownPatents refuses patents that are not on file as the enterprise's own.
func (p *Product) ownPatents(ctx context.Context, r db.Reader) error {
	if len(p.Patents) == 0 {
		return nil
	}
	args := []any{p.Enterprise}
	for _, number := range p.Patents {
		args = append(args, number)
	}
	var n int
	err := r.Get(ctx, &n, `SELECT COUNT(*) FROM techplatform_patent WHERE enterprise_id = ? AND number IN (`+db.Marks(len(p.Patents))+`)`, args...)
	if err == nil && n < len(p.Patents) {
		err = fault.Fields{{Name: "patents", Key: "techproduct.field.own"}}.Err()
	}
	return err
}

// message is a word about the product.
func (p *Product) message(key string, args ...any) Message {
	return Message{
		Key: key, Record: gate.Record{Kind: ProductKind, ID: p.ID}, Args: append([]any{"name", p.Name, "enterprise", p.Applicant}, args...),
	}
}

func (s *Service) takeProduct(ctx context.Context, by authz.Actor, id string, version int, m flow.Move, told authz.Permission, key string,
	fn func(ctx context.Context, tx *db.Tx, p *Product) error,
) (Product, error) {
	return productProcess.Take(ctx, s.gate, by, id, version, m, func(ctx context.Context, tx *db.Tx, p *Product) error {
		p.Since = tx.Now
		if fn != nil {
			if err := fn(ctx, tx, p); err != nil {
				return err
			}
		}
		if key == "" {
			return nil
		}
		return s.tell(ctx, tx, p, told, key, "reason", m.Note, "grade", p.GradeName.Name)
	})
}

// ReviseProduct corrects what was returned, with papers brought or taken off, and
// applies again (补正后重新申请).
func (s *Service) ReviseProduct(ctx context.Context, by authz.Actor, id string, version int, in ProductProfile, papers files.Papers) (Product, error) {
	f := in.check(s.industry)
	m := flow.Move{Do: ReviseProduct, Detail: map[string]any{"files": len(papers.Add)}}
	return s.takeProduct(ctx, by, id, version, m, CheckProduct, "techproduct.told.applied", func(ctx context.Context, tx *db.Tx, p *Product) error {
		if err := f.Err(); err != nil {
			return err
		}
		p.ProductProfile = in
		if err := p.ownPatents(ctx, tx); err != nil {
			return err
		}
		if err := s.hooks.Files.Apply(ctx, tx, &gate.Change{By: by, Do: ReviseProduct, On: p.on(ReviseProduct)}, p.papers(), papers); err != nil {
			return err
		}
		left, err := files.Of(ctx, tx, p.papers().Record)
		if err == nil && len(left) == 0 {
			err = fault.Fields{{Name: files.Field, Key: "techproduct.field.papers"}}.Err()
		}
		return err
	})
}

// CheckProduct passes the county's review (县审核通过).
func (s *Service) CheckProduct(ctx context.Context, by authz.Actor, id string, version int) (Product, error) {
	return s.takeProduct(ctx, by, id, version, flow.Move{Do: CheckProduct}, ForwardProduct, "techproduct.told.checked", nil)
}

// ForwardProduct passes the city's review and puts the product before the province
// (市审核通过并报省).
func (s *Service) ForwardProduct(ctx context.Context, by authz.Actor, id string, version int) (Product, error) {
	return s.takeProduct(ctx, by, id, version, flow.Move{Do: ForwardProduct}, ReviseProduct, "techproduct.told.forwarded", nil)
}

// ReturnProduct sends an application back with a reason (退回补正): the county, the
// city, or the city on behalf of the province.
func (s *Service) ReturnProduct(ctx context.Context, by authz.Actor, id string, version int, reason string) (Product, error) {
	return s.reasoned(ctx, by, id, version, ReturnProduct, reason, "techproduct.told.returned")
}

// RefuseProduct enters that the province did not confirm it (未通过鉴定), and why.
func (s *Service) RefuseProduct(ctx context.Context, by authz.Actor, id string, version int, reason string) (Product, error) {
	return s.reasoned(ctx, by, id, version, RefuseProduct, reason, "techproduct.told.refused")
}

// ReopenProduct takes an answer back that was entered wrongly (撤销结论), with a
// reason; what it counted is taken back with it.
func (s *Service) ReopenProduct(ctx context.Context, by authz.Actor, id string, version int, reason string) (Product, error) {
	return s.reasoned(ctx, by, id, version, ReopenProduct, reason, "techproduct.told.reopened")
}

func (s *Service) reasoned(ctx context.Context, by authz.Actor, id string, version int, do authz.Permission, reason, key string) (Product, error) {
	broken := fault.NoReason(&reason)
	m := flow.Move{Do: do, Note: reason, Detail: map[string]any{"reason": reason}}
	return s.takeProduct(ctx, by, id, version, m, ReviseProduct, key, func(ctx context.Context, tx *db.Tx, p *Product) error {
		if broken != nil {
			return broken
		}
		p.Finding = Finding{}
		return s.ledger.Restate(ctx, tx, ledger.Record{Kind: ProductKind, ID: id})
	})
}

// ConfirmProduct enters the province's answer (省鉴定结论): from its day on the
// product counts, and everybody sees it. A grade that is not in use is Invalid.
func (s *Service) ConfirmProduct(ctx context.Context, by authz.Actor, id string, version int, in Finding) (Product, error) {
	m := flow.Move{Do: ConfirmProduct, Detail: map[string]any{"grade": in.Grade, "certificate": in.Certificate, "on": in.On}}
	return s.takeProduct(ctx, by, id, version, m, ReviseProduct, "techproduct.told.confirmed", func(ctx context.Context, tx *db.Tx, p *Product) error {
		g, err := oneGrade(ctx, tx, in.Grade)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := in.check(p.AppliedOn, flow.DayOf(tx.Now), err == nil && !g.Ended); err != nil {
			return err
		}
		p.Finding, p.GradeName = in, g
		return s.countProduct(ctx, tx, p)
	})
}

// countProduct tells the ledger of the province's answer.
func (s *Service) countProduct(ctx context.Context, tx *db.Tx, p *Product) error {
	return s.ledger.Restate(ctx, tx, ledger.Record{Kind: ProductKind, ID: p.ID}, ledger.Fact{
		Stream: streamProduct, OccurredOn: ledger.Date(p.On), Region: p.Region, Enterprise: p.Enterprise,
		Subject: ledger.Subject{Kind: ProductKind, ID: p.ID}, Dims: [ledger.Dims]string{p.Grade}, Quantity: 1,
	})
}

// DropProduct takes an application back (撤回).
func (s *Service) DropProduct(ctx context.Context, by authz.Actor, id string, version int) (Product, error) {
	return s.takeProduct(ctx, by, id, version, flow.Move{Do: DropProduct}, "", "", nil)
}

// OpenProductFile opens a paper for those who see the application; Close the
// reader. The enterprise reads it freely, everybody else leaves a trace. Not
// there, or not the actor's to see, is NotFound.
func (s *Service) OpenProductFile(ctx context.Context, by authz.Actor, id, file string) (files.File, io.ReadSeekCloser, error) {
	p, err := oneProduct(ctx, s.db, by.Scope(SeeProduct), id)
	if err != nil {
		return files.File{}, nil, err
	}
	at := p.papers()
	f, err := files.Get(ctx, s.db, at.Record, file)
	if err != nil {
		return files.File{}, nil, err
	}
	if by.May(SeeProduct, sideOf(at.Owner)) {
		return s.hooks.Files.Reveal(ctx, f, nil)
	}
	return s.hooks.Files.Reveal(ctx, f, &gate.Change{By: by, Do: SeeProduct, On: p.view(), Record: at.Record})
}

// SetGrade adds an answer that the province may give, or changes the one with the
// grade's id that was read at its version. What was found before keeps its grade.
func (s *Service) SetGrade(ctx context.Context, by authz.Actor, at authz.Target, g Grade) (Grade, error) {
	broken := g.check()
	fresh := g.ID == ""
	if fresh {
		g.ID = db.NewID()
	}
	c := gate.Change{
		By: by, Do: SetGrade, On: at, Record: gate.Record{Kind: GradeKind, ID: g.ID}, Detail: map[string]any{"name": g.Name, "ended": g.Ended},
	}
	err := s.gate.Write(ctx, &c, func(ctx context.Context, tx *db.Tx) error {
		if broken != nil {
			return broken
		}
		return putGrade(ctx, tx, &g, fresh)
	})
	if db.Unique(err) {
		err = fault.Fields{{Name: "name", Key: "techproduct.field.grade"}}.Err()
	}
	return g, err
}
