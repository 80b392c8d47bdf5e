package territory

import (
	"bytes"
	"context"
	"embed"
	"encoding/csv"
	"fmt"
	"strings"

	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/region"
)

//go:embed data/*.csv
var data embed.FS

// townsKnown is the day of the list of towns; never is a day that is not reached.
const (
	townsKnown = "2023-06-30"
	never      = "9999-12-31"
)

// Seed fills in the tree the program ships with: every code and turn that is not
// on file. It may be called at every start: it never touches what is on file.
func Seed(ctx context.Context, tx *db.Tx) error {
	places, turns, keys, err := shipped()
	if err != nil {
		return fmt.Errorf("the shipped tree: %w", err)
	}
	have, err := LoadTree(ctx, tx)
	if err != nil {
		return err
	}
	if len(have.keys) > 0 {
		keys = nil // which towns are key towns is decided once
	}
	changed := false
	for _, p := range places {
		if have.Known(p.Code) {
			continue
		}
		changed = true
		if err := insertPlace(ctx, tx, p); err != nil {
			return fmt.Errorf("seed %s: %w", p.Code, err)
		}
	}
	for _, t := range turns {
		if have.Known(t.From) && have.Known(t.To) {
			continue
		}
		if err := insertTurn(ctx, tx, t); err != nil {
			return fmt.Errorf("seed %s: %w", t.From, err)
		}
	}
	for _, k := range keys {
		if err := insertKeyTown(ctx, tx, k); err != nil {
			return fmt.Errorf("seed %s: %w", k.Town, err)
		}
	}
	if !changed && len(keys) == 0 {
		return nil
	}
	return touch(ctx, tx)
}

// shipped builds the tree from the embedded files: the places above the towns as
// they are listed, the towns of today, and what they were before.
func shipped() (places []Place, turns []Turn, keys []keyTown, err error) {
	files := map[string][][]string{}
	for _, name := range []string{"regions", "lineage", "towns", "keytowns"} {
		if files[name], err = rows("data/" + name + ".csv"); err != nil {
			return nil, nil, nil, err
		}
	}
	for _, r := range files["regions"] {
		places = append(places, Place{
			Code: region.Code(r[0]), Name: r[1], NameEn: r[2], Short: r[3], Kind: Kind(r[4]),
			From: r[5], To: r[6], Grade: r[7], Note: r[8],
		})
	}
	names := map[region.Code]string{}
	for _, r := range files["lineage"] {
		turns = append(turns, Turn{
			From: region.Code(r[0]), To: region.Code(r[1]), On: r[2], Kind: ChangeKind(r[3]), Main: true,
			Grade: r[5], Note: r[6],
		})
		names[region.Code(r[0])] = r[4]
	}
	start := firstDays(places)
	for _, r := range files["towns"] {
		before, turn := earlier(region.Code(r[0]), r[1], turns, names, start)
		town := newTown(region.Code(r[0]), r[1], start[region.Code(r[0]).Parent()], "")
		if turn != nil {
			town.From = turn.On
			before.From = start[before.Code.Parent()]
			places = append(places, before)
			if turn.Kind == Upgrade {
				turns = append(turns, *turn)
			}
		}
		places = append(places, town)
	}
	for _, r := range files["keytowns"] {
		keys = append(keys, keyTown{Town: region.Code(r[0]), From: r[1], To: r[2], Synthetic: true})
	}
	return places, turns, keys, nil
}

// earlier is what a town was before, and the turn that made it what it is: its
// own in the lineage, or its county's upgrade, which it followed.
func earlier(code region.Code, name string, turns []Turn, names map[region.Code]string, start map[region.Code]string) (Place, *Turn) {
	for _, t := range turns {
		if t.To == code {
			return newTown(t.From, names[t.From], "", t.On), &t
		}
	}
	for _, t := range turns {
		if t.To == code.Parent() && t.From != t.To && t.On == start[t.To] {
			from := t.From + code[6:]
			turn := Turn{From: from, To: code, On: t.On, Kind: Upgrade, Main: true, Grade: t.Grade, Note: t.Note}
			return newTown(from, name, "", t.On), &turn
		}
	}
	return Place{}, nil
}

func newTown(code region.Code, name, from, to string) Place {
	p := Place{
		Code: code, Name: name, Short: shortTown(name), Kind: Admin, From: from, To: to,
		KnownFrom: townsKnown, Grade: "A",
	}
	if to != "" {
		p.KnownFrom, p.Grade, p.Note = never, "M", "据2023年乡级单位推定"
	}
	return p
}

// firstDays is the first day of each code, the earliest of its spans.
func firstDays(places []Place) map[region.Code]string {
	first := map[region.Code]string{}
	for _, p := range places {
		if day, ok := first[p.Code]; !ok || p.From < day {
			first[p.Code] = p.From
		}
	}
	return first
}

// shortTown is a town's name without 镇, 乡 or 街道, when enough is left.
func shortTown(name string) string {
	for _, suffix := range []string{"街道", "镇", "乡"} {
		if short, ok := strings.CutSuffix(name, suffix); ok && len([]rune(short)) >= 2 {
			return short
		}
	}
	return name
}

// rows reads an embedded CSV without its comments and its head.
func rows(name string) ([][]string, error) {
	raw, err := data.ReadFile(name)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(bytes.NewReader(raw))
	reader.Comment = '#'
	all, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return all[1:], nil
}
