package app

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/domain/account"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/flow"
	"qiban.dev/qiban/internal/ledger"
	"qiban.dev/qiban/internal/text"
)

var update = flag.Bool("update", false, "write the generated documents into docs/")

// The reference pages are what the program says of itself. Whoever changes a
// role, a lifecycle, a measure or a flag changes them with it:
//
//	go test ./internal/app -run TestGeneratedDocuments -update
func TestGeneratedDocumentsSayWhatTheProgramDoes(t *testing.T) {
	for name, content := range map[string]string{
		"permissions.md":   permissionsDoc(t),
		"states.md":        statesDoc(t, text.En),
		"states.zh-CN.md":  statesDoc(t, text.Zh),
		"configuration.md": configurationDoc(t),
		"measures.md":      measuresDoc(t),
	} {
		file := filepath.Join("..", "..", "docs", name)
		if *update {
			if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		kept, err := os.ReadFile(file)
		if err != nil || string(kept) != content {
			t.Errorf("docs/%s is not what the program says (%v): %s", name, err, firstDifference(string(kept), content))
		}
	}
}

func firstDifference(kept, content string) string {
	was, is := strings.Split(kept, "\n"), strings.Split(content, "\n")
	for i := range min(len(was), len(is)) {
		if was[i] != is[i] {
			return fmt.Sprintf("line %d is %q, want %q; run this test with -update", i+1, was[i], is[i])
		}
	}
	return fmt.Sprintf("it has %d lines, want %d; run this test with -update", len(was), len(is))
}

// page begins a generated document.
func page(title, about string) *strings.Builder {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n<!-- Written by `go test ./internal/app -run TestGeneratedDocuments -update`; do not edit. -->\n\n%s\n", title, about)
	return &b
}

// table begins a table.
func table(b *strings.Builder, heads ...string) {
	b.WriteString("\n")
	row(b, heads...)
	row(b, slices.Repeat([]string{"---"}, len(heads))...)
}

func row(b *strings.Builder, cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// permissionsDoc lists roles, and of every right who holds it.
func permissionsDoc(t *testing.T) string {
	b := page("Roles and rights · 角色与权限",
		"The roles that come with the program and what each may do. Roles are data: an installation may define more.\n"+
			"A role is given over a place and everything below it, or over one organisation; `self` everyone has over themselves.\n"+
			"An official role asks for a second factor and ends sessions sooner; nobody holds two of the three administrators.")
	table(b, "role", "中文", "English", "given over", "official", "administrator")
	over := map[string]string{account.OverRegion: "a place", authz.Enterprise: "an enterprise", authz.Institution: "an institution", "": "oneself"}
	holders := map[authz.Permission][]string{}
	for _, r := range effective() {
		row(b, "`"+r.Name+"`", text.Zh.T(r.Key()), text.En.T(r.Key()), over[r.Over], yes(r.Official), r.Admin)
		for _, p := range r.Permissions {
			if !slices.Contains(holders[p], r.Name) {
				holders[p] = append(holders[p], r.Name)
			}
		}
	}
	area := ""
	for _, p := range rights(t) {
		if own, _, _ := strings.Cut(string(p), "."); own != area {
			area = own
			fmt.Fprintf(b, "\n## %s\n", area)
			table(b, "right", "中文", "English", "held by")
		}
		by := strings.Join(holders[p], ", ")
		if by == "" {
			by = "the program, or a visitor for that purpose"
		}
		row(b, "`"+string(p)+"`", text.Zh.T(p.Key()), text.En.T(p.Key()), by)
	}
	for p := range holders {
		if !text.Has(p.Key()) {
			t.Errorf("the right %s has no name", p)
		}
	}
	return b.String()
}

// effective are the roles with what account adds to everyone's own.
func effective() []account.Role {
	all := roles()
	for i := range all {
		if all[i].Name == account.Self {
			all[i].Permissions = append(all[i].Permissions, account.SelfRights()...)
		}
	}
	return all
}

// rights are all that have a name in the catalogue, sorted.
func rights(t *testing.T) []authz.Permission {
	t.Helper()
	files, err := filepath.Glob("../text/catalog/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalogue: %v", err)
	}
	var all []authz.Permission
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var keys map[string][2]string
		if err := json.Unmarshal(raw, &keys); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for key := range keys {
			if right, ok := strings.CutPrefix(key, "permission."); ok {
				all = append(all, authz.Permission(right))
			}
		}
	}
	slices.Sort(all)
	return all
}

