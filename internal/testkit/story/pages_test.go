package story_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"qiban.dev/qiban/internal/testkit"
)

// mostPages is how many kinds of page one role's walk looks at.
const mostPages = 100

// Every page that somebody comes to by following links is accessible and needs
// no sideways scroll, on a phone and on a desk, in Chinese and in English.
func TestEveryPageIsAccessible(t *testing.T) {
	w := newWorld(t)
	walked := map[string]bool{}
	for _, role := range []struct{ who, phone string }{
		{"a visitor", ""},
		{"陈国华, an owner", owner},
		{"李建, of an institution", clerk},
		{"王海燕, of a county's centre", sheyang},
		{"徐明, of the city", official},
		{"何平, who runs the system", system},
		{"陆安, who looks after rights", security},
		{"钱正, who reads the trail", audit},
	} {
		t.Run(role.who, func(t *testing.T) {
			b, from := w.Open(t, role.who, w.site.URL), "/"
			if role.phone != "" {
				from = signIn(b.Visit("/sign-in"), role.phone).Path()
			}
			pages := walk(b, from, walked)
			t.Logf("%d kinds of page: %s", len(pages), strings.Join(pages, " "))
			look(b.Width(testkit.Desktop).Expect(404).Visit("/nothing"))
			b.Width(testkit.Desktop).Visit("/language?to=en&back=%2F").See("中文")
			for _, page := range pages {
				b.Width(testkit.Desktop).Visit(page)
				look(b)
			}
		})
	}
}

// walk follows the links from a page, breadth first, and looks at one page of
// each kind that was not looked at before. It answers the pages.
func walk(b *testkit.Browser, from string, walked map[string]bool) []string {
	queue, seen, pages := []string{from}, map[string]bool{}, []string{}
	for len(queue) > 0 && len(pages) < mostPages {
		page := queue[0]
		queue = queue[1:]
		kind := kindOf(page)
		if seen[kind] || !own(page) && walked[kind] {
			continue
		}
		seen[kind], walked[kind] = true, true
		b.Width(testkit.Desktop).Visit(page)
		look(b)
		pages = append(pages, page)
		for _, link := range b.Links() {
			if !left(link) {
				queue = append(queue, link)
			}
		}
	}
	return pages
}

// look judges the page in both windows.
func look(b *testkit.Browser) {
	for _, width := range []int64{testkit.Desktop, testkit.Phone} {
		b.Width(width).NoSideways().Axe()
	}
}

// own pages differ by who reads them.
func own(page string) bool {
	return strings.HasPrefix(page, "/my") || strings.HasPrefix(page, "/bench")
}

// left are links that lead to no page: files, the switch of the language.
func left(link string) bool {
	return strings.HasPrefix(link, "/language") || strings.HasPrefix(link, "/openapi.json") ||
		strings.Contains(link, "/files/") || strings.Contains(link, "download") || strings.Contains(link, "export")
}

var id = regexp.MustCompile(`^([0-9a-f-]{20,}|[A-Z][0-9]+|[0-9]{4,}.*)$`)

// kindOf is an address without what only tells records apart.
func kindOf(page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return page
	}
	parts := strings.Split(u.Path, "/")
	for i, part := range parts {
		if id.MatchString(part) || i > 5 { // so deep down there are only parts of one thing
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}
