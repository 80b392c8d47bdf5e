package files_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"qiban.dev/qiban/internal/authz"
	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/files"
	"qiban.dev/qiban/internal/gate"
	"qiban.dev/qiban/internal/testkit"
)

func TestWhatIsUploadedComesBackAndIsKeptOnce(t *testing.T) {
	each(t, roomy(), func(t *testing.T, r *room) {
		chen, zhou, plan := person("chen"), person("zhou"), pdf(1, 300<<10)
		p := r.held(chen, "方案.pdf", plan)
		if p.Name != "方案.pdf" || p.Type != "application/pdf" || p.Size != int64(len(plan)) || p.Renamed {
			t.Errorf("%+v", p)
		}
		first := r.attached(chen, "a", owner("firm"), p.Token)
		again := r.attached(zhou, "b", owner("other"), r.held(zhou, "别名.pdf", plan).Token)
		if r.stored() != 1 || first[0].Sha != again[0].Sha || first[0].ID == again[0].ID {
			t.Errorf("%d blobs for one content", r.stored())
		}
		for _, f := range append(first, again...) {
			if !bytes.Equal(r.read(f), plan) {
				t.Errorf("%s came back changed", f.Name)
			}
		}
		listed, err := files.Of(t.Context(), r.db, paper("a"), paper("b"), paper("c"))
		must(t, err)
		if len(listed) != 2 || listed[0].Name != "方案.pdf" || listed[1].Name != "别名.pdf" || listed[0].Owner != owner("firm") {
			t.Errorf("%+v", listed)
		}
		if _, err := files.Get(t.Context(), r.db, gate.Record{Kind: "paper", ID: "b"}, first[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a file of another record: %v", err)
		}
		trail, err := gate.Trail(t.Context(), r.db, gate.Record{Kind: files.Kind, ID: first[0].ID})
		must(t, err)
		if len(trail) != 1 || trail[0].ActorID != "chen" || !strings.Contains(trail[0].Detail, first[0].Sha) || strings.Contains(trail[0].Detail, "方案") {
			t.Errorf("trail %+v", trail)
		}
		r.wholeAndSound()
	})
}

func TestAPendingUploadIsItsSendersAloneAndWaitsADay(t *testing.T) {
	each(t, roomy(), func(t *testing.T, r *room) {
		chen, plan := person("chen"), pdf(2, 5000)
		p := r.held(chen, "方案.pdf", plan)
		if again := r.held(chen, "方案.pdf", plan); again.Token != p.Token || r.count(`SELECT COUNT(*) FROM files_pending`) != 1 {
			t.Error("the same file of the same form is two uploads")
		}
		if mine, err := r.Held(t.Context(), chen, p.Token, "nothing"); err != nil || len(mine) != 1 || mine[0].Name != "方案.pdf" {
			t.Errorf("%v %v", mine, err)
		}
		got, in, err := r.OpenHeld(t.Context(), chen, p.Token)
		must(t, err)
		raw, err := io.ReadAll(in)
		must(t, errors.Join(err, in.Close()))
		if !bytes.Equal(raw, plan) || got.Sha != p.Sha {
			t.Error("it came back changed")
		}
		if _, _, err := r.OpenHeld(t.Context(), person("zhou"), p.Token); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else reads it: %v", err)
		}
		if _, err := r.attach(person("zhou"), "a", owner("firm"), p.Token); !files.Gone(err) || broken(err) != "files.field.gone" {
			t.Errorf("somebody else attaches it: %v", err)
		}
		if _, err := r.hold(authz.Actor{}, "方案.pdf", plan); !fault.Is(err, fault.SignIn) {
			t.Errorf("nobody uploads: %v", err)
		}
		r.later.Add(25 * 60 * 60)
		if _, err := r.attach(chen, "a", owner("firm"), p.Token); !files.Gone(err) {
			t.Errorf("after a day: %v", err)
		}
		done, err := r.Sweep(t.Context())
		must(t, err)
		if done.Pending != 1 || done.Blobs != 1 || r.stored() != 0 || r.count(`SELECT SUM(bytes) FROM files_usage`) != 0 {
			t.Errorf("swept %+v, %d left", done, r.stored())
		}
	})
}

