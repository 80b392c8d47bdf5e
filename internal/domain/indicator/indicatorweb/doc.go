// Package indicatorweb is the pages of figures (指标): all figures of a place,
// one figure with what is behind it, the returns of offices, and targets.
package indicatorweb
