// Package flow holds what every process has in common (流程): its states and
// steps as a table, and its time limits in working days (工作日时限).
//
// A Lifecycle is a value in a domain's rules.go. From it come the next state,
// the buttons of a page, the message when a step is not possible, the diagram
// and the table of the documentation; nothing else knows the order of steps.
//
// A Calendar knows which days are worked: Monday to Friday, but for the holidays
// (休) and the exchanged weekend days (班) that the State Council announces each
// year. A Limit is a row of data (how long, for which step, who is told when it
// is overdue), a Clock is the running time of one record, and both with a
// Calendar make a Deadline.
//
// How time is counted: the day on which a period starts is not counted; a period
// in days that would end on a rest day ends on the next working day; the last
// day ends when the office closes (《民法典》第二百零一、二百零三条, before 2021
// 《民法通则》第一百五十四条). A period in hours runs on, day and night.
//
// Days are ISO text (2009-01-04) in China standard time; instants are time.Time.
package flow
