// Package workbench is the signed-in pages that several domains share (工作台):
// the to-do list and the dashboard.
package workbench
