package schedule

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// How long, and how often, a schedule is run.
const (
	findPatience  = time.Second            // before a schedule is shown
	hastyPatience = 100 * time.Millisecond // while schedules are tried: what fails then is run again

	sequentialRuns = 20
	concurrentRuns = 2000
	hastyRuns      = 300 // of a concurrent one
)

// Limits are how long a schedule is run. The zero value is ready to use.
type Limits struct {
	Time     time.Duration // for all runs, of which one is made in any case; 0: a minute
	Patience time.Duration // for a call that must return; 0: five seconds
}

// Run runs the schedule on a strategy, again and again if it is concurrent and a few
// times if it is not, until it fails. It returns how often it was run, and nil if it
// does not fail. The strategy must suit it.
func (s Schedule) Run(ctx context.Context, strategy strategies.Strategy, most Limits) (runs int, f *Failure) {
	if most.Time == 0 {
		most.Time = time.Minute
	}
	if most.Patience == 0 {
		most.Patience = 5 * time.Second
	}
	return s.run(ctx, strategy, most.Time, most.Patience)
}

func (s Schedule) run(ctx context.Context, strategy strategies.Strategy, most, patience time.Duration) (runs int, f *Failure) {
	often := sequentialRuns
	switch {
	case s.Concurrent && patience == hastyPatience:
		often = hastyRuns
	case s.Concurrent:
		often = concurrentRuns
	case patience == hastyPatience:
		often = 1
	}
	for start := time.Now(); runs < often && f == nil && ctx.Err() == nil && (runs == 0 || time.Since(start) < most); runs++ {
		if s.Concurrent {
			f = s.concurrent(strategy, s.Seed+uint64(runs), patience)
		} else {
			f = s.sequential(strategy, patience)
		}
	}
	return runs, f
}

// Find looks for a schedule that fails, first among sequential ones and for as long
// among concurrent ones, and shrinks it, which takes as long again at the most.
func Find(ctx context.Context, strategy strategies.Strategy, seed uint64, most time.Duration) (Schedule, bool) {
	if suitable(strategy.Descriptor) != nil {
		return Schedule{}, false
	}
	for _, concurrent := range []bool{false, true} {
		for start := time.Now(); time.Since(start) < most/4 && ctx.Err() == nil; seed++ {
			s := Random(strategy.Descriptor, seed, concurrent)
			if s.Suits(strategy.Descriptor) != nil {
				continue
			}
			if _, f := s.run(ctx, strategy, most/40, hastyPatience); f == nil {
				continue
			}
			if _, f := s.run(ctx, strategy, most/4, findPatience); f != nil {
				s.Broken = *f
				return s.shrunk(ctx, strategy, most/2), true
			}
		}
	}
	return Schedule{}, false
}

// Random draws a schedule that suits the strategy described, mostly.
func Random(d strategies.Descriptor, seed uint64, concurrent bool) Schedule {
	rng := rand.New(rand.NewPCG(seed, 0x7363686564))
	s := Schedule{Strategy: d.Name, Seed: seed, Concurrent: concurrent}
	if d.Bound.HasCapacity() {
		s.Options.Capacity = 1 + rng.IntN(4)
	}
	if d.Lanes {
		s.Options.Lanes = rng.IntN(3)
	}
	if policies := strategies.Policies(); rng.IntN(2) == 0 {
		s.Options.Policy = policies[rng.IntN(len(policies))]
	}
	if !d.Offers(s.Options.Policy) {
		s.Options.Policy = d.DefaultPolicy()
	}
	producers := 1 + rng.IntN(3)
	if concurrent || rng.IntN(4) > 0 { // others open in the course of time
		for i := range producers {
			s.Ops = append(s.Ops, Op{i, Open, 1})
		}
	}
	length := 8 + rng.IntN(24)
	if concurrent {
		length *= 3
	}
	for range length {
		s.Ops = append(s.Ops, randomOp(rng, producers))
	}
	return s
}

func randomOp(rng *rand.Rand, producers int) Op {
	op := Op{Who: rng.IntN(producers), N: 1}
	switch n := rng.IntN(40); {
	case n < 20:
		op.Do = Verb(rng.IntN(int(TrySendBatch) + 1))
	case n < 34:
		op.Who, op.Do = Consumer, Recv+Verb(rng.IntN(3))
	default:
		op.Do = []Verb{Open, Open, Close, Close, Cancel, Cancel}[n-34]
		if op.Do != Open && rng.IntN(2) == 0 {
			op.Who = Consumer
		}
	}
	if verbs[op.Do].counted {
		op.N = rng.IntN(6)
	}
	return op
}

// shrunk returns the least schedule that still breaks the same promise, as far as it is
// found in the time. One that was shrunk in haste and does not fail again is none.
func (s Schedule) shrunk(ctx context.Context, strategy strategies.Strategy, most time.Duration) Schedule {
	deadline := time.Now().Add(most)
	least := s
	fails := func(try Schedule) bool {
		if time.Now().After(deadline) || ctx.Err() != nil || try.Suits(strategy.Descriptor) != nil {
			return false
		}
		_, f := try.run(ctx, strategy, most/8, hastyPatience)
		if f == nil || f.Promise != s.Broken.Promise {
			return false
		}
		try.Broken = *f
		least = try
		return true
	}
	for size := 0; size != least.size(); {
		size = least.size()
		for chunk := max(1, len(least.Ops)/2); chunk > 0; chunk /= 2 {
			for at := 0; at < len(least.Ops); {
				end := min(len(least.Ops), at+chunk)
				if !fails(least.with(slices.Concat(least.Ops[:at], least.Ops[end:]))) {
					at = end
				}
			}
		}
		for at := range least.Ops {
			least.lessen(func(s *Schedule) *int { return &s.Ops[at].N }, fails)
		}
		least.lessen(func(s *Schedule) *int { return &s.Options.Capacity }, fails)
		least.lessen(func(s *Schedule) *int { return &s.Options.Lanes }, fails)
		for _, simpler := range []func(*Schedule){
			func(s *Schedule) { s.Concurrent = false },
			func(s *Schedule) { s.Options.Policy = strategies.Block },
			(*Schedule).renumber,
		} {
			try := least.with(least.Ops)
			if simpler(&try); !reflect.DeepEqual(try, least) {
				fails(try)
			}
		}
	}
	if _, f := least.run(ctx, strategy, most, findPatience); f == nil || f.Promise != s.Broken.Promise {
		return s
	}
	return least
}

// lessen tries a schedule with a smaller number.
func (s Schedule) lessen(number func(*Schedule) *int, fails func(Schedule) bool) {
	for _, less := range []func(int) int{
		func(int) int { return 1 },
		func(n int) int { return n / 2 },
		func(n int) int { return n - 1 },
	} {
		try := s.with(s.Ops)
		n := number(&try)
		if was := *n; less(was) >= was || less(was) < 1 {
			continue
		}
		if *n = less(*n); fails(try) {
			return
		}
	}
}

// renumber numbers the producers as they come.
func (s *Schedule) renumber() {
	numbers := map[int]int{Consumer: Consumer}
	for i, op := range s.Ops {
		if _, known := numbers[op.Who]; !known {
			numbers[op.Who] = len(numbers) - 1
		}
		s.Ops[i].Who = numbers[op.Who]
	}
}

// size is what shrinking makes smaller.
func (s Schedule) size() int {
	n := s.Options.Capacity + s.Options.Lanes
	for _, op := range s.Ops {
		n += 1 + op.N
	}
	return n
}
