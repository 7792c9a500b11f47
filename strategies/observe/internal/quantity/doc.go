// Package quantity is the table of what is published of a fan-in. Names, units and help of
// all exports derive from it.
package quantity