// lifecycles are every process of the program.
func lifecycles() []flow.Lifecycle {
	return []flow.Lifecycle{
		engagement.Lifecycle(), indicator.Lifecycle, enterprise.Lifecycle(), enterprise.ClaimLifecycle(),
		account.PersonLife(), account.InvitationLife(), park.PlanLife(), park.WishLife(), techplatform.Lifecycle(), techplatform.WorkLifecycle(), techplatform.NoticeLifecycle(), techplatform.IntroLifecycle(), techplatform.ProductLifecycle(),
		guarantee.Lifecycle(), guarantee.NeedLifecycle(),
		recognition.CallLifecycle(), recognition.Lifecycle(), recognition.AwardLifecycle(),
	}
}

// titles are what the processes are called, by the lifecycle's name.
var titles = map[string][2]string{
	"need":               {"需求", "A need"},
	"indicator":          {"统计报表", "A statistical return"},
	"enterprise":         {"企业登记", "An entry in the register of enterprises"},
	"enterprise.claim":   {"企业认领", "A claim to an enterprise"},
	"account.person":     {"账号", "An account"},
	"account.invitation": {"邀请", "An invitation"},
	"guarantee":          {"融资担保业务", "A guarantee"},
	"financing":          {"融资需求", "A financing need"},
	"recognition":        {"认定申报", "An application for recognition"},
	"recognition.call":   {"认定申报通知", "A call for applications"},
	"recognition.award":  {"认定结果", "A title that is held"},
	"park.plan":          {"园区建设规划评审", "The review of a town's plan"},
	"park.wish":          {"找厂房、申请入园", "An enterprise seeks space"},
	"techorder":          {"技术服务订单", "An order of a technical service"},
	"techwork":           {"技术服务记录", "A technical service entered without an order"},
	"technotice":         {"技术供需", "A technology need or offer"},
	"techproduct":        {"新产品鉴定", "The confirmation of a new product"},
	"techintro":          {"技术对接", "An introduction over a need or offer"},
}

func statesDoc(t *testing.T, lang text.Lang) string {
	n, title := 1, "Processes"
	about := "Each process of the program as a table of steps and as a diagram, [in Chinese too](states.zh-CN.md). " +
		"The buttons on the pages, the audit trail and the limits come from the same tables, in the `rules.go` of each domain."
	if lang == text.Zh {
		n, title = 0, "办理流程"
		about = "程序里的每个流程，一张步骤表和一张状态图（[英文](states.md)）。页面上的按钮、审计记录和时限，都出自各业务 `rules.go` 里的同一张表。"
	}
	b := page(title, about)
	for _, l := range lifecycles() {
		if err := l.Check(); err != nil {
			t.Error(err)
		}
		fmt.Fprintf(b, "\n## %s\n\n```mermaid\n%s```\n\n%s", titles[l.Name][n], l.Mermaid(lang), l.Markdown(lang))
	}
	return b.String()
}

// A process that a domain adds is in the document too.
func TestEveryProcessIsDocumented(t *testing.T) {
	files, err := filepath.Glob("../domain/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	made := regexp.MustCompile(`flow\.Lifecycle\{\s+Name:`)
	n := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(file, "_test.go") {
			n += len(made.FindAll(raw, -1))
		}
	}
	if all := lifecycles(); n != len(all) {
		t.Errorf("the domains have %d processes, docs/states.md %d", n, len(all))
	}
	for _, l := range lifecycles() {
		if titles[l.Name][0] == "" || titles[l.Name][1] == "" {
			t.Errorf("the process %s has no title here", l.Name)
		}
	}
}

