package engagement

import (
	"context"
	"slices"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/ledger"
)

// Detail is all that the page of one need shows to the one who looks.
type Detail struct {
	Need
	Offers     []Offer      // oldest first; an institution sees its own only
	Deliveries []Delivery   // oldest first, withdrawn ones included; an institution sees its own only
	Rating     *Rating      // nil while there is none
	Events     []Event      // oldest first
	Files      []files.File // documents of the need and of the deliveries shown, oldest first
	Ahead      []flow.Step
	Open       []flow.Step    // what the one who looks can do now: the buttons
	Deadline   *flow.Deadline // of the next step; nil when nothing is due
	Lamp       flow.Lamp
	Strip      []flow.StripDay
	Skipped    []flow.Holiday // holidays that the deadline does not count
	Shifted    []string       // weekend days that it does
}

// stripLong is how many days the day strip shows at most.
const stripLong = 20

// Get is a need with all that belongs to it, if the actor can find it, else NotFound.
func (s *Service) Get(ctx context.Context, by authz.Actor, id ID) (Detail, error) {
	n, err := one(ctx, s.db, by.Scope(See), id)
	if err != nil {
		return Detail{}, err
	}
	d := Detail{Need: n, Ahead: s.life.Ahead(n.State)}
	if n.State == Waiting {
		d.Ahead = s.life.Ahead(n.Back)
	}
	if n.Version > 1 { // nobody has done anything with it before
		if d.Offers, err = offers(ctx, s.db, id); err != nil {
			return Detail{}, err
		}
		if d.Deliveries, err = deliveries(ctx, s.db, id); err != nil {
			return Detail{}, err
		}
		if d.Rating, err = rating(ctx, s.db, id); err != nil {
			return Detail{}, err
		}
	}
	if d.Events, err = events(ctx, s.db, id); err != nil {
		return Detail{}, err
	}
	d.narrow(by)
	if d.Files, err = files.Of(ctx, s.db, d.papered(by)...); err != nil {
		return Detail{}, err
	}
	d.Open = s.life.Open(n.State, func(do authz.Permission) bool { return s.can(by, &n, do) })
	t, err := s.times(ctx)
	if err != nil {
		return Detail{}, err
	}
	now := s.db.Now()
	t.measure(&n, d.Events)
	d.Lamp = t.lamp(&n, now)
	if due, ok := t.deadline(&n, now); ok && !s.life.Ended(n.State) {
		d.Deadline = &due
		d.Strip = t.calendar.Strip(due.Start, due.On, flow.DayOf(now), stripLong)
		d.Skipped, d.Shifted = t.calendar.Skipped(due.Start, due.On)
	}
	return d, nil
}

// narrow hides from an institution what concerns others: to whom else the need
// was offered, what they said and did.
func (d *Detail) narrow(by authz.Actor) {
	if by.May(See, d.view()) {
		return
	}
	mine := by.Parties(authz.Institution, See)
	other := func(i institution.ID) bool { return !slices.Contains(mine, string(i)) }
	d.Offers = slices.DeleteFunc(d.Offers, func(o Offer) bool { return other(o.Institution) })
	d.Deliveries = slices.DeleteFunc(d.Deliveries, func(x Delivery) bool { return other(x.Institution) })
	if other(d.Institution) {
		d.Rating = nil
	}
	for i := range d.Events {
		// What passed between the office, the enterprise and others stays theirs.
		if e := &d.Events[i]; !slices.Contains([]authz.Permission{Post, AcceptWork, Deliver, Finish, Confirm, Rate}, e.Do) {
			e.Note = ""
		}
	}
}

// can reports whether the actor may do something with the need: what step checks.
func (s *Service) can(by authz.Actor, n *Need, do authz.Permission) bool {
	if do == Rate && n.Rated {
		return false
	}
	return by.Personal() && by.May(do, on(n, do))
}

// lamp is how the need's limit stands; the zero Lamp when nothing is due.
func (t times) lamp(n *Need, now time.Time) flow.Lamp {
	d, ok := t.deadline(n, now)
	if !ok || n.State == Closed || n.State == Withdrawn || n.State == Refused {
		return flow.Lamp{}
	}
	return t.calendar.Lamp(d, now)
}

