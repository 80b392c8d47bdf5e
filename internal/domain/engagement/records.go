package engagement

import (
	"context"
	"encoding/json"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/region"
)

const offerColumns = `o.id, o.need_id, o.institution_id, o.institution_name, o.reasons, o.note, o.offered_by, o.offered_name,
	o.offered_at, o.due, o.answer, o.words, o.answered_at, o.on_time`

type offerRow struct {
	ID          string         `db:"id"`
	Need        ID             `db:"need_id"`
	Institution institution.ID `db:"institution_id"`
	Name        string         `db:"institution_name"`
	Reasons     string         `db:"reasons"`
	Note        string         `db:"note"`
	By          string         `db:"offered_by"`
	ByName      string         `db:"offered_name"`
	At          int64          `db:"offered_at"`
	Due         int64          `db:"due"`
	Answer      Answer         `db:"answer"`
	Words       string         `db:"words"`
	AnsweredAt  int64          `db:"answered_at"`
	OnTime      int64          `db:"on_time"`
}

func (r *offerRow) offer() (Offer, error) {
	o := Offer{
		ID: r.ID, Need: r.Need, Institution: r.Institution, Name: r.Name, Note: r.Note, By: r.By, ByName: r.ByName,
		At: db.Time(r.At), Due: instant(r.Due), Answer: r.Answer, Words: r.Words, AnsweredAt: db.Time(r.AnsweredAt), OnTime: r.OnTime == 1,
	}
	return o, json.Unmarshal([]byte(r.Reasons), &o.Reasons)
}

