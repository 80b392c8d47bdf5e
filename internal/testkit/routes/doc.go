// Package routes tests what holds of every route of the program: who gets
// through, and how often it asks the database. A new route needs a line here.
package routes
