// Package faults tests that the program is hard to break: it is killed, its disk
// fills up, its database goes away, hostile and impatient clients come, and two
// of it serve one database. Nothing that was acknowledged may be lost or done twice.
package faults
