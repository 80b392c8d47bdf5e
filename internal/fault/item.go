package fault

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// InItem names a field of one item of a list, counted from 0: outlets.2.town.
func InItem(list string, n int, field string) string {
	return list + "." + strconv.Itoa(n) + "." + field
}

// Item takes such a name apart; ok is false for any other.
func Item(name string) (list string, n int, field string, ok bool) {
	parts := strings.SplitN(name, ".", 3)
	if len(parts) != 3 {
		return "", 0, "", false
	}
	n, err := strconv.Atoi(parts[1])
	return parts[0], n, parts[2], err == nil
}

// Renamed gives the broken fields of a fault other names; any other error stays.
func Renamed(err error, name func(string) string) error {
	f, ok := errors.AsType[*Error](err)
	if !ok || len(f.Fields) == 0 {
		return err
	}
	moved := *f
	moved.Fields = slices.Clone(f.Fields)
	for i, b := range moved.Fields {
		moved.Fields[i].Name = name(b.Name)
	}
	return &moved
}

// OfItem gives the broken fields of one item of a list the names they have there;
// those of the list itself stand at the field whole, other items' are left out.
func OfItem(err error, list string, n int, whole string) error {
	var own Fields
	for _, b := range FieldsOf(err) {
		in, at, field, ok := Item(b.Name)
		switch {
		case ok && in == list && at == n:
			own.Add(field, b.Key, b.Args...)
		case b.Name == list:
			own.Add(whole, b.Key, b.Args...)
		case !ok:
			own = append(own, b)
		}
	}
	if len(own) == 0 {
		return err
	}
	return own.Err()
}
