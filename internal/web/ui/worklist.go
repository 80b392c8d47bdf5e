package ui

import "strings"

type head struct{ class, word string }

// shown are the columns that have a name, in their order.
func (h Heads) shown() []head {
	var all []head
	for _, c := range []head{{"t", h.Title}, {"f", h.Party}, {"pl", h.Place}, {"th", h.Theme}, {"st", h.Stage}, {"w", h.Handler}, {"c", h.Code}} {
		if c.word != "" {
			all = append(all, c)
		}
	}
	return all
}

// label tells the checkboxes apart for those who hear them.
func (w WorkItem) label() string {
	if w.Code != "" {
		return w.Code
	}
	return w.Title
}

func upper(key string) string { return strings.ToUpper(key) }
