// Package world is the whole program on a small world that has everything once:
// five places — a county, the county beside it, a town of the county, the city
// above it and another province — each with people of every role, an enterprise,
// an institution and needs, so that a test can ask who reaches what from where.
package world
