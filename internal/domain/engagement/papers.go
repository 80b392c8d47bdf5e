package engagement

import (
	"context"
	"io"
	"slices"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
)

// DeliveryKind is the kind of the record that the documents of a delivery hang on.
const DeliveryKind = "delivery"

// papers is where the documents of what is asked for hang. They count against
// the enterprise; of a founder against the founder, or the office that entered
// somebody without an account.
func (n *Need) papers() files.To {
	to := files.To{Record: gate.Record{Kind: Kind, ID: string(n.ID)}}
	switch {
	case n.Enterprise != "":
		to.Owner = authz.Party{Kind: authz.Enterprise, ID: n.Enterprise}
	case n.Person != "":
		to.Owner = authz.Party{Kind: authz.Person, ID: n.Person}
	default:
		to.Owner = authz.Party{Kind: files.Office, ID: string(n.Office)}
	}
	return to
}

// papers is where the reports of a delivery hang.
func (d *Delivery) papers() files.To {
	return files.To{
		Record: gate.Record{Kind: DeliveryKind, ID: d.ID},
		Owner:  authz.Party{Kind: authz.Institution, ID: string(d.Institution)},
	}
}

// change is the step under whose right its documents come and go.
func change(by authz.Actor, n *Need, do authz.Permission) *gate.Change {
	return &gate.Change{By: by, Do: do, On: on(n, do)}
}

// papered are the records whose documents the reader of a detail sees. What the
// one who asked has brought is for the office and the institution in charge: one
// that is only asked decides by the words.
func (d *Detail) papered(by authz.Actor) []gate.Record {
	var all []gate.Record
	if by.May(See, d.view()) || d.InCharge && by.May(See, d.asked()) {
		all = append(all, d.Need.papers().Record)
	}
	for i := range d.Deliveries {
		all = append(all, d.Deliveries[i].papers().Record)
	}
	return all
}

// OpenFile opens a document of a need or its deliveries; Close the reader. Who
// asked reads them all, and an institution its own, freely; everybody else
// leaves a trace. Not there, or not the actor's to see, is NotFound.
func (s *Service) OpenFile(ctx context.Context, by authz.Actor, id ID, file string) (files.File, io.ReadSeekCloser, error) {
	n, err := one(ctx, s.db, by.Scope(See), id)
	if err != nil {
		return files.File{}, nil, err
	}
	d := Detail{Need: n}
	if d.Deliveries, err = deliveries(ctx, s.db, id); err != nil {
		return files.File{}, nil, err
	}
	d.narrow(by)
	all, err := files.Of(ctx, s.db, d.papered(by)...)
	if err != nil {
		return files.File{}, nil, err
	}
	i := slices.IndexFunc(all, func(f files.File) bool { return f.ID == file })
	if i < 0 {
		return files.File{}, nil, fault.Missing()
	}
	f := all[i]
	if by.May(See, n.asker()) || slices.Contains(by.Parties(f.Owner.Kind, See), f.Owner.ID) {
		return s.hooks.Files.Reveal(ctx, f, nil)
	}
	c := gate.Change{By: by, Do: See, On: n.view(), Record: gate.Record{Kind: Kind, ID: string(id)}}
	if !by.May(See, c.On) {
		c.On = n.asked()
	}
	return s.hooks.Files.Reveal(ctx, f, &c)
}
