package sheet_test

import (
	"testing"

	"github.com/fanin-bench/fanin-bench/results/sheet"
)

// A line explains what is blank and what is marked, and only what occurs.
func TestLegend(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		texts []string
		means string
		want  string
	}{
		{[]string{"1", "failed"}, "", ""},
		{[]string{"1", ""}, "", "blank: " + sheet.BlankMeans},
		{[]string{"", "2"}, "none", "blank: none"},
		{[]string{"≤ 3 µs"}, "", "≤: at most this value, the pacer's own error"},
		{[]string{"", "≤ 3 µs"}, "none", "blank: none; ≤: at most this value, the pacer's own error"},
		{[]string{"3 µs" + sheet.NoTail}, "", "/ –: too few messages were timed for this percentile"},
	} {
		sheet := &sheet.Sheet{Rows: []sheet.Row{{Label: "chan", Texts: test.texts}}, BlankMeans: test.means}
		if got := sheet.Legend("blank"); got != test.want {
			t.Errorf("%q: %q; want %q", test.texts, got, test.want)
		}
	}
}
