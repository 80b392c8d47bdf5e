// Package yearbook writes the chapter of a year from its figures (年鉴): prose
// whose every number is a figure that opens into its records, and the list of
// all figures beside it.
//
// The prose is made of clauses. A clause stands when every figure it names has
// data; a sentence without a clause, and a section without a sentence,
// disappears. 增长, 下降 and 持平 follow from the sign. A draft is written anew
// each time; an edition (定稿) is frozen as it was read and never changes.
package yearbook
