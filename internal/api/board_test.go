package api_test

import (
	"net/http"
	"slices"
	"testing"

	"qiban.dev/qiban/internal/app"
	"qiban.dev/qiban/internal/domain/account"
)

func TestTheDashboardIsTheSameForAProgram(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		sheyang, yancheng := w.key(w.staff, readFigures, writeFigures), w.official()
		w.reported(sheyang, yancheng)
		yancheng.Put("/targets/M9", map[string]any{"region": "320900", "year": 2025, "value": 100, "document": "某号文件"}).Is(http.StatusOK)
		type figure struct {
			ID    string
			Exact *float64
		}
		type headline struct {
			Figure figure
			Target *figure
		}
		var board struct {
			Offices, Accepted int
			Headlines         []headline
			ByOffice          *struct {
				Figure figure
				Parts  []struct {
					Region string
					Value  *float64
				}
			} `json:"by_office"`
			ByMonth struct{ Indicator string } `json:"by_month"`
		}
		at := "/board?region=320900&year=2025"
		yancheng.Get(at).Is(http.StatusOK).Into(&board)
		if board.Offices != 11 || board.Accepted != 1 {
			t.Errorf("%d of %d offices have an accepted return, want 1 of 11", board.Accepted, board.Offices)
		}
		i := slices.IndexFunc(board.Headlines, func(h headline) bool { return h.Figure.ID == "G5" })
		if i < 0 || board.Headlines[i].Figure.Exact == nil || *board.Headlines[i].Figure.Exact != 4_130_000_000.25 {
			t.Errorf("the guarantees are not what was reported: %+v", board.Headlines)
		}
		if board.Headlines[0].Target == nil || *board.Headlines[0].Target.Exact != 100 {
			t.Errorf("what has a target does not lead: %+v", board.Headlines[0])
		}
		if board.ByOffice == nil || board.ByOffice.Figure.ID != "G5" || len(board.ByOffice.Parts) != 11 || board.ByMonth.Indicator != "E3" {
			t.Errorf("by office it is %+v, by month %+v", board.ByOffice, board.ByMonth)
		}
		// Another figure by office; one that cannot be shown so is passed over.
		yancheng.Get(at + "&figure=P3").Is(http.StatusOK).Into(&board)
		if board.ByOffice.Figure.ID != "P3" {
			t.Errorf("asked for P3 it shows %s", board.ByOffice.Figure.ID)
		}
		// A county sees itself, not the city, nor a neighbour.
		sheyang.Get("/board?region=320924&year=2025").Is(http.StatusOK)
		sheyang.Get(at).Is(http.StatusNotFound)
		w.key(w.neighbour, readFigures).Get("/board?region=320924&year=2025").Is(http.StatusNotFound)
		w.key(w.person("外人", account.Grant{Role: app.RoleStaff, Region: sibling}), "need:read").Get(at).Is(http.StatusForbidden)
	})
}
