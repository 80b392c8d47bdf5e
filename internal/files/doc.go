// Package files keeps what people upload (附件): licence scans, plans, reports.
//
//   - A blob (内容) is kept once, under its own SHA-256, in a folder or an S3
//     bucket. It is written whole and durably before anything refers to it, and
//     never changes.
//   - A pending upload (待提交的上传) is a blob that a person has sent and no record
//     has yet: the form it came with may have to be corrected first. It is theirs
//     alone and waits a day.
//   - A file (附件) is a blob that hangs on a record, under a name, and counts
//     against the quota of its owner. Attach turns pending uploads into files in
//     the transaction of the domain's own change; the domain decides who may, and
//     who may open them.
//   - The type is what the content is, from a list of those that are accepted
//     (types.csv); neither the name nor the browser is believed.
//
// What nothing refers to is swept after a day. The order of steps is such that a
// process may be killed at any of them: a blob without a row is swept, a row
// without its blob is never committed. See hold.go and sweep.go.
package files
