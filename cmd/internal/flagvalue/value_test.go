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
