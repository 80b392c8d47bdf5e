package territory

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/xfer"
)

// Table is the places of all times as a spreadsheet (行政区划). It only goes out:
// places come and go by a reorganisation, which knows what became of what.
func Table() *xfer.Table {
	var levels []xfer.Option
	for l := region.Province; l <= region.Town; l++ {
		levels = append(levels, xfer.Option{Value: strconv.Itoa(int(l)), Label: LevelKey(l)})
	}
	return &xfer.Table{Name: "place", Title: "territory.table", Columns: []xfer.Column{
		{Key: "code", Label: "territory.column.code", Type: xfer.Code},
		{Key: "name", Label: "territory.column.name"},
		{Key: "name_en", Label: "territory.column.name_en"},
		{Key: "level", Label: "territory.column.level", Type: xfer.Choice, Options: levels},
		{Key: "parent", Label: "territory.column.parent", Type: xfer.Code},
		{Key: "kind", Label: "territory.column.kind", Type: xfer.Choice, Options: []xfer.Option{
			{Value: string(Admin), Label: "territory.column.kind.admin"}, {Value: string(Zone), Label: "territory.column.kind.zone"},
		}},
		{Key: "from", Label: "territory.column.from", Type: xfer.Date},
		{Key: "to", Label: "territory.column.to", Type: xfer.Date},
		{Key: "known_from", Label: "territory.column.known_from", Type: xfer.Date},
	}}
}

// Export writes the places at and below a code, or all of them, with the spans
// of their names, by code and day (导出行政区划). They are public.
func (s *Service) Export(ctx context.Context, within region.Code, put func(cells []string) error) error {
	tree, err := s.Tree(ctx)
	if err != nil {
		return err
	}
	for _, code := range slices.Sorted(maps.Keys(tree.spans)) {
		if within != "" && !within.Contains(code) {
			continue
		}
		for _, p := range tree.spans[code] {
			if err := put([]string{
				string(p.Code), p.Name, p.NameEn, strconv.Itoa(int(p.Level)), string(p.Parent), string(p.Kind), p.From, p.To, p.KnownFrom,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