// Contact is whom to speak to about a need. The one who asked reads it freely;
// everybody else leaves a trace.
func (s *Service) Contact(ctx context.Context, by authz.Actor, id ID) (Contact, error) {
	n, err := s.reach(ctx, by, id, SeeContact)
	if err != nil {
		return Contact{}, err
	}
	if !by.May(SeeContact, n.asker()) {
		c := gate.Change{By: by, Do: SeeContact, On: n.hands(), Record: gate.Record{Kind: Kind, ID: string(id)}}
		if err := s.gate.Disclose(ctx, &c, "contact"); err != nil {
			return Contact{}, err
		}
	}
	var c Contact
	err = s.db.Get(ctx, &c, `SELECT name, post, phone FROM need_contact WHERE need_id = ?`, string(id))
	return c, err
}

// Received is an offer as the institution's inbox shows it (收到的需求).
type Received struct {
	Offer
	Number, Title, Requester string
	Theme                    institution.Theme
	Amount                   int64
	State                    flow.State
}

// Inbox is a page of the offers made to the actor's institutions: those without
// an answer first, soonest due first, then the others, the newest first.
func (s *Service) Inbox(ctx context.Context, by authz.Actor, open bool, page db.Page) ([]Received, string, error) {
	mine := by.Parties(authz.Institution, See)
	if len(mine) == 0 {
		return nil, "", nil
	}
	where, args := `o.institution_id IN (`+db.Marks(len(mine))+`)`, []any{}
	for _, id := range mine {
		args = append(args, id)
	}
	type line struct {
		offerRow
		Number    string            `db:"number"`
		Title     string            `db:"title"`
		Requester string            `db:"requester"`
		Theme     institution.Theme `db:"theme"`
		Amount    int64             `db:"amount"`
		State     flow.State        `db:"state"`
	}
	order := db.Order{Columns: []string{"o.due", "o.id"}, Number: true}
	key := func(x *line) []string { return []string{decimal(x.Due), x.ID} }
	if open {
		where += ` AND o.answer = ''`
	} else {
		where += ` AND o.answer <> ''`
		order = db.Order{Columns: []string{"o.answered_at", "o.id"}, Down: true, Number: true}
		key = func(x *line) []string { return []string{decimal(x.AnsweredAt), x.ID} }
	}
	rows, next, err := db.Paged(ctx, s.db, page, order,
		`SELECT `+offerColumns+`, n.number, n.title, n.requester, n.theme, n.amount, n.state
		FROM need_offer o JOIN need n ON n.id = o.need_id WHERE `+where, args, key)
	if err != nil {
		return nil, "", err
	}
	found := make([]Received, len(rows))
	for i := range rows {
		r := &rows[i]
		o, err := r.offer()
		if err != nil {
			return nil, "", err
		}
		found[i] = Received{Offer: o, Number: r.Number, Title: r.Title, Requester: r.Requester, Theme: r.Theme, Amount: r.Amount, State: r.State}
	}
	return found, next, nil
}

// behind says where the records of each kind are found.
func behind() []struct {
	kinds     []string
	from, key string
} {
	return []struct {
		kinds     []string
		from, key string
	}{
		{[]string{Kind, "closing", "callback"}, "need n", "n.id"},
		{[]string{"delivery", "rating"}, "need_delivery x JOIN need n ON n.id = x.need_id", "x.id"},
		{[]string{"offer"}, "need_offer x JOIN need n ON n.id = x.need_id", "x.id"},
	}
}

// Open finds the needs that the records of this domain's facts belong to —
// need, closing, callback, delivery, rating, offer — as far as the scope
// reaches; others are left out.
func (s *Service) Open(ctx context.Context, scope authz.Scope, records ...ledger.Record) (map[ledger.Record]Need, error) {
	found := make(map[ledger.Record]Need, len(records))
	for _, place := range behind() {
		asked := map[string][]ledger.Record{}
		var ids []any
		for _, r := range records {
			if slices.Contains(place.kinds, r.Kind) {
				asked[r.ID] = append(asked[r.ID], r)
				ids = append(ids, r.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		where, args := scope.SQL(columns())
		var rows []struct {
			Key string `db:"behind"`
			row
		}
		if err := s.db.Select(ctx, &rows, `SELECT `+place.key+` AS behind, `+needColumns+` FROM `+place.from+`
			WHERE `+where+` AND `+place.key+` IN (`+db.Marks(len(ids))+`)`, append(args, ids...)...); err != nil {
			return nil, err
		}
		for i := range rows {
			n, err := rows[i].need()
			if err != nil {
				return nil, err
			}
			for _, r := range asked[rows[i].Key] {
				found[r] = n
			}
		}
	}
	return found, nil
}
