package indicator

import (
	"math"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/region"
)

// Lifecycle is the way of a statistical return.
var Lifecycle = flow.Lifecycle{
	Name:   "indicator",
	States: []flow.State{Draft, Submitted, Returned, Accepted},
	Start:  Draft,
	Ends:   []flow.State{Accepted},
	Steps: []flow.Step{
		{Do: Fill, To: Draft, Who: "official"},
		{Do: Fill, From: []flow.State{Draft, Returned}, To: flow.Stay, Who: "official"},
		{Do: Submit, From: []flow.State{Draft, Returned}, To: Submitted, Who: "official"},
		{Do: Return, From: []flow.State{Submitted}, To: Returned, Who: "official"},
		{Do: Accept, From: []flow.State{Submitted}, To: Accepted, Who: "official"},
		{Do: Reopen, From: []flow.State{Accepted}, To: Returned, Who: "official"},
	},
}

// Years a return or target can be for.
const (
	firstYear = 1978
	lastYear  = 2100
)

// mostValue bounds a reported value in its smallest unit: beyond any city.
const mostValue = 1e15

func checkYear(year int) error {
	var bad fault.Fields
	if year < firstYear || year > lastYear {
		bad.Add("year", "field.range", "min", firstYear, "max", lastYear)
	}
	return bad.Err()
}

// checkValues answers every value that breaks a rule, by indicator id.
func checkValues(defs map[string]Definition, values map[string]float64) error {
	var bad fault.Fields
	for id, v := range values {
		d, ok := defs[id]
		switch {
		case !ok || d.Nature == Growth || d.Target:
			bad.Add(id, "indicator.not_reported")
		case math.IsNaN(v) || math.Abs(v*d.Factor()) > mostValue:
			bad.Add(id, "field.range", "min", 0, "max", int64(mostValue/d.Factor()))
		case v < 0:
			bad.Add(id, "indicator.negative")
		case math.Abs(v*d.Factor()-math.Round(v*d.Factor())) > 0.01: // more than binary fractions add
			bad.Add(id, "indicator.too_fine", "unit", d.Unit)
		}
		if whole, ok := values[d.Of]; d.Of != "" && ok && v > whole {
			bad.Add(id, "indicator.part_exceeds", "whole", defs[d.Of].Name[0])
		}
	}
	return bad.Err()
}

// Permissions are the verbs of this domain, for the catalogue of rights.
func Permissions() []authz.Permission {
	return []authz.Permission{View, Fill, Submit, Accept, Return, Reopen, Target, Seal, Define}
}

// CheckValues answers every value of an office's return that breaks a rule, as
// FillIn does, without keeping anything. defs are those in force for its year.
func CheckValues(defs []Definition, office region.Code, values map[string]float64) error {
	return checkValues(byID(Reported(defs, office)), values)
}
