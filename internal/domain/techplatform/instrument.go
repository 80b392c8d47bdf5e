package techplatform

import (
	"context"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
)

const instrumentColumns = `id, platform_id AS platform, name, model, about, price, opens, closes, weekends = 1 AS weekends, ended = 1 AS ended`

func instruments(ctx context.Context, r db.Reader, id ID) ([]Instrument, error) {
	all, err := instrumentsOf(ctx, r, id)
	return all[id], err
}

func instrumentsOf(ctx context.Context, r db.Reader, ids ...ID) (map[ID][]Instrument, error) {
	rows, err := db.InAll[Instrument](ctx, r, ids, `SELECT `+instrumentColumns+` FROM techplatform_instrument WHERE platform_id IN (?) ORDER BY ended, id`)
	return db.Grouped(rows, func(i *Instrument) (ID, Instrument) { return i.Platform, *i }), err
}

// instrument is one instrument of a platform; NotFound for another's.
func instrument(ctx context.Context, r db.Reader, platform ID, id string) (Instrument, error) {
	var i Instrument
	err := r.Get(ctx, &i, `SELECT `+instrumentColumns+` FROM techplatform_instrument WHERE id = ? AND platform_id = ?`, id, string(platform))
	return i, err
}

func putInstrument(ctx context.Context, tx *db.Tx, i *Instrument) error {
	if i.ID == "" {
		i.ID = db.NewID()
		_, err := tx.Exec(ctx, `INSERT INTO techplatform_instrument (id, platform_id, name, model, about, price, opens, closes, weekends, ended)
			VALUES (?,?,?,?,?,?,?,?,?,?)`,
			i.ID, string(i.Platform), i.Name, i.Model, i.About, i.Price, i.Opens, i.Closes, db.Bool(i.Weekends), db.Bool(i.Ended))
		return err
	}
	return db.Found(tx.Exec(ctx, `UPDATE techplatform_instrument SET name = ?, model = ?, about = ?, price = ?, opens = ?, closes = ?,
		weekends = ?, ended = ? WHERE id = ? AND platform_id = ?`,
		i.Name, i.Model, i.About, i.Price, i.Opens, i.Closes, db.Bool(i.Weekends), db.Bool(i.Ended), i.ID, string(i.Platform)))
}

