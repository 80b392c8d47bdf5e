// Package territoryweb is what the pages of other domains say of places (地区):
// what they are called on the reader's day, and the choices of one in a form or a
// filter. The tree's own pages are among the settings of the workbench.
package territoryweb

import (
	"context"

	"qiban.dev/qiban/internal/domain/territory"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/web"
	"qiban.dev/qiban/internal/web/ui"
)

// Places is the tree of places on a day, from the top of the installation.
type Places struct {
	*territory.Tree
	Day string // ISO date
	Top region.Code
}

// On is the tree on a day.
func On(ctx context.Context, s *territory.Service, day string, top region.Code) (Places, error) {
	tree, err := s.Tree(ctx)
	return Places{tree, day, top}, err
}

// Name is one place in the reader's language: 黄沙港镇.
func (t Places) Name(p web.P, at region.Code) string { return t.NameIn(at, t.Day, p.English()) }

// Full is a place with the county that it lies in: 射阳县黄沙港镇.
func (t Places) Full(p web.P, at region.Code) string { return t.FullIn(at, t.Day, p.English()) }

// Counties are the choices of a county within the top, or the one that the top is
// or lies in.
func (t Places) Counties(p web.P) []ui.Option {
	var options []ui.Option
	for _, c := range t.Under(t.Top, region.County, t.Day) {
		options = append(options, ui.Option{Value: string(c.Code), Label: t.Name(p, c.Code)})
	}
	return options
}

// Towns are the choices of a town within the top, by county; none is chosen first.
func (t Places) Towns(p web.P, none string) []ui.Option {
	options := []ui.Option{{Value: "", Label: none}}
	for _, c := range t.Counties(p) {
		for _, town := range t.Children(region.Code(c.Value), t.Day) {
			options = append(options, ui.Option{Value: string(town.Code), Label: t.Name(p, town.Code), Group: c.Label})
		}
	}
	return options
}
