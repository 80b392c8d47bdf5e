// Package testkit is what tests are written with: a real database of either
// kind, worlds of places and people, scenarios over HTTP, pages checked by
// selector, a browser. Domain tests import it from external _test packages.
package testkit
