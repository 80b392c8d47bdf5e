package ui_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web/ui"
)

func page(lang text.Lang) ui.P {
	return ui.P{
		Lang: lang, Title: "页", Path: "/x?a=1", Now: time.Date(2009, 1, 6, 10, 42, 0, 0, ui.Shanghai()),
		SignedIn: true, Name: "王海燕", Own: "射阳县鹤乡纺织有限公司", OwnHref: "/own", Place: "射阳县", PlaceHref: "/bench/place",
		Site:   ui.Site{Sub: "盐城市中小企业服务", Office: "盐城市中小企业服务中心", Hotline: "0515-8666 0000", Hours: "8:30—18:00"},
		Nav:    []ui.NavItem{{Label: "服务", Href: "/services", Current: true}},
		Side:   []ui.NavItem{{Label: "待办", Href: "/bench", Icon: "inbox", Count: 23, Current: true}, {Label: "看板", Href: "/bench/d", Icon: "chart", Group: "统计"}},
		Foot:   []ui.Link{{Label: "使用帮助", Href: "/help"}},
		Assets: ui.Assets{Style: "/assets/a.css", Script: "/assets/a.js", Charts: "/assets/c.js", Icon: "/assets/i.svg"},
		Flash:  &ui.Notice{Kind: ui.OK, Text: "好"},
	}
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every component, in every state of its fixture and in both languages, is one
// well-formed element without a missing word, an inline script or a doubled id.
func TestEveryComponentIsOneSoundElement(t *testing.T) {
	for _, lang := range []text.Lang{text.Zh, text.En} {
		for _, s := range ui.Sections(page(lang)) {
			if len(s.Samples) == 0 {
				t.Errorf("%s has no fixture", s.ID)
			}
			for _, x := range s.Samples {
				out := render(t, x.View)
				name := string(lang) + " " + s.ID + "/" + x.Name
				if n := roots(t, out); n != 1 {
					t.Errorf("%s: %d roots, want 1", name, n)
				}
				sound(t, name, out)
			}
		}
	}
}

func TestTheShellsAreWholePages(t *testing.T) {
	for _, lang := range []text.Lang{text.Zh, text.En} {
		p := page(lang)
		for name, shell := range map[string]templ.Component{"portal": ui.Portal(p), "wide": ui.PortalWide(p), "bench": ui.Bench(p)} {
			out := render(t, templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
				return shell.Render(templ.WithChildren(ctx, ui.Gallery(p)), w)
			}))
			sound(t, string(lang)+" "+name, out)
			doc, err := html.Parse(strings.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"main", "nav", "h1", "title"} {
				if count(doc, want) == 0 {
					t.Errorf("%s %s has no %s", lang, name, want)
				}
			}
			if count(doc, "main") != 1 || count(doc, "h1") != 1 {
				t.Errorf("%s %s: %d main, %d h1, want one of each", lang, name, count(doc, "main"), count(doc, "h1"))
			}
		}
	}
}

// A page read in English speaks English: no Chinese is left but in the switch of
// language and in names.
func TestEnglishComponentsSpeakEnglish(t *testing.T) {
	for _, s := range ui.Sections(page(text.En)) {
		for _, x := range s.Samples {
			out := strings.ReplaceAll(render(t, x.View), "三百万", "")
			if i := strings.IndexFunc(out, func(r rune) bool { return r >= '\u4e00' && r <= '\u9fff' }); i >= 0 {
				t.Errorf("%s/%s: Chinese in English: …%.60s", s.ID, x.Name, out[i:])
			}
		}
	}
}

func TestLinksDoNotRunScripts(t *testing.T) {
	for name, c := range map[string]templ.Component{
		"button": ui.Btn(ui.Button{Label: "x", Href: "javascript:alert(1)"}),
		"list":   ui.List([]ui.Item{{Label: "x", Href: "javascript:alert(1)"}}),
		"fact":   ui.Facts(page(text.Zh), []ui.Fact{{Label: "x", Change: "javascript:alert(1)"}}),
		"words":  ui.NoticeBox(ui.Notice{Text: "<script>alert(1)</script>"}),
		"field":  ui.TextField(page(text.Zh), ui.Field{Name: "a", Value: `"><script>alert(1)</script>`}),
	} {
		out := render(t, c)
		if strings.Contains(out, "javascript:") || strings.Contains(out, "<script") {
			t.Errorf("%s lets a script through: %s", name, out)
		}
	}
}

func TestAnUnknownIconIsAnError(t *testing.T) {
	if err := ui.Icon("no-such").Render(t.Context(), &bytes.Buffer{}); err == nil {
		t.Error("a misspelt icon was drawn")
	}
}

// sound reads the markup strictly: every element is closed in order, ids are
// single, and nothing needs a looser content policy.
func sound(t *testing.T, name, out string) {
	t.Helper()
	if strings.Contains(out, "⟦") {
		t.Errorf("%s lacks words: …%.60s", name, out[strings.Index(out, "⟦"):])
	}
	void := map[string]bool{"input": true, "br": true, "meta": true, "link": true, "img": true, "hr": true, "wbr": true}
	ids := map[string]bool{}
	var open []string
	z := html.NewTokenizer(strings.NewReader(out))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("%s leaves %v open", name, open)
			}
			return
		case html.StartTagToken:
			tag := z.Token()
			for _, a := range tag.Attr {
				if a.Key == "id" {
					if ids[a.Val] {
						t.Errorf("%s has the id %s twice", name, a.Val)
					}
					ids[a.Val] = true
				}
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s has an inline handler %s", name, a.Key)
				}
				if a.Key == "style" && !strings.HasPrefix(a.Val, "--") && !strings.HasPrefix(a.Val, "background:var(--") {
					t.Errorf("%s sets more than custom properties: %s", name, a.Val)
				}
			}
			if tag.Data == "style" {
				t.Errorf("%s has an inline style sheet", name)
			}
			if !void[tag.Data] {
				open = append(open, tag.Data)
			}
		case html.EndTagToken:
			tag := z.Token()
			if len(open) == 0 || open[len(open)-1] != tag.Data {
				t.Errorf("%s closes %s inside %v", name, tag.Data, open)
				return
			}
			open = open[:len(open)-1]
		default:
		}
	}
}

// roots counts the elements at the top.
func roots(t *testing.T, out string) int {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(out), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, x := range nodes {
		if x.Type == html.ElementNode {
			n++
		}
	}
	return n
}

func count(n *html.Node, tag string) int {
	c := 0
	if n.Type == html.ElementNode && n.Data == tag {
		c++
	}
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		c += count(k, tag)
	}
	return c
}
