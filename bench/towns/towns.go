// Package towns gives benchmarks the places that made records lie in.
package towns

import (
	"context"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/config"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
)

// Of are the towns of Yancheng as the program ships them; the folder's
// database is made when it is missing.
func Of(ctx context.Context, folder string) ([]testkit.Town, error) {
	a, err := app.Open(ctx, config.Store{Data: folder}, app.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = a.Close() }()
	tree, err := a.Territory.Tree(ctx)
	if err != nil {
		return nil, err
	}
	const day = "2026-01-01"
	var towns []testkit.Town
	for _, t := range tree.Under("320900", region.Town, day) {
		towns = append(towns, testkit.Town{Code: string(t.Code), County: tree.Name(t.Code.Parent(), day), Name: t.Name})
	}
	return towns, nil
}
