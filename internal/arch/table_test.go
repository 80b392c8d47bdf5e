package arch_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// module is the path before every package's folder.
const module = "qiban.dev/qiban/"

// domains in the order of their dependencies, each with the earlier ones that
// it uses: whose functions it may call and whose tables it may read or join.
var domains = []struct {
	name string
	uses string
}{
	{"territory", ""},
	{"account", ""},
	{"indicator", ""},
	{"enterprise", "territory account indicator"},
	{"institution", "territory account indicator enterprise"},
	{"expert", "territory account indicator enterprise institution"},
	{"recognition", "territory account indicator enterprise institution expert"},
	{"park", "territory indicator enterprise institution recognition"},
	{"guarantee", "territory indicator enterprise institution recognition"},
	{"techplatform", "territory indicator enterprise institution expert recognition"},
	{"training", "territory account indicator enterprise institution expert recognition"},
	{"event", "territory account indicator enterprise institution expert"},
	{"publication", "territory account indicator enterprise institution"},
	{"policy", "territory account indicator enterprise institution guarantee"},
	{"engagement", "territory account indicator enterprise institution expert policy"},
	{"plan", "territory account indicator enterprise institution expert recognition engagement"},
	{"yearbook", "territory account indicator enterprise institution publication"},
}

// layers of packages, lowest first. may lists what a package imports of the
// project: ranks ("0-3"), single folders, "uses" (the domains its domain
// uses), "domain" (the domain whose pages it is), and "-folder" to take away.
var layers = []layer{
	{0, "internal/region internal/fault internal/text migrations internal/arch", ""},
	{1, "internal/db", "internal/fault internal/text migrations"},
	{1, "internal/config", "internal/fault internal/text"},
	{2, "internal/authz", "internal/region internal/fault internal/text"},
	{3, "internal/gate", "0-2 -migrations"},
	// What these keep for the whole site (a calendar, criteria, seals) changes through the gate too.
	{3, "internal/flow internal/criteria internal/ledger internal/jobs", "0-2 -migrations internal/gate"},
	{4, "internal/search internal/files internal/notify internal/xfer internal/federation internal/backup internal/metrics internal/replica", "0-3 -migrations"},
	{5, "internal/domain/*", "0-4 -migrations uses"},
	{6, "internal/web/assets", ""},
	{6, "internal/web/assets/build", "internal/web/assets"},
	{6, "internal/web/ui", webMay + " internal/web/assets"},
	{6, "internal/web", webMay + " internal/web/assets internal/web/ui"},
	{7, "internal/domain/*/*web", "0-4 -migrations -internal/db -internal/gate -internal/jobs domain uses internal/web internal/web/ui internal/domain/territory/territoryweb"},
	{8, "internal/portal internal/workbench internal/api", "0-7 -migrations"},
	{9, "demo", "0-5"},
	{9, "internal/app", "0-8 demo"},
	{9, "internal/testkit internal/testkit/*", "0-9"},
	{10, "cmd/qiban", "internal/app"},
	{10, "bench bench/*", "0-9 bench/world bench/crowd bench/towns"},
}

const webMay = "internal/authz internal/fault internal/text internal/config internal/region " +
	"internal/ledger internal/flow internal/criteria"

