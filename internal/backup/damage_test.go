package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"qiban.dev/qiban/internal/backup"
	"qiban.dev/qiban/internal/db"
)

func sorted(s store) []string { return slices.Sorted(maps.Keys(s)) }

// entry is one file of the tar.
type entry struct{ name, body string }

func unpack(t testing.TB, archive []byte) []entry {
	t.Helper()
	z, err := zstd.NewReader(bytes.NewReader(archive))
	must(t, err)
	defer z.Close()
	var all []entry
	for in := tar.NewReader(z); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		must(t, err)
		body, err := io.ReadAll(in)
		must(t, err)
		all = append(all, entry{h.Name, string(body)})
	}
}

func pack(t testing.TB, all []entry) []byte {
	t.Helper()
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out)
	must(t, err)
	w := tar.NewWriter(z)
	for _, e := range all {
		must(t, w.WriteHeader(&tar.Header{Name: e.name, Size: int64(len(e.body)), Mode: 0o600}))
		_, err := io.WriteString(w, e.body)
		must(t, err)
	}
	must(t, errors.Join(w.Close(), z.Close()))
	return out.Bytes()
}

// large is an archive some of whose tables need several entries.
func large(t testing.TB) []byte {
	t.Helper()
	d := current(t, t.TempDir())
	fill(t, d)
	random := rand.New(rand.NewPCG(7, 7))
	must(t, d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for i := range 3000 {
			noise := make([]byte, 600)
			for k := range noise {
				noise[k] = byte(random.IntN(256))
			}
			if _, err := tx.Exec(ctx, `INSERT INTO ledger_bitmap (stream, who, grain, month, region, d1, reported, bits) VALUES (?,'','','','','',0,?)`,
				fmt.Sprintf("s%04d", i), noise); err != nil {
				return err
			}
		}
		return nil
	}))
	made, _ := archive(t, d)
	return made
}

func TestADamagedArchiveIsRefusedAndSaysWhere(t *testing.T) {
	made := large(t)
	if _, err := backup.Check(t.Context(), bytes.NewReader(made)); err != nil {
		t.Fatal(err)
	}
	all := unpack(t, made)
	if !bytes.Equal([]byte(fmt.Sprint(all)), []byte(fmt.Sprint(unpack(t, pack(t, all))))) {
		t.Fatal("packing again gives something else; this test would show nothing")
	}
	if _, err := backup.Check(t.Context(), bytes.NewReader(pack(t, all))); err != nil {
		t.Fatalf("what is packed again as it was is refused: %v", err)
	}
	at := func(part string) int {
		i := slices.IndexFunc(all, func(e entry) bool { return strings.Contains(e.name, part) })
		if i < 0 {
			t.Fatalf("no entry %s", part)
		}
		return i
	}
	change := func(fn func(all []entry) []entry) []byte { return pack(t, fn(slices.Clone(all))) }
	second := at("ledger_bitmap/000002")
	for name, c := range map[string]struct {
		archive []byte
		says    string
	}{
		"two pieces of a table changed places": {change(func(all []entry) []entry {
			all[second].body, all[second+1].body = all[second+1].body, all[second].body
			return all
		}), "ledger_bitmap has"},
		"entries changed places": {change(func(all []entry) []entry {
			all[second], all[second+1] = all[second+1], all[second]
			return all
		}), "after tables/ledger_bitmap/000001.jsonl: here is tables/ledger_bitmap/000003.jsonl"},
		"a piece is missing": {change(func(all []entry) []entry { return slices.Delete(all, second, second+1) }), "ledger_bitmap/000001"},
		"a table is missing": {change(func(all []entry) []entry {
			return slices.DeleteFunc(all, func(e entry) bool { return strings.HasPrefix(e.name, "tables/notify_wish/") })
		}), "notify_wish has 0 rows"},
		"a row is missing": {change(func(all []entry) []entry {
			i := at("tables/notify_wish/")
			_, rest, _ := strings.Cut(all[i].body, "\n")
			all[i].body = rest
			return all
		}), "notify_wish has 3 rows"},
		"a number is another": {change(func(all []entry) []entry {
			i := at("tables/notify_wish/")
			all[i].body = strings.Replace(all[i].body, "-1]", "-2]", 1)
			return all
		}), "notify_wish has 4 rows with hash"},
		"a row is no row": {change(func(all []entry) []entry {
			i := at("tables/notify_wish/")
			all[i].body = strings.Replace(all[i].body, "-1]", `"x"]`, 1)
			return all
		}), "tables/notify_wish/000001.jsonl, row 1: column mail"},
		"a line is cut": {change(func(all []entry) []entry {
			i := at("tables/notify_wish/")
			all[i].body = all[i].body[:len(all[i].body)-3]
			return all
		}), "tables/notify_wish/000001.jsonl breaks off"},
		"the manifest is missing": {change(func(all []entry) []entry { return all[:len(all)-1] }), "ends too early"},
		"something follows":       {change(func(all []entry) []entry { return append(all, entry{"more", "x"}) }), "more follows the manifest"},
		"the place is another": {change(func(all []entry) []entry {
			all[0].body = strings.Replace(all[0].body, "320900", "320800", 1)
			return all
		}), "the hash over the whole is wrong"},
		"a file of another kind": {pack(t, []entry{{"hello.txt", "hello"}}), "here is hello.txt instead of archive.json"},
		"it is empty":            {nil, "ends too early"},
		"garbage at the end":     {append(slices.Clone(made), "garbage"...), "follows its end"},
		"two archives":           {append(slices.Clone(made), made...), "follows its end"},
	} {
		_, err := backup.Check(t.Context(), bytes.NewReader(c.archive))
		if !errors.Is(err, backup.ErrDamaged) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: it says %v", name, err)
		}
	}
}

