package demo

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"

	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/region"
)

//go:embed yancheng2008/facts.csv
var facts []byte

// The ten offices that send returns: nine counties and the city itself.
var offices = []region.Code{
	"320921", "320922", "320923", "320924", "320925", "320902", "320903", "320982", "320981", City,
}

// City is the demonstration's place.
const City region.Code = "320900"

// How the totals are spread over the offices: made up, in proportion to nothing
// but the authors' idea of a plausible county.
var weights = map[string][]int64{
	"":  {246, 312, 368, 435, 492, 410, 526, 548, 603, 190},
	"P": {9, 12, 12, 13, 14, 11, 15, 13, 14, 0},
	"T": {7, 9, 10, 12, 12, 11, 13, 12, 14, 8},
	"S": {0, 1, 1, 1, 1, 2, 2, 1, 1, 3},
}

// uneven lets the growth differ from office to office: other years than 2008 are
// spread a little differently, in per cent of the weight.
var uneven = [10]int64{100, 103, 97, 104, 99, 96, 102, 98, 105, 95}

func unevenness(office, year int) int64 {
	if year == 2008 {
		return 100
	}
	return uneven[(office+year)%len(uneven)]
}

// actual is the exact value behind a published figure that only bounds it: the
// chapter says 100多, the demonstration counts 108.
var actual = map[string]int64{
	"T2": 108, "T3": 126, "T4": 3962, "T6": 823, "S6": 1236,
}

// published is one line of the chapter's list.
type published struct {
	id, of string
	value  float64
	target bool
}

func chapter() ([]published, error) {
	rows, err := csv.NewReader(bytes.NewReader(facts)).ReadAll()
	if err != nil {
		return nil, err
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	lines := make([]published, 0, len(rows)-1)
	for _, row := range rows[1:] {
		value, err := strconv.ParseFloat(row[column["value"]], 64)
		if err != nil {
			return nil, fmt.Errorf("facts.csv, %s: %w", row[column["id"]], err)
		}
		lines = append(lines, published{
			id: row[column["id"]], of: row[column["of"]], value: value, target: row[column["kind"]] == "target",
		})
	}
	return lines, nil
}

// sheets are the values of each office's return for a year, office → indicator
// → value in the indicator's unit. Parts never exceed their whole in any office.
func sheets(defs []indicator.Definition, year int) (map[region.Code]map[string]float64, error) {
	lines, err := chapter()
	if err != nil {
		return nil, err
	}
	spread := map[string][]int64{} // by indicator: each office's part, in the smallest unit
	out := map[region.Code]map[string]float64{}
	for _, o := range offices {
		out[o] = map[string]float64{}
	}
	for _, line := range lines {
		i := slices.IndexFunc(defs, func(d indicator.Definition) bool { return d.ID == line.id })
		if line.target || i < 0 {
			continue
		}
		d := defs[i]
		asked, answering := make([]bool, len(offices)), make([]int64, len(offices))
		for k, o := range offices {
			asked[k] = slices.ContainsFunc(indicator.Reported(defs, o), func(r indicator.Definition) bool { return r.ID == d.ID && r.Asked() })
			if asked[k] {
				answering[k] = weight(d.ID)[k] * unevenness(k, year)
			}
		}
		if d.Offices == indicator.OwnOffice {
			answering[len(offices)-1] = 1
		}
		parts := shareRound(total(line, d, year), d.Unit, answering, spread[line.of])
		spread[line.id] = parts
		for k, o := range offices {
			if asked[k] { // an office that has none reports 0
				out[o][line.id] = float64(parts[k]) / d.Factor()
			}
		}
	}
	return out, nil
}

// shareRound is share in steps of ten thousand yuan or a hundred square metres,
// where the total allows it: offices report such sums.
func shareRound(total int64, unit string, weights, ceilings []int64) []int64 {
	step := map[string]int64{"元": 1_000_000, "平方米": 100}[unit]
	if step == 0 || total%step != 0 {
		return share(total, weights, ceilings)
	}
	var most []int64
	for _, c := range ceilings {
		most = append(most, c/step)
	}
	parts := share(total/step, weights, most)
	for i := range parts {
		parts[i] *= step
	}
	return parts
}

// total is the city's value in the smallest unit; that of 2007 is made up as a
// share of 2008.
func total(line published, d indicator.Definition, year int) int64 {
	value := int64(line.value)
	if v, ok := actual[line.id]; ok {
		value = v
	}
	if year == 2008 {
		return value * int64(d.Factor())
	}
	switch d.Nature {
	case indicator.Rank:
		return value + 2
	case indicator.Stock, indicator.Cumulative:
		return value * 8 / 10 * int64(d.Factor())
	default:
		return value * 7 / 10 * int64(d.Factor())
	}
}

func weight(id string) []int64 {
	if w, ok := weights[id[:1]]; ok {
		return w
	}
	return weights[""]
}
