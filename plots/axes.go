package plots

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/fanin-bench/fanin-bench/results/units"
)

// newPlot returns an empty plot in the house style with two logarithmic axes.
// The axes have no labels of their own: gonum reserves room for one as if the
// axis were linear, which moves a logarithmic axis. The panel draws them.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Tick.Label.Font = textStyle(textSize, inkColor).Font
		axis.Tick.Label.Color = inkColor
		axis.Tick.LineStyle.Color = quietColor
		axis.Tick.LineStyle.Width = 0.5
		axis.LineStyle.Color = quietColor
		axis.LineStyle.Width = 0.5
		axis.Tick.Length = 4
		axis.Padding = 0
		axis.Scale = plot.LogScale{}
	}
	return p
}

// span is the range of some positive values.
type span struct{ lo, hi float64 }

func (s *span) add(values ...float64) {
	for _, v := range values {
		if v <= 0 || math.IsNaN(v) || math.IsInf(v, 0) {
			continue // has no place on a logarithmic axis
		}
		if s.lo == 0 || v < s.lo {
			s.lo = v
		}
		s.hi = max(s.hi, v)
	}
}

func (s span) empty() bool { return s.lo == 0 }

// widened returns the span with some room at both ends, and at least a factor
// of least from end to end: a difference of one percent should not fill a page.
func (s span) widened(factor, least float64) span {
	if r := s.hi / s.lo * factor * factor; r < least {
		factor *= math.Sqrt(least / r)
	}
	return span{s.lo / factor, s.hi * factor}
}

func setRange(axis *plot.Axis, s span, ticks []plot.Tick) {
	axis.Min, axis.Max = s.lo, s.hi
	axis.Tick.Marker = plot.ConstantTicks(ticks)
}

// decadeTicks labels 1, 10, 100..., with 2 and 5 between them when there is
// room for that; text makes the labels.
func decadeTicks(s span, text func(float64) string) []plot.Tick {
	decades := math.Log10(s.hi / s.lo)
	var ticks []plot.Tick
	for e := math.Floor(math.Log10(s.lo)); e <= math.Ceil(math.Log10(s.hi)); e++ {
		for d := 1.0; d < 10; d++ {
			tick := plot.Tick{Value: d * math.Pow(10, e)}
			if tick.Value < s.lo || tick.Value > s.hi {
				continue
			}
			if d != 1 && decades > 4 {
				continue // they would be a smear
			}
			if d == 1 || decades < 2.5 && (d == 2 || d == 5) || decades < 0.5 {
				tick.Label = text(tick.Value)
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// plainNumber writes 0.2, 5 or 2000 without an exponent.
func plainNumber(v float64) string {
	return strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64)
}

// timeText writes a tick of ns in the unit that keeps it short: "20 µs".
func timeText(ns float64) string {
	text := units.Nanoseconds(ns)
	number, unit, _ := strings.Cut(text, " ")
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return number + " " + unit
}

// octaveTicks labels powers of two as ratios: 1/2×, 1×, 2×.
func octaveTicks(s span) []plot.Tick {
	lo, hi := int(math.Ceil(math.Log2(s.lo))), int(math.Floor(math.Log2(s.hi)))
	step := max(1, (hi-lo)/10)
	var ticks []plot.Tick
	for e := lo; e <= hi; e++ {
		tick := plot.Tick{Value: math.Exp2(float64(e))}
		if e%step == 0 {
			tick.Label = fmt.Sprintf("%.0f×", tick.Value)
			if e < 0 {
				tick.Label = fmt.Sprintf("1/%.0f×", 1/tick.Value)
			}
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// countTicks marks what was measured of what the axis counts and labels as many as
// fit side by side on a logarithmic axis of the given length.
func countTicks(counts []int, text func(int) string, s span, length vg.Length) []plot.Tick {
	return fittingTicks(counts, text, func(i int) (float64, vg.Length) {
		value := float64(counts[i])
		return value, length * vg.Length(plot.LogScale{}.Normalize(s.lo, s.hi, value))
	})
}

// fittingTicks marks numbers at their values on an axis, of which it labels those
// whose places on the canvas leave room for them.
func fittingTicks[N any](numbers []N, text func(N) string, at func(int) (value float64, place vg.Length)) []plot.Tick {
	style := textStyle(textSize, inkColor)
	var ticks []plot.Tick
	free := vg.Length(math.Inf(-1))
	for i, n := range numbers {
		value, place := at(i)
		tick := plot.Tick{Value: value}
		half := style.Width(text(n)) / 2
		if place-half > free {
			tick.Label = text(n)
			free = place + half + 5
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// evenTicks labels four to ten round numbers on a linear axis.
func evenTicks(s span) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10(s.hi-s.lo)))
	for _, finer := range []float64{2, 2.5, 2} { // 1, 0.5, 0.2, 0.1
		if (s.hi-s.lo)/step >= 4 {
			break
		}
		step /= finer
	}
	var ticks []plot.Tick
	for i := int(math.Ceil(s.lo/step - 1e-9)); float64(i)*step <= s.hi*(1+1e-9); i++ {
		value := float64(i) * step
		ticks = append(ticks, plot.Tick{Value: value, Label: plainNumber(value)})
	}
	return ticks
}

// logPlusOne is a logarithmic scale that has a place for 0.
type logPlusOne struct{}

// Normalize implements plot.Normalizer.
func (logPlusOne) Normalize(lo, hi, v float64) float64 {
	return (math.Log1p(v) - math.Log1p(lo)) / (math.Log1p(hi) - math.Log1p(lo))
}

// plusOneTicks labels 0 and the decades, or every second or third of them.
func plusOneTicks(top float64) []plot.Tick {
	ticks := []plot.Tick{{Value: 0, Label: "0"}}
	decades := int(math.Log10(top))
	step := 1 + decades/4
	for e := 1; e <= decades; e++ {
		tick := plot.Tick{Value: math.Pow10(e)}
		if e%step == 0 {
			tick.Label = countText(tick.Value)
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// countText writes 1000000 as 1M.
func countText(n float64) string {
	for _, unit := range []struct {
		name string
		size float64
	}{{"G", 1e9}, {"M", 1e6}, {"k", 1e3}} {
		if n >= unit.size {
			return plainNumber(n/unit.size) + unit.name
		}
	}
	return plainNumber(n)
}
