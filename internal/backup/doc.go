// Package backup writes everything an installation keeps into one file and
// reads it back into either database (备份与恢复): the road out of SQLite, and
// back. docs/adr/0014-archive-format.md describes the file and says why.
//
// An archive is a tar compressed with zstd: first archive.json (Header), then
// the rows of every table in the order that foreign keys ask for, the jobs that
// wait, uploads, perhaps the secret, and last manifest.json (Manifest) with the
// counts and hashes of all of it. Rows are JSON arrays, one a line, in the
// order of the primary key, so that the same records give the same hashes
// whichever database they come from.
//
// Reading is forward only and needs memory for the longest row. What differs
// from the manifest in any way is ErrDamaged, and says where.
package backup
