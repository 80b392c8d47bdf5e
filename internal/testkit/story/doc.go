// Package story holds the stories told in a real browser against the real
// program: a need's way from the portal to the yearbook, what the pages promise
// to those without a mouse or without scripts, and every page's accessibility.
package story