// Whatever bit is turned and wherever the end is cut off, it is noticed.
func TestNoFlippedByteAndNoCutGoesUnnoticed(t *testing.T) {
	d := current(t, t.TempDir())
	fill(t, d)
	made, _ := archive(t, d)
	random := rand.New(rand.NewPCG(1, 2))
	for range 150 {
		spoilt := slices.Clone(made)
		i := random.IntN(len(spoilt))
		spoilt[i] ^= byte(1 << random.IntN(8))
		if c, err := backup.Check(t.Context(), bytes.NewReader(spoilt)); err == nil && c.Manifest.Total == "" {
			t.Fatalf("byte %d of %d: accepted", i, len(made))
		} else if err == nil && !unchanged(t, made, spoilt) {
			t.Errorf("byte %d of %d was flipped, the content changed, and nobody noticed", i, len(made))
		}
		if _, err := backup.Check(t.Context(), bytes.NewReader(made[:random.IntN(len(made))])); err == nil {
			t.Error("an archive that was cut off was accepted")
		}
	}
}

// unchanged: a flip in what the packing leaves open (a reserved field) changes
// nothing that is kept.
func unchanged(t testing.TB, a, b []byte) bool {
	return fmt.Sprint(unpack(t, a)) == fmt.Sprint(unpack(t, b))
}

func TestAnArchiveOfANewerProgramSaysSo(t *testing.T) {
	d := current(t, t.TempDir())
	made, _ := archive(t, d)
	all := unpack(t, made)
	all[0].body = strings.Replace(all[0].body, `"format": 1`, `"format": 2`, 1)
	_, err := backup.Check(t.Context(), bytes.NewReader(pack(t, all)))
	if err == nil || errors.Is(err, backup.ErrDamaged) || !strings.Contains(err.Error(), "newer qiban") {
		t.Errorf("another format: %v", err)
	}
	all = unpack(t, made)
	all[0].body = strings.Replace(all[0].body, `"versions": [`, `"versions": [ 99999,`, 1)
	_, err = backup.Load(t.Context(), empty(t, db.SQLite), bytes.NewReader(pack(t, all)), nil)
	if err == nil || !strings.Contains(err.Error(), "migration 99999") {
		t.Errorf("an unknown migration: %v", err)
	}
}
