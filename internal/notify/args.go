package notify

import (
	"encoding/json"
	"fmt"
	"strings"

	"qiban.dev/qiban/internal/text"
)

// keyed marks a text key among stored parameters.
type keyed struct {
	Key string `json:"key"`
}

// pack writes the parameters of a message as a JSON list. A text key stays one,
// so that it too is read in the reader's language.
func pack(args []any) (string, error) {
	if len(args)%2 != 0 {
		return "", fmt.Errorf("notify: %d parameters: names and values come in pairs", len(args))
	}
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case text.Key:
			out[i] = keyed{string(v)}
		case string, int, int64:
			out[i] = v
		default:
			out[i] = fmt.Sprint(v)
		}
	}
	raw, err := json.Marshal(out)
	return string(raw), err
}

func unpack(s string) ([]any, error) {
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var args []any
	if err := dec.Decode(&args); err != nil {
		return nil, fmt.Errorf("parameters of a message: %w", err)
	}
	for i, a := range args {
		switch v := a.(type) {
		case map[string]any:
			key, _ := v["key"].(string)
			args[i] = text.Key(key)
		case json.Number:
			args[i] = v.String()
		}
	}
	return args, nil
}
