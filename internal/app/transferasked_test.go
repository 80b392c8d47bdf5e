package app_test

import (
	"slices"
	"sync/atomic"
	"testing"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/db"
	"qiban.dev/qiban/internal/domain/engagement"
	"qiban.dev/qiban/internal/domain/enterprise"
	"qiban.dev/qiban/internal/domain/guarantee"
	"qiban.dev/qiban/internal/domain/indicator"
	"qiban.dev/qiban/internal/domain/institution"
	"qiban.dev/qiban/internal/domain/park"
	"qiban.dev/qiban/internal/domain/recognition"
	"qiban.dev/qiban/internal/domain/techplatform"
	"qiban.dev/qiban/internal/region"
	"qiban.dev/qiban/internal/testkit"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// everything is somebody who may do everything in a place.
func everything(place region.Code) authz.Actor {
	return authz.Actor{Kind: authz.Job, ID: "all", Name: "all", Grants: []authz.Grant{{Region: place, Role: authz.Role{Name: "all", Permissions: slices.Concat(
		enterprise.Permissions(), institution.Permissions(), indicator.Permissions(), engagement.Permissions(), park.Permissions(),
		recognition.Permissions(), techplatform.Permissions(), guarantee.Permissions(),
	)}}}}
}

// A table that goes out asks the database once for a page of records, not once for
// each: a city asks hardly more often than one of its counties.
func TestTablesGoOutByThePage(t *testing.T) {
	testkit.EachDemo(t, func(t *testing.T, source string) {
		a := desk{t, source, t.TempDir()}.open(true)
		defer func() { _ = a.Close() }()
		out := func(k xfer.Kind, place region.Code) (asked, rows int64) {
			t.Helper()
			var n atomic.Int64
			f := xfer.Filter{Region: place, Lang: text.Zh}
			if err := k.Export(db.CountQueries(t.Context(), &n), everything(place), f, func([]string) error { rows++; return nil }); err != nil {
				t.Fatalf("%s: %v", k.Table.Name, err)
			}
			return n.Load(), rows
		}
		for _, k := range a.Transfer.Outgoing(everything("320900")) {
			few, less := out(k, "320924")
			many, more := out(k, "320900")
			if pages := (more-less)/200 + 1; many-few > 5*pages {
				t.Errorf("%s: %d rows ask %d times, %d rows %d times", k.Table.Name, less, few, more, many)
			}
		}
	})
}
