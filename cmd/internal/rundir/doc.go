// Package rundir is where runs are unless somebody says otherwise: a directory out/TIME
// for each, and out/latest, which points at the newest.
package rundir
