// Package arch holds the rules of docs/architecture.md as tests (架构检查): who may
// import whom, who owns which table, what no package may do, and that every
// sentence the program says exists in both languages. It contains no code.
//
// When one of its tests fails, its message says what to do. When the rule
// itself is wrong, change table_test.go and docs/architecture.md together.
package arch
