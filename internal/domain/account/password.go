package account

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
)

// Argon is what a hash of a password costs.
type Argon = argon2id.Params

// hasher computes argon2id, a few at a time: each takes 64 MiB and a core, and
// a flood of sign-ins must not take the machine down with it.
type hasher struct {
	params *argon2id.Params
	slots  chan struct{}
	wait   time.Duration
	decoy  string // compared against when there is no such account
}

func newHasher(params *argon2id.Params, wait time.Duration) *hasher {
	if params == nil {
		params = &argon2id.Params{Memory: 64 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	}
	if wait == 0 {
		wait = 3 * time.Second
	}
	return &hasher{params: params, slots: make(chan struct{}, runtime.GOMAXPROCS(0)), wait: wait, decoy: decoy(params)}
}

// decoy looks like a hash and costs as much to compare with, but is that of no
// password: random bytes. Making a true one would cost every start a tenth of a
// second and 64 MiB.
func decoy(p *argon2id.Params) string {
	random := func(n uint32) string {
		raw := make([]byte, n)
		_, _ = rand.Read(raw) // never fails
		return base64.RawStdEncoding.EncodeToString(raw)
	}
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", p.Memory, p.Iterations, p.Parallelism, random(p.SaltLength), random(p.KeyLength))
}

// turn waits for a slot; after too long it is Unavailable.
func (h *hasher) turn(ctx context.Context) (done func(), err error) {
	select {
	case h.slots <- struct{}{}: // a free slot is taken however short the wait
		return func() { <-h.slots }, nil
	default:
	}
	timer := time.NewTimer(h.wait)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-timer.C:
		return nil, fault.New(fault.Unavailable, "account.busy")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (h *hasher) make(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return argon2id.CreateHash(password, h.params)
}

// check compares; an empty hash costs the same and never matches. old reports
// that the hash was made with other parameters and should be made again.
func (h *hasher) check(ctx context.Context, password, hash string) (ok, old bool, err error) {
	done, err := h.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	if hash == "" {
		_, _, err = argon2id.CheckHash(password, h.decoy)
		return false, false, err
	}
	ok, used, err := argon2id.CheckHash(password, hash)
	if err != nil {
		return false, false, err
	}
	return ok, used.Memory != h.params.Memory || used.Iterations != h.params.Iterations ||
		used.Parallelism != h.params.Parallelism, nil
}

// Password lengths, in characters. The upper bound keeps hashing cheap to ask for.
const (
	passwordShort = 8
	passwordLong  = 12 // long enough without mixing kinds
	passwordMost  = 128
)

//go:embed common.txt
var commonest string

// checkPassword adds everything that is wrong with a new password to fields:
// at least 8 characters of 3 kinds, or 12 of any; not one of the commonest,
// nothing that repeats a few characters, nothing that contains a login.
func checkPassword(fields *fault.Fields, password string, logins ...string) {
	n := utf8.RuneCountInString(password)
	switch {
	case n == 0:
		fields.Add("password", "field.required")
		return
	case n > passwordMost:
		fields.Add("password", "account.password.long", "max", passwordMost, "n", n)
		return
	case n < passwordLong:
		short(fields, password, n)
	}
	low := strings.ToLower(password)
	if common(low) {
		fields.Add("password", "account.password.common")
	} else if distinct(low) < 5 {
		fields.Add("password", "account.password.repeats")
	}
	for _, login := range logins {
		if part, _, _ := strings.Cut(strings.ToLower(login), "@"); len(part) >= 4 && strings.Contains(low, part) {
			fields.Add("password", "account.password.login")
			break
		}
	}
}

// short says in one sentence what a password under 12 characters lacks: length,
// kinds of character, or both.
func short(fields *fault.Fields, password string, n int) {
	var upper, lower, digit, other bool
	for _, r := range password {
		switch {
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsLower(r):
			lower = true
		case unicode.IsDigit(r):
			digit = true
		default:
			other = true
		}
	}
	var lacks []any
	for _, kind := range []struct {
		has bool
		key text.Key
	}{
		{lower, "account.password.kind.lower"},
		{upper, "account.password.kind.upper"},
		{digit, "account.password.kind.digit"},
		{other, "account.password.kind.other"},
	} {
		if !kind.has {
			lacks = append(lacks, string(rune('a'+len(lacks)/2)), kind.key)
		}
	}
	key := map[int]string{2: ".one_of", 3: ".two_of"}[len(lacks)/2]
	if n < passwordShort {
		key = ".short" + key
	}
	if key != "" {
		fields.Add("password", strings.Replace("account.password"+key, ".short.", ".short_", 1),
			append(lacks, "min", passwordShort, "n", n, "long", passwordLong)...)
	}
}

// common reports the commonest passwords, also with digits or marks hung on:
// Password123! is password.
func common(low string) bool {
	core := strings.TrimRightFunc(low, func(r rune) bool { return !unicode.IsLetter(r) })
	for _, word := range strings.Fields(commonest) {
		if low == word || core == word {
			return true
		}
	}
	return false
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}