func offers(ctx context.Context, r db.Reader, id ID) ([]Offer, error) {
	var rows []offerRow
	if err := r.Select(ctx, &rows, `SELECT `+offerColumns+` FROM need_offer o WHERE o.need_id = ? ORDER BY o.offered_at, o.id`, string(id)); err != nil {
		return nil, err
	}
	all := make([]Offer, len(rows))
	for i := range rows {
		var err error
		if all[i], err = rows[i].offer(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func openOffer(ctx context.Context, r db.Reader, id ID) (Offer, error) {
	var got offerRow
	if err := r.Get(ctx, &got, `SELECT `+offerColumns+` FROM need_offer o WHERE o.need_id = ? AND o.answer = ''`, string(id)); err != nil {
		return Offer{}, err
	}
	return got.offer()
}

func insertOffer(ctx context.Context, tx *db.Tx, o *Offer) error {
	reasons, err := json.Marshal(o.Reasons)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO need_offer (id, need_id, institution_id, institution_name, reasons, note, offered_by, offered_name,
		offered_at, due, answer, words, answered_by, answered_at, on_time) VALUES (?,?,?,?,?,?,?,?,?,?,'','','',0,0)`,
		o.ID, string(o.Need), string(o.Institution), o.Name, string(reasons), o.Note, o.By, o.ByName, db.Millis(o.At), dueOf(o.Due))
	return err
}

// closeOffer answers the open offer of the need, if there is one.
func closeOffer(ctx context.Context, tx *db.Tx, n *Need, a Answer, by, words string) error {
	now := db.Millis(tx.Now)
	_, err := tx.Exec(ctx, `UPDATE need_offer SET answer = ?, words = ?, answered_by = ?, answered_at = ?,
		on_time = CASE WHEN due >= ? THEN 1 ELSE 0 END WHERE need_id = ? AND answer = ''`,
		string(a), words, by, now, now, string(n.ID))
	return err
}

const deliveryColumns = `d.id, d.need_id, d.institution_id, d.institution_name, d.day, d.theme, d.form, d.amount, d.quantity, d.body,
	d.reach, d.crowd, d.rhythm, d.topic, d.region, d.tier, d.size, d.state, d.recorded_by, d.recorded_name, d.recorded_at,
	d.confirmed_at, d.reason`

type deliveryRow struct {
	ID          string            `db:"id"`
	Need        ID                `db:"need_id"`
	Institution institution.ID    `db:"institution_id"`
	Name        string            `db:"institution_name"`
	Day         string            `db:"day"`
	Theme       institution.Theme `db:"theme"`
	Form        institution.Form  `db:"form"`
	Amount      int64             `db:"amount"`
	Quantity    int64             `db:"quantity"`
	Body        string            `db:"body"`
	Reach       string            `db:"reach"`
	Crowd       string            `db:"crowd"`
	Rhythm      string            `db:"rhythm"`
	Topic       string            `db:"topic"`
	Region      region.Code       `db:"region"`
	Tier        institution.Tier  `db:"tier"`
	Size        string            `db:"size"`
	State       DeliveryState     `db:"state"`
	By          string            `db:"recorded_by"`
	ByName      string            `db:"recorded_name"`
	At          int64             `db:"recorded_at"`
	ConfirmedAt int64             `db:"confirmed_at"`
	Reason      string            `db:"reason"`
}

func (r *deliveryRow) delivery() Delivery {
	return Delivery{
		ID: r.ID, Need: r.Need, Institution: r.Institution, Name: r.Name,
		Work: Work{
			On: r.Day, Theme: r.Theme, Form: r.Form, Amount: r.Amount, Quantity: r.Quantity, Text: r.Body,
			Manner: Manner{Reach: r.Reach, Crowd: r.Crowd, Rhythm: r.Rhythm, Topic: r.Topic},
		},
		Region: r.Region, Tier: r.Tier, Size: r.Size, State: r.State, By: r.By, ByName: r.ByName,
		At: db.Time(r.At), ConfirmedAt: db.Time(r.ConfirmedAt), Reason: r.Reason,
	}
}

func deliveries(ctx context.Context, r db.Reader, id ID) ([]Delivery, error) {
	var rows []deliveryRow
	if err := r.Select(ctx, &rows, `SELECT `+deliveryColumns+` FROM need_delivery d WHERE d.need_id = ? ORDER BY d.recorded_at, d.id`, string(id)); err != nil {
		return nil, err
	}
	all := make([]Delivery, len(rows))
	for i := range rows {
		all[i] = rows[i].delivery()
	}
	return all, nil
}

// standing are the deliveries that were not withdrawn.
func standing(all []Delivery) []Delivery {
	var left []Delivery
	for _, d := range all {
		if d.State != DeliveryWithdrawn {
			left = append(left, d)
		}
	}
	return left
}

// oneDelivery is the delivery of the need, else NotFound.
func oneDelivery(ctx context.Context, r db.Reader, id ID, delivery string) (Delivery, error) {
	var got deliveryRow
	err := r.Get(ctx, &got, `SELECT `+deliveryColumns+` FROM need_delivery d WHERE d.id = ? AND d.need_id = ?`, delivery, string(id))
	return got.delivery(), err
}

func insertDelivery(ctx context.Context, tx *db.Tx, d *Delivery) error {
	_, err := tx.Exec(ctx, `INSERT INTO need_delivery (id, need_id, institution_id, institution_name, day, theme, form, amount, quantity, body,
		reach, crowd, rhythm, topic, region, tier, size, state, recorded_by, recorded_name, recorded_at, confirmed_at, reason)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		d.ID, string(d.Need), string(d.Institution), d.Name, d.On, string(d.Theme), string(d.Form), d.Amount, d.Quantity, d.Text,
		d.Reach, d.Crowd, d.Rhythm, d.Topic, string(d.Region), string(d.Tier), d.Size, string(d.State), d.By, d.ByName,
		millis(d.At), millis(d.ConfirmedAt), d.Reason)
	return err
}

func updateDelivery(ctx context.Context, tx *db.Tx, d *Delivery) error {
	return tx.ExecOne(ctx, `UPDATE need_delivery SET day = ?, theme = ?, form = ?, amount = ?, quantity = ?, body = ?, reach = ?, crowd = ?,
		rhythm = ?, topic = ?, tier = ?, size = ?, state = ?, confirmed_at = ?, reason = ? WHERE id = ?`,
		d.On, string(d.Theme), string(d.Form), d.Amount, d.Quantity, d.Text, d.Reach, d.Crowd,
		d.Rhythm, d.Topic, string(d.Tier), d.Size, string(d.State), millis(d.ConfirmedAt), d.Reason, d.ID)
}

type ratingRow struct {
	OnTime int64  `db:"on_time"`
	Solved Solved `db:"solved"`
	Score  int    `db:"score"`
	Words  string `db:"words"`
	By     string `db:"rated_by"`
	At     int64  `db:"rated_at"`
}

// rating is what was said of the need, nil when nothing was.
func rating(ctx context.Context, r db.Reader, id ID) (*Rating, error) {
	var got ratingRow
	err := r.Get(ctx, &got, `SELECT on_time, solved, score, words, rated_by, rated_at FROM need_rating WHERE need_id = ?`, string(id))
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &Rating{OnTime: got.OnTime == 1, Solved: got.Solved, Score: got.Score, Words: got.Words, By: got.By, At: db.Time(got.At)}, nil
}

func insertRating(ctx context.Context, tx *db.Tx, id ID, r *Rating) error {
	_, err := tx.Exec(ctx, `INSERT INTO need_rating (need_id, on_time, solved, score, words, rated_by, rated_at) VALUES (?,?,?,?,?,?,?)`,
		string(id), db.Bool(r.OnTime), string(r.Solved), r.Score, r.Words, r.By, millis(r.At))
	return err
}
