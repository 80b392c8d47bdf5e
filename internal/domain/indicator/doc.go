// Package indicator names the figures that a place answers for (指标): what each
// counts, in which unit and how it is written; the targets set for it; the
// statistical returns that offices send up the tree (统计报表); and the sealing of
// a year (定案).
//
// A figure of a place is put together office by office. The offices of a city
// are its counties, its development zones and the city itself (市本级). For each
// office and year exactly one source counts: its accepted return when there is
// one, otherwise what the ledger computes from records. So a figure is computed,
// reported or mixed, and nobody stores which.
//
// Definitions are data: they are seeded from definitions.json and changed in the
// database, each version with the first year it is in force.
//
// A return: draft → submitted → accepted; the office above may send it back; an
// accepted return is corrected by reopening it. Accepted values are facts in the
// ledger, so a change is a reversal and a new fact.
package indicator
