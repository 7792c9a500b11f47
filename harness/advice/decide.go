package advice

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// What came of a recommendation.
const (
	OutcomeRecommended = "recommended"
	OutcomeNone        = "none" // nothing meets the guarantees, or sustains the rate
	OutcomeNotDecided  = "not decided"
)

// mostApart is how many times as long as another of a tie the pick may take, as far as the
// run can tell. Where any of them may take longer nothing was seen. LeastEffect would be
// too little to ask: ten repetitions of a p99 on a shared machine leave 20 to 80 %.
const mostApart = 2

// decide picks what the answer is, or says why there is none.
func (a *Advice) decide(measured map[results.Cell][]results.Trial) {
	a.Outcome = OutcomeRecommended
	if len(a.Winners) == 0 {
		a.Outcome = OutcomeNone
	}
	var unmeasured []string
	for _, x := range a.Candidates {
		if x.unmeasured {
			unmeasured = append(unmeasured, x.Name)
		}
	}
	if len(unmeasured) > 0 {
		a.undecided(fmt.Sprintf("%s not measured", units.Plural(len(unmeasured), "candidate")))
		return
	}
	if len(a.Winners) == 0 {
		return
	}
	near := a.closeToAll(measured)
	if len(near) == 0 {
		a.undecided(a.seen(measured))
		return
	}
	i, ok := a.channel(near, measured)
	if a.DoesNotMatter = ok; !ok {
		i = a.pick(near, measured)
	}
	if x := a.Candidates[i]; x.Sustains == SustainsLimit {
		a.undecided(fmt.Sprintf("%s ranks first, and this run does not show whether it sustains %s", x.Name, units.PerSecond(a.Workload.Rate)))
		return
	}
	names := func(of []int) (list []string) {
		for _, i := range of {
			list = append(list, a.Candidates[i].Name)
		}
		return list
	}
	a.Winners = names(near)
	if !slices.Contains(near, i) {
		a.Winners = append(a.Winners, a.Candidates[i].Name)
	}
	a.Unclear = names(slices.DeleteFunc(a.tie(), func(i int) bool { return slices.Contains(near, i) }))
	// The code is for the first.
	picked := a.Candidates[i]
	a.Candidates = slices.Insert(slices.Delete(a.Candidates, i, i+1), 0, picked)
	a.Pick = picked.Name
}

// leastGain is how many times as good another has to be for the choice to matter.
const leastGain = 1.2

// channel returns the plain channel among the candidates, if others are as good and nothing is gained by them:
// it takes less than leastGain times as long as the best, as far as the run can tell, and
// as much memory and processor time as the least of those that tie.
func (a *Advice) channel(near []int, measured map[results.Cell][]results.Trial) (int, bool) {
	at := -1
	for _, name := range results.Baselines {
		if at < 0 {
			at = slices.IndexFunc(a.Candidates, func(x Candidate) bool { return x.Strategy == name && x.Sustains == SustainsYes })
		}
	}
	if at < 0 || len(near) == 1 && near[0] == at { // none, or the choice matters: it is the one
		return 0, false
	}
	if over := a.Candidates[at].Against; over != nil { // it is not the best itself
		shown := over.Hi != nil && *over.Hi < leastGain
		if over.Median >= leastGain || !shown && !slices.Contains(near, at) {
			return 0, false
		}
	}
	for _, of := range []*results.Quantity{results.PeakMemory, results.CPUPerMsg} {
		own := intervalOf(of, measured[a.Candidates[at].cell])
		for _, i := range near {
			other := intervalOf(of, measured[a.Candidates[i].cell])
			if own != nil && other != nil && own.Median >= leastGain*other.Median {
				return 0, false
			}
		}
	}
	return at, true
}

// undecided takes the outcome back, for a reason.
func (a *Advice) undecided(why string) {
	a.Outcome = OutcomeNotDecided
	a.Reasons = append(a.Reasons, why)
}

// closeToAll returns those of the tie that are shown to be no worse than any other of it by
// more than mostApart.
func (a *Advice) closeToAll(measured map[results.Cell][]results.Trial) []int {
	tie := a.tie()
	return slices.DeleteFunc(slices.Clone(tie), func(i int) bool {
		return slices.ContainsFunc(tie, func(j int) bool {
			if i == j {
				return false
			}
			ratio := stat.RatioByBlock(a.sample(measured[a.Candidates[j].cell]), a.sample(measured[a.Candidates[i].cell]))
			return ratio == nil || ratio.Hi == nil || *ratio.Hi > mostApart
		})
	})
}