// hold books an instrument for a span, under the lock of its row: of two who want
// the same time one is told Conflict. A span that cannot be booked at all is
// Invalid. What the same order held before is given back.
func (s *Service) hold(ctx context.Context, tx *db.Tx, platform ID, b *Booking, worked func(string) bool) error {
	if err := tx.Lock(ctx, "techplatform_instrument", b.Instrument); err != nil {
		return noInstrument(err)
	}
	i, err := instrument(ctx, tx, platform, b.Instrument)
	if err != nil || i.Ended {
		return noInstrument(err)
	}
	if err := i.bookable(b.Slot, tx.Now, worked); err != nil {
		return err
	}
	if b.Order != "" {
		if err := giveBack(ctx, tx, b.Order); err != nil {
			return err
		}
	}
	var taken []Slot
	if err := tx.Select(ctx, &taken, `SELECT day, from_minute AS "from", to_minute AS "to" FROM techplatform_booking
		WHERE instrument_id = ? AND day = ? AND from_minute < ? AND to_minute > ? ORDER BY from_minute`,
		b.Instrument, b.Day, b.To, b.From); err != nil {
		return err
	}
	if len(taken) > 0 {
		return fault.New(fault.Conflict, "tech.conflict.taken", "day", b.Day, "from", Clock(taken[0].From), "to", Clock(taken[0].To))
	}
	b.ID = db.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO techplatform_booking (id, instrument_id, order_id, day, from_minute, to_minute, note) VALUES (?,?,?,?,?,?,?)`,
		b.ID, b.Instrument, string(b.Order), b.Day, b.From, b.To, b.Note)
	return err
}

// noInstrument puts an instrument that is not there, or no longer used, at its field.
func noInstrument(err error) error {
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return fault.Fields{{Name: "instrument", Key: "field.choice"}}.Err()
}

// giveBack frees what an order holds.
func giveBack(ctx context.Context, tx *db.Tx, order OrderID) error {
	_, err := tx.Exec(ctx, `DELETE FROM techplatform_booking WHERE order_id = ?`, string(order))
	return err
}

// Block holds an instrument for the platform itself (停机维护); note says why.
// What is booked already is a Conflict.
func (s *Service) Block(ctx context.Context, by authz.Actor, id ID, version int, b Booking) (Platform, error) {
	worked, err := s.worked(ctx)
	if err != nil {
		return Platform{}, err
	}
	b.Order = ""
	return s.change(ctx, by, Block, id, version, map[string]any{"day": b.Day, "from": Clock(b.From), "to": Clock(b.To)}, func(*Platform) error {
		i, err := instrument(ctx, s.db, id, b.Instrument)
		if err != nil || i.Ended {
			return noInstrument(err)
		}
		f := fault.FieldsOf(i.bookable(b.Slot, s.db.Now(), worked))
		tidy(&b.Note)
		f.Length("note", b.Note, 2, 100)
		return f.Err()
	}, func(ctx context.Context, tx *db.Tx, p *Platform) error {
		b := b
		return s.hold(ctx, tx, p.ID, &b, worked)
	})
}

// Unblock gives back what the platform held for itself; NotFound for anything else.
func (s *Service) Unblock(ctx context.Context, by authz.Actor, id ID, version int, booking string) (Platform, error) {
	return s.change(ctx, by, Block, id, version, map[string]any{"booking": booking}, nil, func(ctx context.Context, tx *db.Tx, p *Platform) error {
		return db.Found(tx.Exec(ctx, `DELETE FROM techplatform_booking WHERE id = ? AND order_id = ''
			AND instrument_id IN (SELECT id FROM techplatform_instrument WHERE platform_id = ?)`, booking, string(p.ID)))
	})
}

// worked tells which days are worked.
func (s *Service) worked(ctx context.Context) (func(string) bool, error) {
	calendar, err := s.flow.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	return calendar.Workday, nil
}

// Day is what of a day an instrument has free (空闲时段).
type Day struct {
	On    string
	Open  bool // it can be used on such a day at all
	Free  []Slot
	Taken []Slot // without saying by whom
}

// Days are the days of an instrument from a day on, at most 31: what is free and
// what is taken, without saying by whom. They are public.
func (s *Service) Days(ctx context.Context, i Instrument, from string, days int) ([]Day, error) {
	if !flow.IsDay(from) || days < 1 || days > 31 {
		return nil, fault.Fields{{Name: "from", Key: "field.date", Args: []any{"value", from}}}.Err()
	}
	worked, err := s.worked(ctx)
	if err != nil {
		return nil, err
	}
	var taken []Slot
	if err := s.db.Select(ctx, &taken, `SELECT day, from_minute AS "from", to_minute AS "to" FROM techplatform_booking
		WHERE instrument_id = ? AND day >= ? AND day < ? ORDER BY day, from_minute`, i.ID, from, flow.AddDays(from, days)); err != nil {
		return nil, err
	}
	all := make([]Day, days)
	for n := range all {
		d := Day{On: flow.AddDays(from, n)}
		d.Open = !i.Ended && (i.Weekends || worked(d.On))
		d.Free = i.Free(d.On, taken, s.db.Now(), worked(d.On))
		for _, t := range taken {
			if t.Day == d.On {
				d.Taken = append(d.Taken, t)
			}
		}
		all[n] = d
	}
	return all, nil
}

// Bookings are who holds the instruments of a platform from a day on: for those
// who see the platform at their desk. At most 200.
func (s *Service) Bookings(ctx context.Context, by authz.Actor, id ID, from string) ([]Booking, error) {
	if _, err := s.platforms.Reach(ctx, s.db, by, string(id), Block); err != nil {
		return nil, err
	}
	var rows []struct {
		ID         string  `db:"id"`
		Instrument string  `db:"instrument_id"`
		Order      OrderID `db:"order_id"`
		Note       string  `db:"note"`
		Slot
	}
	err := s.db.Select(ctx, &rows, `SELECT b.id, b.instrument_id, b.order_id, b.note, b.day, b.from_minute AS "from", b.to_minute AS "to"
		FROM techplatform_booking b JOIN techplatform_instrument i ON i.id = b.instrument_id
		WHERE i.platform_id = ? AND b.day >= ? ORDER BY b.day, b.from_minute, b.id LIMIT 200`, string(id), from)
	all := make([]Booking, len(rows))
	for n, r := range rows {
		all[n] = Booking{ID: r.ID, Instrument: r.Instrument, Order: r.Order, Slot: r.Slot, Note: r.Note}
	}
	return all, err
}
