package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"qiban.dev/qiban/internal/db"
)

// Format is the version of the archives that this program writes. It reads this
// one and all before it.
const Format = 1

// ErrDamaged is wrapped by every complaint about an archive that is not as it
// was written.
var ErrDamaged = errors.New("the archive is damaged")

// Header is what an archive says of itself before anything else.
type Header struct {
	Format   int        `json:"format"`
	Program  string     `json:"program"` // version of the program that wrote it
	Engine   db.Dialect `json:"engine"`
	Site     string     `json:"site"` // region code of the place served
	Made     time.Time  `json:"made"` // the moment it shows
	Versions []int64    `json:"versions"`
	LastJob  int64      `json:"last_job"`
	Tables   []db.Table `json:"tables"`
	Files    bool       `json:"files"`
	Secret   bool       `json:"secret"`
}

// Manifest is what was written, as its end says.
type Manifest struct {
	Tables  []Part `json:"tables"`
	Jobs    Part   `json:"jobs"`
	Files   Part   `json:"files"`
	KeyHash string `json:"key_sha256,omitempty"` // of the installation's secret
	Total   string `json:"total"`                // SHA-256 over the header and all hashes
}

// Part is one part of an archive: a table, the waiting jobs, or the uploads,
// with the SHA-256 of its lines, or of the uploads' names.
type Part struct {
	Name   string `json:"name,omitempty"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

const (
	headerEntry   = "archive.json"
	manifestEntry = "manifest.json"
	secretEntry   = "secret"
	tablesFolder  = "tables/"
	jobsFolder    = "jobs"
	filesFolder   = "files/"
)

// chunk is the name of the n-th piece of a table or of the jobs, from 1.
func chunk(folder string, n int) string { return fmt.Sprintf("%s/%06d.jsonl", folder, n) }

// total is the hash that holds header and parts together.
func (m Manifest) total(header []byte) string {
	sum := sha256.New()
	_, _ = sum.Write(header) // a hash never fails
	for _, p := range append(append([]Part{}, m.Tables...), m.Jobs, m.Files) {
		_, _ = fmt.Fprintf(sum, "\n%s %d %d %s", p.Name, p.Rows, p.Bytes, p.SHA256)
	}
	_, _ = fmt.Fprintf(sum, "\n%s", m.KeyHash)
	return hex.EncodeToString(sum.Sum(nil))
}

// appendRow writes a row as a line. Integers are JSON numbers without a point,
// text is a string, bytes are base64 in a string. Text that is not UTF-8 cannot
// be carried, nor kept by PostgreSQL.
func appendRow(line []byte, t db.Table, values []any) ([]byte, error) {
	line = append(line, '[')
	for i, v := range values {
		if i > 0 {
			line = append(line, ',')
		}
		switch v := v.(type) {
		case nil:
			line = append(line, "null"...)
		case int64:
			line = strconv.AppendInt(line, v, 10)
		case []byte:
			line = append(line, '"')
			line = base64.StdEncoding.AppendEncode(line, v)
			line = append(line, '"')
		case string:
			if !utf8.ValidString(v) {
				return nil, fmt.Errorf("table %s, column %s: the text %q is not UTF-8", t.Name, t.Columns[i].Name, v)
			}
			line = appendText(line, v)
		default:
			return nil, fmt.Errorf("table %s, column %s: a value of type %T", t.Name, t.Columns[i].Name, v)
		}
	}
	return append(line, ']', '\n'), nil
}

// appendText writes a JSON string; most need nothing escaped.
func appendText(line []byte, text string) []byte {
	plain := func(b byte) bool { return b >= 0x20 && b != '"' && b != '\\' && b != 0x7f }
	start := len(line)
	line = append(line, '"')
	for i := range len(text) {
		b := text[i]
		if !plain(b) {
			return append(line[:start], quote(text)...)
		}
		line = append(line, b)
	}
	return append(line, '"')
}

func quote(text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic(err) // strings always marshal
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// parseRow reads what appendRow wrote: int64, string, []byte and nil.
func parseRow(line []byte, t db.Table) ([]any, error) {
	var cells []json.RawMessage
	if err := json.Unmarshal(line, &cells); err != nil {
		return nil, err
	}
	if len(cells) != len(t.Columns) {
		return nil, fmt.Errorf("%d values for %d columns", len(cells), len(t.Columns))
	}
	row := make([]any, len(cells))
	for i, cell := range cells {
		if string(cell) == "null" {
			continue
		}
		var err error
		switch t.Columns[i].Type {
		case db.Integer:
			row[i], err = strconv.ParseInt(string(cell), 10, 64)
		case db.Bytes:
			var b []byte
			err = json.Unmarshal(cell, &b)
			row[i] = b
		case db.Text:
			var s string
			err = json.Unmarshal(cell, &s)
			row[i] = s
		default:
			err = fmt.Errorf("no type %q is known", t.Columns[i].Type)
		}
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", t.Columns[i].Name, err)
		}
	}
	return row, nil
}