// tie returns the candidates of place 1.
func (a *Advice) tie() []int {
	var tie []int
	for i, x := range a.Candidates {
		if x.Place == 1 {
			tie = append(tie, i)
		}
	}
	return tie
}

// seen says what kept a tie from being told apart: too few repetitions, or what varied
// most from one trial to the next.
func (a *Advice) seen(measured map[results.Cell][]results.Trial) string {
	var widest Candidate
	var lo, hi float64
	for _, i := range a.tie() {
		values := a.sample(measured[a.Candidates[i].cell]).Positive().Values()
		if len(values) < stat.MinReps {
			return fmt.Sprintf("the run has %s, and fewer than %d show no difference", units.Plural(len(values), "repetition"), stat.MinReps)
		}
		if least, most := slices.Min(values), slices.Max(values); lo == 0 || most/least > hi/lo {
			widest, lo, hi = a.Candidates[i], least, most
		}
	}
	if a.Quantile > 0 {
		return fmt.Sprintf("this machine is too noisy: the %s time (p%g) of %s was %s to %s from trial to trial", a.Times, 100*a.Quantile, widest.Name,
			units.Nanoseconds(lo), units.Nanoseconds(hi))
	}
	return fmt.Sprintf("this machine is too noisy: the throughput of %s was %s to %s from trial to trial", widest.Name,
		units.PerSecond(1e9/hi), units.PerSecond(1e9/lo))
}

// pick returns which of some winners the code is for: of those that surely sustain the
// workload, if any, the one that takes the least memory, then CPU; ties there go to the
// first as listed, so that chance decides nothing.
func (a *Advice) pick(best []int, measured map[results.Cell][]results.Trial) int {
	if sure := slices.DeleteFunc(slices.Clone(best), func(i int) bool { return a.Candidates[i].Sustains != SustainsYes }); len(sure) > 0 {
		best = sure
	}
	for _, of := range []*results.Quantity{results.PeakMemory, results.CPUPerMsg} {
		var samples []stat.Sample
		for _, i := range best {
			samples = append(samples, of.Sample(measured[a.Candidates[i].cell]))
		}
		var left []int
		for _, r := range stat.Rank(samples) {
			if r.Place == 1 {
				left = append(left, best[r.Index])
			}
		}
		if len(left) > 0 { // it was measured
			best = left
		}
	}
	return slices.MinFunc(best, func(i, j int) int { return cmp.Compare(a.Candidates[i].listed, a.Candidates[j].listed) })
}

// overBest returns how many times the best a candidate takes. The best is the lowest, so
// that what is below 1 only says that the other might be it.
func overBest(ratio *stat.Interval) *stat.Interval {
	if ratio == nil {
		return nil
	}
	over := &stat.Interval{Median: max(1, ratio.Median)}
	if ratio.Lo != nil && ratio.Hi != nil {
		over.Lo, over.Hi = new(max(1, *ratio.Lo)), new(max(1, *ratio.Hi))
	}
	return over
}

// snippetOfPick adds the code of the pick, if there is one and it has some.
func (a *Advice) snippetOfPick(known []strategies.Strategy) {
	if a.Pick == "" {
		return
	}
	if s, err := pick.Find(known, a.Candidates[0].Strategy); err == nil {
		a.Imports, a.Code = snippet(s, a.Candidates[0].cell)
	}
}

// warn adds what the run says of the machine, and of the cells that the answer is from.
func (a *Advice) warn(summary *results.Summary, cells []results.Cell) {
	about := *summary
	about.Cells = slices.DeleteFunc(slices.Clone(summary.Cells), func(c results.CellSummary) bool { return !slices.Contains(cells, c.Cell) })
	a.Warnings = about.AllWarnings()
}

// longer is how much time the next try is to be given.
func longer(budget time.Duration) time.Duration {
	const long = 5 * time.Minute
	if budget < long {
		return long
	}
	return min(2*budget, maxBudget)
}
