package xfer_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"qiban.dev/qiban/internal/fault"
	"qiban.dev/qiban/internal/text"
	"qiban.dev/qiban/internal/xfer"
)

// endless is a file of a heading and then one row again and again, which is
// nowhere kept.
type endless struct {
	head, row string
	size      int64
}

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) && off < e.size {
		from := e.head
		at := off
		if off >= int64(len(e.head)) {
			from, at = e.row, (off-int64(len(e.head)))%int64(len(e.row))
		}
		took := copy(p[n:], from[at:])
		n += took
		off += int64(took)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// book is an XLSX of the given parts, with what else one needs.
func book(t testing.TB, parts map[string]func(io.Writer)) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	fixed := map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
		"_rels/.rels":                `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr date1904="1"/><sheets><sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
	}
	for name, body := range fixed {
		if parts[name] == nil {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(w, body)
		}
	}
	for name, write := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		write(w)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const (
	sheetPart = "xl/worksheets/sheet1.xml"
	sheetHead = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="B1" t="inlineStr"><is><t>established</t></is></c></row>`
	sheetTail = `</sheetData></worksheet>`
)

// again writes a text n times.
func again(w io.Writer, s string, n int) {
	block := strings.Repeat(s, min(n, 4096))
	for ; n > 0; n -= 4096 {
		_, _ = io.WriteString(w, block[:len(s)*min(n, 4096)])
	}
}

func TestASheetWithItsOwnDaysIsReadByThem(t *testing.T) {
	raw := book(t, map[string]func(io.Writer){sheetPart: func(w io.Writer) {
		_, _ = io.WriteString(w, sheetHead+`<row r="3"><c r="A3" t="inlineStr"><is><t>鹤乡</t></is></c><c r="B3"><v>38402</v></c></row>`+sheetTail)
	}})
	rows := 0
	read(t, raw, func(r *xfer.Row) {
		rows++
		if r.Line != 3 || r.Day("established") != "2009-02-20" {
			t.Errorf("row %d, %s, %v", r.Line, r.Day("established"), r.Bad)
		}
	})
	if rows != 1 {
		t.Errorf("%d rows", rows)
	}
}

// monsters are files made to fill the memory, with what is said of them.
func monsters(t testing.TB) map[string]struct {
	file io.ReaderAt
	size int64
	key  string
} {
	type monster = struct {
		file io.ReaderAt
		size int64
		key  string
	}
	of := func(raw []byte, key string) monster { return monster{bytes.NewReader(raw), int64(len(raw)), key} }
	const csvRow = "射阳县鹤乡纺织有限责任公司\n"
	csv := endless{"name\n", csvRow, 5 + 10_000_000*int64(len(csvRow))}
	open := endless{"name\n\"", "without an end ", 300 << 20}
	bomb := book(t, map[string]func(io.Writer){
		sheetPart:              func(w io.Writer) { _, _ = io.WriteString(w, sheetHead+sheetTail) },
		"xl/sharedStrings.xml": func(w io.Writer) { again(w, "<si/>", (512<<20)/5+1) },
	})
	lying := bytes.Clone(bomb)
	for at := 0; ; { // the directory of the archive says that the part is small
		i := bytes.Index(lying[at:], []byte("PK\x01\x02"))
		if i < 0 {
			break
		}
		at += i + 4
		if binary.LittleEndian.Uint32(lying[at+20:]) > 1<<20 {
			binary.LittleEndian.PutUint32(lying[at+20:], 5000)
		}
	}
	return map[string]monster{
		"ten million rows of CSV": {csv, csv.size, "xfer.file.rows"},
		"a quotation mark alone":  {open, open.size, "xfer.file.endless"},
		"ten million rows of XLSX": of(book(t, map[string]func(io.Writer){sheetPart: func(w io.Writer) {
			_, _ = io.WriteString(w, sheetHead)
			again(w, "<row><c><v>1</v></c></row>", 10_000_000)
		}}), "xfer.file.rows"),
		"a cell of a hundred megabytes": of(book(t, map[string]func(io.Writer){sheetPart: func(w io.Writer) {
			_, _ = io.WriteString(w, sheetHead+`<row><c t="inlineStr"><is><t>`)
			again(w, "long", 25<<20)
			_, _ = io.WriteString(w, `</t></is></c></row>`+sheetTail)
		}}), "xfer.file.long"),
		"half a gigabyte of texts":   of(bomb, "xfer.file.unpacked"),
		"texts larger than they say": of(lying, "xfer.file.xlsx"),
		"many empty texts": of(book(t, map[string]func(io.Writer){
			sheetPart:              func(w io.Writer) { _, _ = io.WriteString(w, sheetHead+sheetTail) },
			"xl/sharedStrings.xml": func(w io.Writer) { again(w, "<si/>", 10_000_000) },
		}), "xfer.file.unpacked"),
		"a style sheet of fifty megabytes": of(book(t, map[string]func(io.Writer){
			sheetPart:       func(w io.Writer) { _, _ = io.WriteString(w, sheetHead+sheetTail) },
			"xl/styles.xml": func(w io.Writer) { again(w, "<xf/>", 10<<20) },
		}), "xfer.file.unpacked"),
	}
}

// TestFilesMadeToFillTheMemoryAreRefused opens them in a process of its own,
// which must not grow beyond what reading a table takes.
func TestFilesMadeToFillTheMemoryAreRefused(t *testing.T) {
	if os.Getenv("QIBAN_TEST_MONSTERS") == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), "QIBAN_TEST_MONSTERS=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok {
			t.Fatal("this system does not say how much memory a process took")
		}
		t.Logf("at most %d MB\n%s", usage.Maxrss>>10, out)
		if usage.Maxrss > 120<<10 {
			t.Errorf("it took %d MB of memory", usage.Maxrss>>10)
		}
		return
	}
	limits := xfer.Uploaded()
	limits.Bytes = xfer.Most().Bytes // as an operator may give
	for name, m := range monsters(t) {
		r, err := xfer.Open(m.file, m.size, sheet(), limits, nil)
		for err == nil {
			if _, err = r.Next(); errors.Is(err, io.EOF) {
				t.Errorf("%s: read to its end", name)
			}
		}
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Fields) != 1 || f.Fields[0].Key != m.key {
			t.Errorf("%s: want %s, got %v", name, m.key, err)
			continue
		}
		fmt.Println(name, "→", text.Zh.T(f.Fields[0].Key, f.Fields[0].Args...))
	}
}
