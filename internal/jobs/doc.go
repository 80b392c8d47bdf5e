// Package jobs does work later, in the background (后台任务): a durable queue in
// the same database, joined to the same transaction as the change that asks for
// the work. A job is kept until it has been done: it runs at least once, so a
// kind's Run must bear being run again. It is the only package that knows River.
//
// Every run leaves a record (job_run): when it began and ended, what it counted,
// what went wrong. The tables named river_* are this package's too.
package jobs
