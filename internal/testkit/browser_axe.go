package testkit

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

// axeFile is where make assets puts the checker.
const axeFile = "internal/web/assets/node_modules/axe-core/axe.min.js"

// Axe checks the page against the rules of WCAG 2.2 A and AA as axe-core knows
// them, and fails the test for each that is broken seriously or critically. What
// it names is the rule, what it is about and where.
func (b *Browser) Axe() *Browser {
	b.t.Helper()
	if b.axe == "" {
		raw, err := os.ReadFile(filepath.Join(Root(), axeFile))
		if err != nil {
			b.t.Fatalf("axe-core is missing; make assets fetches it: %v", err)
		}
		b.axe = string(raw)
	}
	// A window as high as the page: what lies under a bar that stays at the edge
	// can be scrolled from under it, but axe would call it covered.
	b.window(max(usualHeight, evaluate[int64](b, "high")))
	defer b.window(usualHeight)
	found, err := chromedp.Run(b.soon(), chromedp.Evaluate[[]violation](b.axe+"\n;"+runAxe, chromedp.EvalAwaitPromise))
	b.must(err)
	for _, v := range found {
		b.t.Errorf("%s: %s breaks %s (%s): %s: %s", b.who, b.Path(), v.Rule, v.Impact, v.Help, strings.Join(v.Where, " | "))
	}
	return b
}

// violation is a rule that a page breaks.
type violation struct {
	Rule, Impact, Help string
	Where              []string
}

const runAxe = `axe.run(document, {
  resultTypes: ['violations'],
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  // compares whole words, and Chinese is cut into words by guessing: 盐都 is not found in 盐都区
  rules: { 'label-content-name-mismatch': { enabled: document.documentElement.lang.startsWith('en') } },
}).then((r) => r.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => ({
  rule: v.id, impact: v.impact, help: v.help,
  where: v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + n.html.slice(0, 120)
    + ' ' + (n.any[0]?.message ?? n.all[0]?.message ?? '')),
})))`
