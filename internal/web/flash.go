package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/web/ui"
)

const flashCookie = "flash"

// told is one sentence on its way to the next page: a key, never words, so that
// nobody can put words of their own on our pages.
type told struct {
	Kind ui.NoticeKind `json:"k,omitempty"`
	Key  string        `json:"t"`
	Args []any         `json:"a,omitempty"`
}

// Flash tells the sentence once, on the next page: call it before SeeOther. Args
// alternate name and value and must be words or numbers that may be shown.
func (k *Kit) Flash(w http.ResponseWriter, r *http.Request, kind ui.NoticeKind, key string, args ...any) {
	raw, err := json.Marshal(told{kind, key, args})
	if err != nil || len(raw) > 2000 {
		k.Log.WarnContext(r.Context(), "flash not set", "key", key, "error", err)
		return
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the request came over TLS
		Name: flashCookie, Value: base64.RawURLEncoding.EncodeToString(raw), Path: "/", MaxAge: 60,
		HttpOnly: true, Secure: Secure(r), SameSite: http.SameSiteLaxMode,
	})
}

func flashOf(r *http.Request) *ui.Notice {
	c, err := r.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	var t told
	if err != nil || json.Unmarshal(raw, &t) != nil || !text.Has(t.Key) {
		return nil
	}
	return &ui.Notice{Kind: t.Kind, Text: Lang(r).T(t.Key, plain(t.Args)...)}
}

// plain gives whole numbers back their form after JSON made them fractions.
func plain(args []any) []any {
	for i, a := range args {
		if f, ok := a.(float64); ok && f == float64(int64(f)) {
			args[i] = int(f)
		}
	}
	return args
}

func clearFlash(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie(flashCookie); err == nil {
		//nolint:gosec // Secure wherever the request came over TLS
		http.SetCookie(w, &http.Cookie{Name: flashCookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: Secure(r), SameSite: http.SameSiteLaxMode})
	}
}
