package files

import (
	"encoding/csv"
	"path"
	"slices"
	"strings"
	"sync"

	_ "embed"

	"github.com/gabriel-vasile/mimetype"

	"qiban.dev/qiban/internal/fault"
)

// head is how much of the content decides its type: what tells an office
// document from any other archive stands behind its first entries.
const head = 256 << 10

// accepted is one type of content that may be uploaded.
type accepted struct {
	mime       string
	extensions []string // with the dot, the usual one first
	name       string   // files.type.<name> is its word
	strict     bool     // only under one of the extensions: the content alone says too little
}

// list holds the accepted types: what is not in it is refused, among that
// everything a browser would run.
//
//go:embed types.csv
var list string

// types are the accepted ones by their media type. The list is part of the
// program: one that cannot be read is a defect of it.
var types = sync.OnceValue(func() map[string]accepted {
	rows, err := csv.NewReader(strings.NewReader(list)).ReadAll()
	if err != nil {
		panic(err)
	}
	all := map[string]accepted{}
	for _, row := range rows[1:] {
		all[row[0]] = accepted{mime: row[0], extensions: strings.Fields(row[1]), name: row[2], strict: row[3] != ""}
	}
	return all
})

// TypeKey is the text key of what kind of file a media type is.
func TypeKey(mime string) string {
	if t, ok := types()[mime]; ok {
		return "files.type." + t.name
	}
	return "files.type.other"
}

// judge says what a content is, by its first bytes, and the name that fits it:
// one that claims to be something else gets the extension of what it is. A type
// that is not accepted is a broken field.
func judge(first []byte, name string) (kind accepted, right string, err error) {
	mime, _, _ := strings.Cut(mimetype.Detect(first).String(), ";")
	kind, ok := types()[mime]
	name = CleanName(name)
	ext := extension(name)
	fits := slices.Contains(kind.extensions, strings.ToLower(ext))
	switch {
	case !ok, kind.strict && !fits:
		return kind, "", refused("files.field.type", "name", name)
	case fits:
		return kind, name, nil
	default:
		return kind, CleanName(strings.TrimSuffix(name, ext) + kind.extensions[0]), nil
	}
}

// extension is the end of a name that says a type: short and of plain letters.
// 报告.终稿 has none.
func extension(name string) string {
	ext := path.Ext(name)
	for _, c := range strings.TrimPrefix(ext, ".") {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return ""
		}
	}
	if len(ext) < 2 || len(ext) > 6 || ext == name {
		return ""
	}
	return ext
}

// Accept is what a file chooser should offer: the extensions of the accepted types.
func Accept() string {
	var all []string
	for _, t := range types() {
		all = append(all, t.extensions...)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ",")
}

// refused is an upload that breaks a rule. The page knows its field, and puts
// the name in.
func refused(key string, args ...any) error {
	return fault.Fields{{Name: Field, Key: key, Args: args}}.Err()
}

// Field is the name under which a form sends files, and what is wrong with them.
const Field = "files"
