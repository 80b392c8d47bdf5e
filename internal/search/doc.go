// Package search finds public records by words (全文检索). A domain says as which
// documents its records are found (Source); the index follows the audit trail,
// so that a change is found a moment after it was made, and can be made anew
// from the records at any time.
//
// Chinese is cut into pairs of neighbouring characters (二元切分): 纺织检测 is 纺织
// 织检 检测. They are made here, the same for both databases: FTS5 on SQLite and
// tsvector on PostgreSQL only keep them. What is found is ranked here as well:
// what stands in the title comes before what stands in a document's kind, place
// and industry, and that before its text.
package search
