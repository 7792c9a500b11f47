package flagvalue

import "testing"

func TestItems(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint64{"1": 1, "200k": 200_000, "1e9": 1e9, "1G": 1e9, "1.5M": 1_500_000, "1 G": 1e9} {
		if got, err := parseItems(text); got != want || err != nil {
			t.Errorf("parseItems(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"0", "-1", "1.5", "2P", "many", "1Gi", ""} {
		if err := Items(new(uint64)).Set(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{"200k": 2e5, "1.5M": 1.5e6, "1e4": 1e4, "50000/s": 5e4, "1G": 1e9} {
		var rate float64
		if err := Rate(&rate).Set(text); err != nil || rate != want {
			t.Errorf("%s: %v, %v; want %v", text, rate, err, want)
		}
	}
	for _, text := range []string{"", "k", "-1", "NaN", "Inf", "2G", "1ks"} {
		if err := Rate(new(float64)).Set(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
