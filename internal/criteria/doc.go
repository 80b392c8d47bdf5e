// Package criteria answers, condition by condition, whether something qualifies,
// and how many points it scores, from rules that are dated data (条件与评分).
//
// A Set is one version of such rules with its source. Its Rule is a tree of
// conditions: a leaf compares a named input with a threshold; all, any and
// at_least combine them. Every answer carries the value, the threshold and the
// source: met, unmet, unknown because something was not filled in, or to be
// judged by a person. Never an opaque yes or no.
//
// Tiers grade an input by floors and take the lowest over several (规模划型, 星级).
// A Scorecard adds weighted points, with groups that must reach a floor of their
// own, bonus items up to a cap, and evidence where it is required.
//
// The package knows no domain: inputs are named values that a domain provides.
// Published versions never change, so an old decision can always be explained.
package criteria