// doors name the packages through which a library is reached, so that it can
// be replaced in one place. A trailing "*" stands for any rest of the folder.
var doors = map[string]string{
	"modernc.org/sqlite":              "internal/db",
	"github.com/pressly/goose":        "internal/db",
	"github.com/jackc/pgx":            "internal/db internal/jobs internal/testkit* bench*",
	"github.com/riverqueue/river":     "internal/jobs",
	"gocloud.dev":                     "internal/files",
	"github.com/gabriel-vasile":       "internal/files",
	"github.com/johannesboyne":        "internal/files internal/testkit*", // an S3 in the tests' own process
	"github.com/wneessen/go-mail":     "internal/notify",
	"github.com/xuri/excelize":        "internal/xfer",
	"github.com/klauspost/compress":   "internal/backup",
	"github.com/danielgtaylor/huma":   "internal/api",
	"golang.org/x/time":               "internal/api",
	"github.com/pb33f":                "internal/testkit/apitest",
	"github.com/benbjohnson":          "internal/replica",
	"github.com/prometheus":           "internal/metrics",
	"github.com/evanw/esbuild":        "internal/web/assets/build",
	"github.com/chromedp":             "internal/testkit*",
	"github.com/RoaringBitmap":        "internal/ledger internal/criteria internal/domain/policy bench*",
	"github.com/alecthomas/kong":      "internal/config internal/app cmd/qiban",
	"github.com/alexedwards/argon2id": "internal/domain/account",
	"github.com/a-h/templ": "internal/web* internal/domain/*web internal/portal internal/workbench " +
		"internal/api internal/app internal/testkit*",
	"net/http": "internal/notify internal/metrics internal/federation internal/web* internal/domain/*web internal/portal " +
		"internal/workbench internal/api internal/app internal/testkit* bench*",
}

type layer struct {
	rank     int
	packages string
	may      string
}

// home finds the layer of a package; false when the table does not know it.
func home(dir string) (layer, bool) {
	for _, l := range layers {
		for pattern := range strings.FieldsSeq(l.packages) {
			if matches(pattern, dir) && knownDomain(dir) {
				return l, true
			}
		}
	}
	return layer{}, false
}

// matches compares folder by folder; "*" in a pattern stands for one name's rest.
func matches(pattern, dir string) bool {
	want := "^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `[a-z0-9]+`) + "$"
	return regexp.MustCompile(want).MatchString(dir)
}

// knownDomain is true outside internal/domain, and within it for a domain of
// the list and for its pages, whose package is called after it.
func knownDomain(dir string) bool {
	name := domainOf(dir)
	if name == "" {
		return true
	}
	listed := slices.ContainsFunc(domains, func(d struct{ name, uses string }) bool { return d.name == name })
	rest := strings.TrimPrefix(dir, "internal/domain/"+name)
	return listed && (rest == "" || rest == "/"+name+"web")
}

// domainOf is the domain that a package belongs to, itself or as its pages.
func domainOf(dir string) string {
	rest, ok := strings.CutPrefix(dir, "internal/domain/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// usesOf are the domains that a domain uses.
func usesOf(name string) []string {
	for _, d := range domains {
		if d.name == name {
			return strings.Fields(d.uses)
		}
	}
	return nil
}

// mayImport says whether the table lets one package of the project import another.
func mayImport(from, to string) bool {
	own, ok1 := home(from)
	other, ok2 := home(to)
	if !ok1 || !ok2 {
		return false
	}
	allowed := false
	for word := range strings.FieldsSeq(own.may) {
		var low, high int
		switch word {
		case "-" + to:
			return false
		case to:
			allowed = true
		case "domain":
			allowed = allowed || to == "internal/domain/"+domainOf(from)
		case "uses":
			allowed = allowed || other.rank == 5 && slices.Contains(usesOf(domainOf(from)), domainOf(to))
		default:
			if n, _ := fmt.Sscanf(word, "%d-%d", &low, &high); n == 2 {
				allowed = allowed || low <= other.rank && other.rank <= high
			}
		}
	}
	return allowed
}

// throughDoor says whether a package may import a library, and if not, who may.
func throughDoor(dir, library string) (bool, string) {
	for lib, packages := range doors {
		if library != lib && !strings.HasPrefix(library, lib+"/") {
			continue
		}
		for pattern := range strings.FieldsSeq(packages) {
			want := "^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `.*`) + "$"
			if regexp.MustCompile(want).MatchString(dir) {
				return true, ""
			}
		}
		return false, packages
	}
	return true, ""
}
