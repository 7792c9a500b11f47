package conformance

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// TortureOptions configures [Torture]. The zero value is ready to use.
type TortureOptions struct {
	// For is how long to go on; 0 means DefaultTorture, or without limit if there
	// are Items. The round under way is finished.
	For time.Duration
	// Items is how many deliveries to check at least; 0 means no number. With it
	// three rounds of four are long, without anything that takes time and is no
	// delivery, and the second round takes half of the items, up to 2^27: what breaks
	// only after many millions of items of one fan-in breaks there.
	Items uint64
	// Seed decides what the rounds are; the scheduler decides the rest.
	Seed uint64
	// Watchdog is how long a round may go without progress; 0 means
	// DefaultWatchdog.
	Watchdog time.Duration
	// Schedule is how long to look for a schedule once a promise is found broken; 0: not
	// at all. See Finding.Schedule.
	Schedule time.Duration
	// Progress, if set, is called after every round by the goroutine that
	// called Torture.
	Progress func(Stats)
}

// DefaultTorture is how long Torture goes on when it is not told.
const DefaultTorture = 10 * time.Second

// Stats says what Torture has done. Items are counted over all rounds;
// those thrown away when the consumer left are in Attempted only.
type Stats struct {
	Rounds    int
	Attempted uint64
	Delivered uint64
	Dropped   uint64
	Rejected  uint64
	Elapsed   time.Duration
}

// Torture runs rounds of random traffic at full speed until its time is up, ctx
// is done or a promise is broken, and checks every delivery. A round takes some
// tens of milliseconds and is of random shape: from one to thousands of
// producers, which come and go, any capacity, every policy offered, every way
// to send in batches of any size, calls that are cancelled, senders so slow that
// the consumer parks, a consumer that leaves or that waits in a select, and one Sender in
// place of the producers. With a strategy that lacks exactly-once there is nothing to
// count, and no round.
func Torture(ctx context.Context, s strategies.Strategy, opts TortureOptions) (Stats, []Finding) {
	if opts.For == 0 {
		opts.For = DefaultTorture
		if opts.Items > 0 {
			opts.For = math.MaxInt64
		}
	}
	if opts.Items == 0 {
		opts.Items = math.MaxUint64
	}
	if opts.Progress == nil {
		opts.Progress = func(Stats) {}
	}
	var stats Stats
	start := time.Now()
	for ctx.Err() == nil && stats.Elapsed < opts.For && stats.Delivered < opts.Items && s.Keeps(strategies.PromiseExactlyOnce) {
		// Each round gets a seed of its own, and so a kit of its own.
		k := newKit(s, Options{Seed: opts.Seed + uint64(stats.Rounds), Watchdog: opts.Watchdog, Schedule: opts.Schedule})
		shape := k.shape()
		if opts.Items != math.MaxUint64 && stats.Rounds%4 != 0 {
			shape = k.longShape(longItems)
		}
		if opts.Items != math.MaxUint64 && stats.Rounds == 1 {
			shape = k.enduringShape(opts.Items / 2)
		}
		var sum totals
		_, finding := k.run(ctx, check{
			name: "torture", promise: strategies.PromiseExactlyOnce,
			run: func(e *env) (err error) { sum, err = shape.run(e); return err },
		})
		if finding != nil {
			finding.Detail = fmt.Sprintf("%s (round %d of seed %d: %+v)", finding.Detail, stats.Rounds, opts.Seed, shape)
			return stats, []Finding{*finding}
		}
		if ctx.Err() != nil {
			break // the round was given up; its sum may still be written
		}
		stats.Rounds++
		stats.Attempted += sum.attempted
		stats.Delivered += sum.delivered
		stats.Dropped += sum.dropped
		stats.Rejected += sum.rejected
		stats.Elapsed = time.Since(start)
		opts.Progress(stats)
	}
	stats.Elapsed = time.Since(start)
	return stats, nil
}

// shape is what a round of torture is.
type shape struct {
	flood
	messages bool // messages with a payload instead of words
	shared   bool // all producers are views of one Sender
}

