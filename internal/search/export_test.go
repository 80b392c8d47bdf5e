package search

// HasWords reports whether a question has anything to look for.
func HasWords(query string) bool { return len(terms(query)) > 0 }
