// Package yearbookweb is the pages of the yearbook (年鉴): the chapter as it is
// read, and the desk where it is prepared.
package yearbookweb