func (s shape) run(e *env) (totals, error) {
	if s.shared {
		e.strategy = throughSender(e.strategy)
	}
	if s.messages {
		return run(e, e.strategy.Message, sealedMessages(e.seed), s.flood)
	}
	return run(e, e.strategy.Word, plainWords(), s.flood)
}

// shape draws a round.
func (k *kit) shape() shape {
	rng := rand.New(rand.NewPCG(k.opts.Seed, 0x746f7274757265))
	d := k.strategy.Descriptor
	s := shape{messages: rng.IntN(4) == 0}
	s.senders = oneOf(rng, 1+rng.IntN(4), 5+rng.IntN(60), 1000+rng.IntN(2000))
	s.lives = oneOf(rng, 1, 1, 1+rng.IntN(8))
	s.options.Capacity = oneOf(rng, 1, 2, 3+rng.IntN(10), 1+rng.IntN(1000), 1+rng.IntN(1<<16))
	s.maxBatch = oneOf(rng, 1, 1+rng.IntN(10), 1+rng.IntN(1000))
	s.maxRecv = oneOf(rng, 1, 1+rng.IntN(10), 1+rng.IntN(1000))
	if d.Lanes {
		s.options.Lanes = oneOf(rng, 0, 0, 1, 1+rng.IntN(2*s.senders))
	}
	for offered := false; !offered; offered = d.Offers(s.options.Policy) {
		s.options.Policy = oneOf(rng, strategies.Policies()...)
	}
	s.ways = oneOf(rng, sends.Plain, sends.Waiting, sends.Every, sends.Batches, []sends.Way{sends.Send}, []sends.Way{sends.TrySend, sends.Send})
	s.cancels = d.Keeps(strategies.PromiseContext) && rng.IntN(4) == 0
	s.sparse = rng.IntN(6) == 0
	items := oneOf(rng, 20_000, 100_000)
	switch { // by what an item costs, so that a round stays short
	case s.sparse || s.cancels:
		items = 4000
	case s.options.Capacity < 3:
		items = 10_000
	}
	if most := mostItems(d, s.senders); max(items, s.senders*s.lives) > most {
		items, s.lives = min(items, most), 1
	}
	s.items = max(1, items/s.senders/s.lives)
	if rng.IntN(6) == 0 {
		s.leave = 1 + rng.IntN(items)
	}
	s.shared = !d.Lossy && rng.IntN(4) == 0
	s.ready = rng.IntN(4) == 0 && noReady(k.strategy) == ""
	return s
}

// longItems is how many items a long round has: so many that starting it takes no
// part of its time, and so few that the books of it fit the caches.
const longItems = 1 << 20

// enduringItems is the most that one fan-in moves in a round: some
// ten seconds of it.
const enduringItems = 1 << 27

// enduringShape is a long round of so many items by few producers, so that each
// sends many millions; by one where a receive looks at all of them.
func (k *kit) enduringShape(items uint64) shape {
	s := k.longShape(0)
	s.senders = 1 + s.senders%4
	if k.strategy.Scans != "" {
		s.senders = 1
	}
	s.items = int(max(longItems, min(items, enduringItems))) / s.senders
	return s
}

// longShape draws a round that checks many deliveries in little time.
func (k *kit) longShape(items int) shape {
	rng := rand.New(rand.NewPCG(k.opts.Seed, 0x6c6f6e67))
	d := k.strategy.Descriptor
	s := shape{flood: flood{
		senders: oneOf(rng, 1+rng.IntN(4), 5+rng.IntN(60)), ways: sends.Plain, maxBatch: 16 + rng.IntN(1000), maxRecv: 16 + rng.IntN(1000),
		options: strategies.Options{Capacity: 64 + rng.IntN(1<<14), Policy: d.DefaultPolicy()},
	}}
	if d.Lanes {
		s.options.Lanes = oneOf(rng, 0, 1+rng.IntN(2*s.senders))
	}
	s.items = min(items, mostItems(d, s.senders)) / s.senders
	return s
}

// oneOf draws one of several.
func oneOf[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }
