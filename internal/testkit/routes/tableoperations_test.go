package routes_test

import (
	"strings"

	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/testkit/world"
	"qiban.dev/qiban/internal/xfer"
)

// tableOperations bring tables in and take them out. An import is its person's
// alone, and the world has none.
func tableOperations() map[string]map[string][]ask {
	kind := fill("kind", "enterprise")
	return map[string]map[string][]ask{
		"table:read": {"GET /exports/{kind}": {{who: desk(enterprise.View), path: kind}}},
		"table:write": {
			"GET /exports/{kind}/template": {{who: somewhere(xfer.MayUse), path: kind}},
			"GET /imports":                 {{who: somewhere(xfer.MayUse)}},
			"POST /imports":                {{who: somewhere(xfer.MayUse), own: firmTable}},
			"GET /imports/{id}":            nil,
			"GET /imports/{id}/rejected":   nil,
			"POST /imports/{id}/confirm":   nil,
			"POST /imports/{id}/discard":   nil,
		},
	}
}

// firmTable asks to look at a table that the person has sent before; whoever may
// import nothing has sent none.
func firmTable(t *trial, p world.Person) any {
	t.Helper()
	token := "none"
	if p.Token == p.Key("") && p.Actor.Somewhere(xfer.MayUse) {
		held, err := t.w.Files.Hold(t.Context(), p.Actor, files.Incoming{
			Name: "firms.csv", Data: strings.NewReader("企业名称,统一社会信用代码,所在乡镇街道\n射阳县新厂纺织有限公司," + world.Code(77) + "," + string(world.Own.Town) + "\n"),
		})
		if err != nil {
			t.Fatal(err)
		}
		token = held.Token
	}
	return object{"kind": "enterprise", "token": token, "dry_run": true}
}
