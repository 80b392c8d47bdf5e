// Package ui holds the components pages are made of (界面组件): each is one
// .templ, the .css beside it and its states in the gallery. A component takes a
// plain struct of words that are already in the reader's language; it takes P,
// the page's context, first when it says words of its own.
package ui

import (
	"context"
	"io"
	"time"

	"github.com/a-h/templ"

	"qiban.dev/qiban/internal/text"
)

// P is the page's context (页面上下文): who reads it, in which language, where
// in the site, and what the frame around it shows. The kit makes one for each
// request (web.Page); a handler sets Title.
type P struct {
	Lang  text.Lang
	Title string    // of the page, without the site's name
	Path  string    // path and query of this page: where language and sign-in come back to
	Now   time.Time // the moment the page is made, in any zone

	SignedIn bool
	Name     string // of the person signed in
	Own      string // the name of the reader's own space: their enterprise, institution or workbench
	OwnHref  string // where it is; "" when there is none
	OwnIcon  string // its icon; building when empty

	Place     string // the region the workbench works in: 射阳县
	PlaceHref string // where it is switched; "" when there is nothing to switch to

	Site    Site
	Nav     []NavItem // of the portal's header
	Side    []NavItem // of the workbench's side
	Foot    []Link    // of the portal's footer
	Flash   *Notice   // told once, after a change
	Assets  Assets
	KeysOff bool // the reader switched single keys off
	Theme   string
	Broken  int // how many fields need correcting: told at the head of the title
}

// Site is what the office says about itself on every page.
type Site struct {
	Sub     string // under the brand: 盐城市中小企业服务
	Office  string // 盐城市中小企业服务中心
	Hotline string // a number as it is read: 0515-8666 0000
	Hours   string // when it is answered
	Note    string // one more line; "" for none
	Alert   string // what everybody must know just now, on top of every page; "" for none
}

// Assets are the addresses of the bundled files; "" when one was not bundled.
type Assets struct{ Style, Script, Charts, Icon string }

// NavItem is one entry of a menu.
type NavItem struct {
	Label    string
	Href     string
	Icon     string   // workbench side only
	Count    int      // shown when above zero
	Group    string   // heading above a new group of the side; "" for the first
	OnlyWide bool     // left out of the phone's bottom bar
	Also     []string // further addresses whose pages belong to it
	Current  bool
}

// Link is a labelled address.
type Link struct{ Label, Href string }

// T is the sentence for key in the reader's language; see package text.
func (p P) T(key string, args ...any) string { return p.Lang.T(key, args...) }

// Titled is the context of a page with that title.
func (p P) Titled(title string) P {
	p.Title = title
	return p
}

// English reports whether the page is read in English.
func (p P) English() bool { return p.Lang == text.En }

// say is for the gallery alone: its samples are not words of the program.
func (p P) say(zh, en string) string {
	if p.English() {
		return en
	}
	return zh
}

// lang is the value of the html element's lang attribute.
func (p P) lang() string {
	if p.English() {
		return "en"
	}
	return "zh-CN"
}

// raw writes trusted markup of our own: icons and drawings, never input.
func raw(markup string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, markup)
		return err
	})
}
