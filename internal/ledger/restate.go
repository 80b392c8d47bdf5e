package ledger

import (
	"context"

	"qiban.dev/qiban/internal/db"
)

// Restate makes these facts, all of one record, the ones that stand for it: what
// is there already stays as it was posted, what is missing is posted, and what
// stood and is not among them is taken back on its own day. It is for records
// whose whole past can be told anew, such as the levels of something that has
// dated terms.
//
// A fact that differs in its place alone is there already: a place may have been
// re-coded since, and a fact keeps the code of its day.
func (l *Ledger) Restate(ctx context.Context, tx *db.Tx, record Record, facts ...Fact) error {
	var want []Subject
	for i := range facts {
		facts[i].Record = record
		want = append(want, facts[i].parties()...)
	}
	numbers, err := numbersOf(ctx, tx, want)
	if err != nil {
		return err
	}
	missing := map[factRow][]Fact{} // by what is compared
	for _, f := range facts {
		key := f.words(numbers)
		missing[key] = append(missing[key], f)
	}
	rows, err := standing(ctx, tx, "f.record_kind = ? AND f.record_id = ?", record.Kind, record.ID)
	if err != nil {
		return err
	}
	var gone []factRow
	for _, r := range rows {
		key := r
		key.ID, key.Recorded, key.Region, key.RecordKind, key.RecordID, key.Reported, key.Site = 0, 0, "", "", "", 0, ""
		if left := missing[key]; len(left) > 0 {
			missing[key] = left[1:]
		} else {
			gone = append(gone, r)
		}
	}
	if err := l.takeBack(ctx, tx, gone, ""); err != nil {
		return err
	}
	var add []Fact
	for _, f := range facts { // in their order: later ones of a day win
		key := f.words(numbers)
		if left := missing[key]; len(left) > 0 {
			missing[key] = left[1:]
			add = append(add, f)
		}
	}
	_, err = l.Post(ctx, tx, add...)
	return err
}

// words are all that a fact says but where, as they are compared.
func (f Fact) words(numbers map[Subject]int64) factRow {
	p := f.parties()
	return factRow{
		Stream: f.Stream, On: f.OccurredOn, Subject: numbers[p[0]], Enterprise: numbers[p[1]], Institution: numbers[p[2]],
		Person: numbers[p[3]], D1: f.Dims[0], D2: f.Dims[1], D3: f.Dims[2], D4: f.Dims[3], Quantity: f.Quantity, Amount: f.Amount,
	}
}
