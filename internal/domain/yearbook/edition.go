package yearbook

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/text"
)

// Frozen names an edition (定稿).
type Frozen struct {
	Edition  int    `db:"edition"`
	FrozenBy string `db:"frozen_by"` // person id
	FrozenAt int64  `db:"frozen_at"`
}

// EditionID is the id of an edition: 320900-2008-1.
func EditionID(place region.Code, year, edition int) string {
	return fmt.Sprintf("%s-%d-%d", place, year, edition)
}

// At is when the edition was frozen.
func (f Frozen) At() time.Time { return db.Time(f.FrozenAt) }

// Freeze keeps the chapter as it reads now as the next edition. A chapter
// without anything to say is a Conflict. once is the form's own number, empty
// without one: sent again, it answers the edition that it made.
func (s *Service) Freeze(ctx context.Context, by authz.Actor, place region.Code, year int, once string) (int, error) {
	c := &gate.Change{
		By: by, Do: Freeze, On: authz.At(place), Once: once,
		Record: gate.Record{Kind: "yearbook_edition", ID: fmt.Sprintf("%s-%d", place, year)}, // the edition is known when it is made
	}
	if err := gate.Check(c); err != nil {
		return 0, err
	}
	both := map[text.Lang]*Chapter{}
	for _, lang := range []text.Lang{text.Zh, text.En} {
		chapter, err := s.Draft(ctx, place, year, lang)
		if err != nil {
			return 0, err
		}
		if chapter.Empty() {
			return 0, fault.New(fault.Conflict, "yearbook.nothing_to_freeze")
		}
		both[lang] = chapter
	}
	body, err := json.Marshal(both)
	if err != nil {
		return 0, err
	}
	var edition int
	err = s.gate.Write(ctx, c, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Get(ctx, &edition, `SELECT COALESCE(MAX(edition), 0) + 1 FROM yearbook_edition
			WHERE region = ? AND year = ?`, place, year); err != nil {
			return err
		}
		c.Record.ID = EditionID(place, year, edition)
		c.Detail = map[string]any{"edition": edition}
		_, err := tx.Exec(ctx, `INSERT INTO yearbook_edition (region, year, edition, body, frozen_by, frozen_at)
			VALUES (?,?,?,?,?,?)`, place, year, edition, string(body), by.ID, db.Millis(tx.Now))
		if db.Unique(err) {
			return fault.New(fault.Conflict, "yearbook.frozen_meanwhile")
		}
		return err
	})
	if id, again := gate.Again(err); again {
		return strconv.Atoi(id[strings.LastIndexByte(id, '-')+1:])
	}
	return edition, err
}

// Editions are the frozen editions of a chapter, newest first. They are public.
func (s *Service) Editions(ctx context.Context, place region.Code, year int) ([]Frozen, error) {
	var editions []Frozen
	err := s.db.Select(ctx, &editions, `SELECT edition, frozen_by, frozen_at FROM yearbook_edition
		WHERE region = ? AND year = ? ORDER BY edition DESC`, place, year)
	return editions, err
}

// Edition is the chapter as it was frozen; NotFound when there is no such edition.
func (s *Service) Edition(ctx context.Context, place region.Code, year, edition int, lang text.Lang) (*Chapter, error) {
	var body string
	if err := s.db.Get(ctx, &body, `SELECT body FROM yearbook_edition WHERE region = ? AND year = ? AND edition = ?`,
		place, year, edition); err != nil {
		return nil, err
	}
	both := map[text.Lang]*Chapter{}
	if err := json.Unmarshal([]byte(body), &both); err != nil {
		return nil, err
	}
	c, ok := both[lang]
	if !ok {
		return nil, fault.Missing()
	}
	c.Edition = edition
	return c, nil
}