// leaves are the program's commands.
func leaves(t *testing.T) []*kong.Node {
	t.Helper()
	var c commands
	parser, err := kong.New(&c, kong.Name("qiban"))
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model.Leaves(true)
}

func configurationDoc(t *testing.T) string {
	b := page("Configuration",
		"Every command with its settings. A setting is a flag, or the environment variable beside it; the flag wins. There is no configuration file.\n"+
			"[operations.md](operations.md) says how they are used.")
	for _, command := range leaves(t) {
		fmt.Fprintf(b, "\n## qiban %s\n\n%s\n", command.Path(), command.Help)
		if len(command.Positional)+len(command.Flags) > 0 {
			table(b, "setting", "environment", "default", "meaning")
		}
		for _, p := range command.Positional {
			row(b, "`<"+p.Name+">`", "", "required", p.Help)
		}
		for _, f := range command.Flags {
			if f.Name != "help" {
				row(b, "`--"+f.Name+"`", code(strings.Join(f.Envs, ", ")), standard(f), f.Help)
			}
		}
	}
	return b.String()
}

func standard(f *kong.Flag) string {
	if f.Required {
		return "required"
	}
	return code(f.Default)
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func measuresDoc(t *testing.T) string {
	b := page("Measures and indicators · 计数口径与指标",
		"What the ledger counts, and the figures made of it. A figure shown anywhere is one of the indicators below; those with a measure are computed from records,\n"+
			"those without come from statistical returns, and for each office and year exactly one of the two counts.")
	b.WriteString("\n## Measures of the ledger\n\n" +
		"`flow` adds up what happened in a period, `distinct` counts different subjects, `level` takes the newest value of each subject on a date, `mean` is a flow by month.\n")
	table(b, "measure", "facts counted", "kind", "adds up", "dimensions")
	all := measures()
	slices.SortFunc(all, func(x, y ledger.Measure) int { return strings.Compare(x.ID, y.ID) })
	for _, m := range all {
		sum := string(m.Sum)
		if m.Kind == ledger.Distinct {
			sum = "different " + m.Who
		}
		row(b, "`"+m.ID+"`", "`"+m.Of+"`", string(m.Kind), sum, strings.Join(m.Dims, ", "))
	}
	defs, err := indicator.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	b.WriteString("\n## Indicators · 指标\n\n" +
		"Definitions are data, versioned by the first year they are in force; these are the ones that come with the program.\n")
	section := ""
	for _, d := range defs {
		if d.Section != section {
			section = d.Section
			fmt.Fprintf(b, "\n### %s · %s\n", text.Zh.T("yearbook.section."+section), text.En.T("yearbook.section."+section))
			table(b, "id", "中文", "English", "unit", "nature", "source", "part of", "target for", "what it counts")
		}
		note := d.Note[0]
		if d.Note[1] != "" {
			note += "<br>" + d.Note[1]
		}
		row(b, d.ID, d.Name[0], d.Name[1], d.Unit, string(d.Nature), source(d), d.Of, d.TargetOf, note)
	}
	return b.String()
}

// source is where an indicator's value comes from.
func source(d indicator.Definition) string {
	switch {
	case d.Target:
		return "set"
	case d.GrowthOf != "":
		return "growth of " + d.GrowthOf
	case len(d.Ratio) == 2:
		return "`" + d.Ratio[0] + "` of `" + d.Ratio[1] + "`"
	case d.Measure == "":
		return "reported"
	}
	from := "`" + d.Measure + "`"
	if d.Groups != "" {
		from += " by " + d.Groups
	}
	for _, c := range d.Where {
		from += ", " + c.Dim + " " + strings.Join(c.In, " or ")
	}
	return from
}
