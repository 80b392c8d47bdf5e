// Package world makes the large databases that benchmarks measure on: a decade
// of deliveries to a million enterprises in twelve counties. The same numbers
// and seed give the same facts, and a CSV of them for the programs compared.
package world

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Spec says how large a world is.
type Spec struct {
	Facts       int // in all; each enterprise has one that puts it on the register
	Enterprises int
	Seed        uint64
}

// The shape of a world: twelve counties of fifteen towns, ten years.
const (
	City         = "320900"
	counties     = 12
	townsEach    = 15
	institutions = 900
	FirstYear    = 2016
	Years        = 10
	reachBack    = 45 // days by which a delivery may be recorded late
)

// Streams of the world's facts.
const (
	Standing = "enterprise.standing"
	Delivery = "engagement.delivery"
)

// Fact is one fact of a world. Enterprise and Institution count from 0;
// Institution is -1 where there is none. N counts the facts from 0.
type Fact struct {
	N                       int
	Stream, Day, Town       string
	Enterprise, Institution int
	Dims                    [4]string
	Quantity, Amount        int64
}

// Themes, forms and the like, the frequent ones more than once.
var (
	themes     = []string{"finance", "finance", "training", "training", "technology", "information", "market"}
	forms      = []string{"visit", "visit", "visit", "event", "media", "class"}
	tiers      = []string{"contact", "contact", "contact", "contact", "close", "core"}
	sizes      = []string{"micro", "micro", "micro", "micro", "micro", "micro", "micro", "small", "small", "medium"}
	industries = []string{"2017A", "2017C", "2017C", "2017C", "2017E", "2017F", "2017F", "2017I", "2017L", "2017M"}
)

// Town is where an enterprise lies; Size and Industry are what it is.
func Town(enterprise int) string {
	t := enterprise % (counties * townsEach)
	return fmt.Sprintf("3209%02d%03d", 1+t/townsEach, 100+t%townsEach)
}

// Size is the enterprise's size class.
func Size(enterprise int) string { return sizes[enterprise*7919%len(sizes)] }

// Industry is the letter of the enterprise's industry, with its edition.
func Industry(enterprise int) string { return industries[enterprise*104729%len(industries)] }

// Each calls fn with every fact, in the order in which they were recorded: by
// day, but for some that came late.
func (s Spec) Each(fn func(*Fact) error) error {
	r := rand.New(rand.NewPCG(s.Seed, 2008)) //nolint:gosec // the same every time, and guards nothing
	first := time.Date(FirstYear, 1, 1, 0, 0, 0, 0, time.UTC)
	days := int(time.Date(FirstYear+Years, 1, 1, 0, 0, 0, 0, time.UTC).Sub(first).Hours() / 24)
	dates := make([]string, days)
	for i := range dates {
		dates[i] = first.AddDate(0, 0, i).Format(time.DateOnly)
	}
	every := max(1, s.Facts/max(1, s.Enterprises))
	registered := 0
	for n := range s.Facts {
		recorded := int(int64(n) * int64(days) / int64(s.Facts))
		f := Fact{N: n}
		if n%every == 0 && registered < s.Enterprises {
			f.Stream, f.Day, f.Enterprise, f.Institution, f.Quantity = Standing, dates[recorded], registered, -1, 1
			f.Dims = [4]string{"active", Size(registered), Industry(registered)}
			registered++
		} else {
			s.delivery(r, &f, dates, recorded)
		}
		f.Town = Town(f.Enterprise)
		if err := fn(&f); err != nil {
			return err
		}
	}
	return nil
}

func (s Spec) delivery(r *rand.Rand, f *Fact, dates []string, recorded int) {
	day := recorded
	if r.IntN(4) == 0 {
		day = max(0, recorded-r.IntN(reachBack))
	}
	// some are served often, most seldom
	f.Enterprise = int(float64(s.Enterprises) * r.Float64() * r.Float64())
	f.Institution = r.IntN(institutions)
	f.Stream, f.Day = Delivery, dates[day]
	f.Dims = [4]string{themes[r.IntN(len(themes))], forms[r.IntN(len(forms))], tiers[f.Institution%len(tiers)], Size(f.Enterprise)}
	f.Quantity, f.Amount = 1+r.Int64N(20), 100*r.Int64N(1_000_000)
}
