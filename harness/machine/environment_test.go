package machine

import (
	"testing"

	"github.com/shirou/gopsutil/v4/cpu"
)

// A processor whose number is hidden is told apart by its family and model.
func TestProcessor(t *testing.T) {
	for _, test := range []struct {
		info cpu.InfoStat
		want string
	}{
		{cpu.InfoStat{ModelName: "AMD EPYC", Family: "25", Model: "1"}, "AMD EPYC, family 25 model 1"},
		{cpu.InfoStat{ModelName: "Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", Family: "6", Model: "106"}, "Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz"},
		{cpu.InfoStat{ModelName: "Apple M"}, "Apple M"},
		{cpu.InfoStat{}, ""},
	} {
		if got := processor(test.info); got != test.want {
			t.Errorf("%+v is named %q, want %q", test.info, got, test.want)
		}
	}
}
