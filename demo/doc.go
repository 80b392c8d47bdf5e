// Package demo loads the demonstration year, Yancheng 2008 (演示年份), through the
// use cases of the program, with a clock of its own.
//
// The chapter's names and totals are real: the list of figures is
// yancheng2008/facts.csv. Everything else — enterprises, people, institutions,
// documents, how a total is spread over counties, and all figures of 2007 — is
// made up by a seeded program and says so.
package demo
