// Package territory is the territorial tree itself (行政区划): which places there
// were on a day, what they were called, what became of them, and the change of
// the tree when a county becomes a district, towns merge, or one moves.
//
// A place is a region code with a name for a span of days. Codes are never used
// again for another place. Lineage (沿革) leads from a code to the code that came
// after it. A record carries its current code and is moved when the tree
// changes; a fact keeps the code of its day. Tree.AsOf and Tree.Today lead from
// one to the other.
//
// The tree ships with 江苏省, its cities, and 盐城市 down to its towns. Towns are
// those of 2023-06-30; for earlier days they are projected onto the counties of
// the time and say that they are approximate.
//
// 重点镇 (key town) is a flag of a town for a span of days.
package territory
