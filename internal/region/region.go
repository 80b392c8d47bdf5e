// Package region holds the values of the territorial tree (行政区划): codes,
// levels and the ranges that make a subtree a prefix. It knows no database and
// no names; opening, renaming and moving places is domain/territory's.
//
// Codes follow GB/T 2260 (省、市、县, six digits) and, below the county, the
// statistical division codes (乡级, nine digits; GB/T 10114 gives the last three).
package region

import "strings"

// Code is a region code: 320000 (province), 320900 (city), 320924 (county) or
// 320924100 (town). The zero Code is no place at all.
type Code string

// Level is the depth of a code in the tree.
type Level int

const (
	None     Level = iota
	Province       // 省
	City           // 市
	County         // 县(市、区)
	Town           // 乡镇、街道
)

// Valid reports whether the code is written as a code of some level.
// It does not say that such a place exists.
func (c Code) Valid() bool { return c.Level() != None }

// Level is the code's level, None when it is malformed.
func (c Code) Level() Level {
	for i := 0; i < len(c); i++ {
		if c[i] < '0' || c[i] > '9' {
			return None
		}
	}
	switch {
	case len(c) == 9 && c[2:4] != "00" && c[4:6] != "00" && c[6:] != "000":
		return Town
	case len(c) != 6 || c[:2] == "00":
		return None
	case c[2:] == "0000":
		return Province
	case c[2:4] == "00":
		return None
	case c[4:] == "00":
		return City
	default:
		return County
	}
}

// prefix is what every code in the subtree of c begins with.
func (c Code) prefix() string {
	switch c.Level() {
	case Province:
		return string(c[:2])
	case City:
		return string(c[:4])
	case None:
		return ""
	default:
		return string(c)
	}
}

// Span is the half-open range of code strings that make up a subtree:
// From <= code and code < To, in byte order. The zero Span holds nothing.
type Span struct{ From, To string }

// Span is the subtree of c, itself included; empty for a malformed code.
func (c Code) Span() Span {
	p := c.prefix()
	if p == "" {
		return Span{}
	}
	last := p[len(p)-1] + 1 // ':' after '9' still sorts between
	return Span{From: p, To: p[:len(p)-1] + string(last)}
}

// Holds reports whether the code lies in the span.
func (s Span) Holds(c Code) bool { return string(c) >= s.From && string(c) < s.To }

// Contains reports whether other is c or lies below it.
func (c Code) Contains(other Code) bool {
	p := c.prefix()
	return p != "" && other.Valid() && strings.HasPrefix(string(other), p)
}

// Parent is the code one level up; the zero Code above a province.
func (c Code) Parent() Code { return c.At(c.Level() - 1) }

// Judge is the place whose office gives titles to what lies at c: its city, so that no
// county raises its own. In an installation that is smaller than a city it is the
// installation's top, and above cities the place itself.
func (c Code) Judge(top Code) Code {
	city := c.At(City)
	switch {
	case city == "":
		return c
	case city != top && city.Contains(top):
		return top
	}
	return city
}

// At is the ancestor of c at the level, c itself at its own level, and the
// zero Code below it or above the province.
func (c Code) At(l Level) Code {
	if l > c.Level() || l <= None {
		return ""
	}
	switch l {
	case Province:
		return c[:2] + "0000"
	case City:
		return c[:4] + "00"
	case County:
		return c[:6]
	default:
		return c
	}
}

// Path is c with all its ancestors, the province first.
func (c Code) Path() []Code {
	var path []Code
	for l := Province; l <= c.Level(); l++ {
		path = append(path, c.At(l))
	}
	return path
}