func TestATypeIsWhatTheContentIs(t *testing.T) {
	r := enter(t, testkit.Migrated(t), filepath.Join(t.TempDir(), "files"), roomy())
	exe := append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"), make([]byte, 200)...)
	for _, c := range []struct {
		name string
		data []byte
		as   string // the name it gets; "" when it is refused
		kind string
	}{
		{"方案.pdf", pdf(3, 900), "方案.pdf", "application/pdf"},
		{"方案.PDF", pdf(3, 900), "方案.PDF", "application/pdf"},
		{"方案.docx", pdf(3, 900), "方案.pdf", "application/pdf"},
		{"方案", pdf(3, 900), "方案.pdf", "application/pdf"},
		{"2008.终稿", pdf(3, 900), "2008.终稿.pdf", "application/pdf"},
		{"报告.docx", office(t, "docProps/app.xml", "word/document.xml"), "报告.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"报告.zip", office(t, "xl/workbook.xml"), "报告.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"介绍.pptx", office(t, "ppt/presentation.xml"), "介绍.pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
		{"公文.ofd", office(t, "OFD.xml"), "公文.ofd", "application/zip"},
		{"执照.jpg", []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"), "执照.jpg", "image/jpeg"},
		{"执照.jpg", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "执照.png", "image/png"},
		{"说明.txt", []byte("盐城市企业服务中心\n联系电话\n"), "说明.txt", "text/plain"},
		{"名单.csv", []byte("名称,地区\n射阳纺织,320924\n大丰机械,320904\n"), "名单.csv", "text/csv"},
		{"合同.pdf", exe, "", ""},
		{"setup.exe", exe, "", ""},
		{"说明.txt", []byte("<!DOCTYPE html><html><script>alert(1)</script></html>"), "", ""},
		{"图.png", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "", ""},
		{"图.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"></svg>`), "", ""},
		{"a.txt", []byte("#!/bin/sh\nrm -rf /\n"), "", ""},
		{"a.bin", []byte{0, 1, 2, 3, 4, 5, 250, 251}, "", ""},
	} {
		p, err := r.hold(person("chen"), c.name, c.data)
		switch {
		case c.as == "" && broken(err) != "files.field.type":
			t.Errorf("%s (%s) is taken: %+v %v", c.name, c.data[:6], p, err)
		case c.as != "" && (err != nil || p.Name != c.as || p.Type != c.kind || p.Renamed != (c.as != c.name)):
			t.Errorf("%s: %s %s %v", c.name, p.Name, p.Type, err)
		}
	}
}

func TestANameIsSafeToShowAndToSaveUnder(t *testing.T) {
	for in, want := range map[string]string{
		`C:\Users\chen\营业执照.jpg`: "营业执照.jpg",
		"../../etc/passwd":       "passwd",
		"a\x00b\r\nc.pdf":        "ab c.pdf",
		"cod\u202efdp.exe":       "codfdp.exe",
		"看\u200b不见\ufeff.pdf":    "看不见.pdf",
		"<b>:\"|?*.pdf":          "_b______.pdf",
		"  . . ":                 "file",
		"":                       "file",
		"\xff\xfe.pdf":           "pdf",
		"a/":                     "file",
	} {
		if got := files.CleanName(in); got != want {
			t.Errorf("%q → %q, want %q", in, got, want)
		}
	}
	long := files.CleanName(strings.Repeat("很", 300) + ".docx")
	if utf8.RuneCountInString(long) != 120 || !strings.HasSuffix(long, "很.docx") {
		t.Errorf("a long name is %d characters, %s", utf8.RuneCountInString(long), long)
	}
}

func TestLimitsAreToldInTheUsersWords(t *testing.T) {
	limits := files.Limits{File: 1 << 20, PerRecord: 2, Owner: 2 << 20, Site: 5 << 20}
	each(t, limits, func(t *testing.T, r *room) {
		chen, k := person("chen"), uint64(100)
		next := func(n int) string { k++; return r.held(chen, fmt.Sprintf("%d.pdf", k), pdf(k, n)).Token }
		if _, err := r.hold(chen, "大.pdf", pdf(4, 1<<20+1)); broken(err) != "files.field.large" {
			t.Errorf("too large: %v", err)
		}
		if _, err := r.hold(chen, "空.pdf", nil); broken(err) != "files.field.empty" {
			t.Errorf("empty: %v", err)
		}
		if _, err := r.attach(chen, "a", owner("firm"), next(9), next(9), next(9)); broken(err) != "files.field.many" {
			t.Errorf("three on one record: %v", err)
		}
		got := r.attached(chen, "b", owner("firm"), next(1<<20), next(1<<19))
		third := next(1 << 20)
		if _, err := r.attach(chen, "c", owner("firm"), third); broken(err) != "files.field.quota" {
			t.Errorf("over the quota: %v", err)
		}
		must(t, r.detach(chen, got[0]))
		if err := r.detach(chen, got[0]); !fault.Is(err, fault.NotFound) {
			t.Errorf("twice: %v", err)
		}
		r.attached(chen, "c", owner("firm"), third)
		if bytes, n, err := files.Usage(t.Context(), r.db, owner("firm")); err != nil || bytes != 1<<20+1<<19 || n != 2 {
			t.Errorf("used %d in %d files: %v", bytes, n, err)
		}
		next(1 << 20)
		next(1 << 20)
		next(1 << 20)
		if _, err := r.hold(chen, "x.pdf", pdf(5, 1<<20)); !fault.Is(err, fault.Unavailable) {
			t.Errorf("the site is full: %v", err)
		}
		if over := r.count(`SELECT COUNT(*) FROM files_pending WHERE ready = 0`); over != 0 {
			t.Errorf("%d reservations left behind", over)
		}
		r.wholeAndSound()
	})
}

func TestTwentyAtOnceNeverExceedTheQuota(t *testing.T) {
	const size = 100 << 10
	limits := roomy()
	limits.Owner = 7*size + size/2
	each(t, limits, func(t *testing.T, r *room) {
		var tokens [20]string
		for i := range tokens {
			tokens[i] = r.held(person(fmt.Sprint("p", i)), "a.pdf", pdf(uint64(200+i), size)).Token
		}
		var all sync.WaitGroup
		var in, out [20]bool
		for i := range tokens {
			all.Go(func() {
				_, err := r.attach(person(fmt.Sprint("p", i)), fmt.Sprint("paper", i), owner("firm"), tokens[i])
				in[i], out[i] = err == nil, broken(err) == "files.field.quota"
				if !in[i] && !out[i] {
					t.Error(err)
				}
			})
		}
		all.Wait()
		n := 0
		for i := range in {
			if in[i] {
				n++
			}
		}
		if bytes, held, err := files.Usage(t.Context(), r.db, owner("firm")); n != 7 || held != 7 || bytes != 7*size || err != nil {
			t.Errorf("%d got in; %d files of %d bytes are counted; %v", n, held, bytes, err)
		}
		r.wholeAndSound()
	})
}

func TestTheSamePressTwiceAttachesOnce(t *testing.T) {
	each(t, roomy(), func(t *testing.T, r *room) {
		chen := person("chen")
		token := r.held(chen, "a.pdf", pdf(6, 4000)).Token
		var all sync.WaitGroup
		results := make([]error, 8)
		for i := range results {
			all.Go(func() { _, results[i] = r.attach(chen, "a", owner("firm"), token) })
		}
		all.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else if !files.Gone(err) {
				t.Error(err)
			}
		}
		if n := r.count(`SELECT COUNT(*) FROM files_file`); won != 1 || n != 1 {
			t.Errorf("%d attached, %d files", won, n)
		}
	})
}

func TestTheSweeperTakesWhatNothingRefersToAndNothingElse(t *testing.T) {
	each(t, roomy(), func(t *testing.T, r *room) {
		ctx, chen := t.Context(), person("chen")
		stays := r.attached(chen, "a", owner("firm"), r.held(chen, "a.pdf", pdf(10, 3000)).Token)[0]
		shared := pdf(11, 3000)
		off := r.attached(chen, "a", owner("firm"), r.held(chen, "b.pdf", shared).Token)[0]
		kept := r.attached(chen, "b", owner("firm"), r.held(chen, "c.pdf", shared).Token)[0]
		alone := r.attached(chen, "b", owner("firm"), r.held(chen, "d.pdf", pdf(12, 3000)).Token)[0]
		must(t, r.detach(chen, off))
		must(t, r.detach(chen, alone))
		stray := pdf(13, 3000) // a blob whose process died before its row
		must(t, r.store.Put(ctx, sha(stray), bytes.NewReader(stray)))
		if r.dir != "" {
			for name, age := range map[string]time.Duration{".18abc.tmp": 25 * time.Hour, ".18def.tmp": 0} {
				half := filepath.Join(r.dir, sha(stray)[:2], sha(stray)+name)
				must(t, os.WriteFile(half, []byte("half"), 0o600))
				must(t, os.Chtimes(half, time.Now().Add(-age), time.Now().Add(-age)))
			}
			must(t, os.WriteFile(filepath.Join(r.dir, "notes.txt"), []byte("the operator's"), 0o600))
		}
		if done, err := r.Sweep(ctx); err != nil || done != (files.Swept{}) {
			t.Errorf("too early: %+v %v", done, err)
		}
		if got := r.stored(); r.dir != "" && got != 6 { // four contents, one half written just now, the operator's own
			t.Errorf("%d in the store after the first sweep", got)
		}
		r.later.Add(25 * 60 * 60)
		done, err := r.Sweep(ctx)
		must(t, err)
		if done.Blobs != 2 || r.dir != "" && done.Strange != 1 {
			t.Errorf("%+v", done)
		}
		left := int64(2)
		if r.dir != "" {
			left += 2 // the operator's own, and what is half written
		}
		if r.stored() != left {
			t.Errorf("%d left in the store", r.stored())
		}
		r.read(stays)
		if !bytes.Equal(r.read(kept), shared) {
			t.Error("a shared content was lost")
		}
		r.wholeAndSound()
	})
}

// Old blobs that nothing refers to are uploaded anew while sweepers run: after
// every round each attached file has its content.
func TestASweeperNeverTakesABlobFromUnderAnUpload(t *testing.T) {
	each(t, roomy(), func(t *testing.T, r *room) {
		ctx, rounds := context.Background(), 6
		for round := range rounds {
			var contents [6][]byte
			for i := range contents {
				contents[i] = pdf(uint64(1000+10*round+i), 2000)
				must(t, r.store.Put(ctx, sha(contents[i]), bytes.NewReader(contents[i])))
			}
			r.later.Add(25 * 60 * 60) // all of them are old now
			var all sync.WaitGroup
			for range 2 {
				all.Go(func() {
					if _, err := r.Sweep(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			for i, content := range contents {
				all.Go(func() {
					by := person(fmt.Sprint("p", i))
					p, err := r.hold(by, "a.pdf", content)
					if err == nil {
						_, err = r.attach(by, fmt.Sprint(round, i), owner("firm"), p.Token)
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			r.wholeAndSound()
		}
		if n := r.count(`SELECT COUNT(*) FROM files_file`); n != int64(6*rounds) {
			t.Errorf("%d files", n)
		}
	})
}

func TestAStoreThatIsDownChangesNothing(t *testing.T) {
	each(t, roomy(), func(t *testing.T, r *room) {
		chen := person("chen")
		f := r.attached(chen, "a", owner("firm"), r.held(chen, "a.pdf", pdf(20, 3000)).Token)[0]
		if r.s3 != nil {
			r.s3.Down(true)
		} else {
			must(t, os.Rename(r.dir, r.dir+".away"))
			must(t, os.WriteFile(r.dir, nil, 0o600)) // a mount that is not there
		}
		if _, err := r.hold(chen, "b.pdf", pdf(21, 3000)); !fault.Is(err, fault.Unavailable) {
			t.Errorf("an upload: %v", err)
		}
		if in, err := r.Open(t.Context(), f); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a download: %v %v", in, err)
		}
		if n := r.count(`SELECT COUNT(*) FROM files_pending`); n != 0 {
			t.Errorf("%d pending uploads are left behind", n)
		}
		if n := r.count(`SELECT SUM(bytes) FROM files_usage WHERE id = 'site'`); n != f.Size {
			t.Errorf("%d bytes are counted", n)
		}
		if r.s3 != nil {
			r.s3.Down(false)
		} else {
			must(t, os.Remove(r.dir))
			must(t, os.Rename(r.dir+".away", r.dir))
		}
		r.held(chen, "b.pdf", pdf(21, 3000))
		r.wholeAndSound()
	})
}

func TestVerifyNamesWhatIsMissingAndWhatIsDamaged(t *testing.T) {
	each(t, roomy(), func(t *testing.T, r *room) {
		ctx, chen := t.Context(), person("chen")
		var got []files.File
		for i := range 3 {
			got = append(got, r.attached(chen, "a", owner("firm"), r.held(chen, "a.pdf", pdf(uint64(30+i), 3000)).Token)...)
		}
		must(t, r.store.Damage(ctx, got[0].Sha, nil))
		must(t, r.store.Damage(ctx, got[1].Sha, bytes.Repeat([]byte("x"), 3000)))
		quick, err := files.Verify(ctx, r.db, r.store, false)
		must(t, err)
		if quick.Contents != 3 || len(quick.Missing) != 1 || quick.Missing[0] != got[0].Sha || len(quick.Damaged) != 0 {
			t.Errorf("quick: %+v", quick)
		}
		full, err := files.Verify(ctx, r.db, r.store, true)
		must(t, err)
		if len(full.Missing) != 1 || len(full.Damaged) != 1 || full.Damaged[0] != got[1].Sha {
			t.Errorf("full: %+v", full)
		}
		if err := r.store.Put(ctx, got[0].Sha, strings.NewReader("something else")); err == nil {
			t.Error("a content with another hash is kept")
		}
		var seen []files.Content
		must(t, files.Each(ctx, r.db, func(c files.Content) error { seen = append(seen, c); return nil }))
		if len(seen) != 3 || seen[0].Sha > seen[1].Sha || seen[0].Size != 3000 {
			t.Errorf("%+v", seen)
		}
	})
}

func paper(id string) gate.Record { return gate.Record{Kind: "paper", ID: id} }

func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func TestAnAddressWithCredentialsIsRefusedAndNeverRepeated(t *testing.T) {
	for _, place := range []string{"s3://key:very-secret@bucket?region=x", "ftp://bucket", "s3://?region=x"} {
		_, err := files.OpenStore(t.Context(), place)
		if err == nil || strings.Contains(err.Error(), "very-secret") {
			t.Errorf("%s: %v", place, err)
		}
	}
}
