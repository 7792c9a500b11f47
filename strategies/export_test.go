package strategies

import (
	"flag"
	"iter"
	"testing"
	"time"
)

// Collected is for the tests from outside the package.
var Collected = collected

// long is what `make test-long` gives.
var long = flag.Bool("long", false, "try every race and every promise at full length, not a quarter of it")

// Brief says whether tests that find more the longer they try are to be brief. CI tries
// everything briefly three times: as it is, under the race detector and as a 32-bit
// program.
func Brief() bool { return testing.Short() || !*long }

// Rounds counts up to full, or for as long as a race is worth being run.
func Rounds(full int) iter.Seq[int] {
	budget := 1500 * time.Millisecond
	if Brief() {
		budget /= 10
	}
	return func(yield func(int) bool) {
		start := time.Now()
		for i := 0; i < full && time.Since(start) < budget && yield(i); i++ {
		}
	}
}

// Places returns all places of a Writer.
func Places[T any](w *Writer[T]) []T { return w.items[:cap(w.items)] }

// ReadAhead returns all places of a Reader.
func ReadAhead[T any](r *Reader[T]) []T { return r.buf }
