package trial

import (
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/harness/trial/schedule"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// consumePlainly is words.consume one word after the other: what it must amount
// to.
func (w *words) consumePlainly(buf []strategies.Word, check *record.Ledger, rec *record.Recorder) {
	check.Received += uint64(len(buf))
	next := check.Next
	for _, word := range buf {
		if p, seq := word.Producer(), word.Seq(); p < len(next) && seq == next[p] {
			next[p] = seq + 1
		} else {
			check.Odd(word)
		}
		if record.Sampled(word.Producer(), word.Seq()) {
			w.time(word, check, rec)
		}
		if w.work != nil {
			w.work.item(word, nil)
		}
	}
}

// consuming is one side of a comparison of two ways to consume.
type consuming struct {
	words *words
	check *record.Ledger
	rec   *record.Recorder
}

func newConsuming(quotas []uint64) *consuming {
	clock := benchClock()
	return &consuming{
		&words{clock: clock, times: newSendTimes(quotas)}, record.NewLedger(len(quotas)), record.NewRecorder(quotas, clock, false),
	}
}

// listed is a consumer of a list.
type listed struct {
	strategies.Consumer[strategies.Word]
	rest []strategies.Word
}

func (l *listed) Recv(buf []strategies.Word) (int, error) {
	if len(l.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(buf, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// skimAll receives everything one by one, as a round does.
func (c *consuming) skimAll(from strategies.Consumer[strategies.Word]) {
	buf := make([]strategies.Word, 1)
	for {
		_, n, err := c.words.skim(from, buf, c.check, skimItems)
		if err != nil {
			return
		}
		c.words.consume(buf[:n], c.check, c.rec)
	}
}

// inRuns returns the words of the quotas as a consumer might receive them: in
// rounds over the producers, so many of one in a row as length says.
func inRuns(quotas []uint64, length func() uint64) []strategies.Word {
	var received []strategies.Word
	sent := make([]uint64, len(quotas))
	for open := true; open; {
		open = false
		for p, quota := range quotas {
			for end := min(quota, sent[p]+length()); sent[p] < end; sent[p]++ {
				received = append(received, strategies.NewWord(p, sent[p]))
			}
			open = open || sent[p] < quota
		}
	}
	return received
}

// BenchmarkConsume holds checking by runs against checking word by word, in turn,
// where so many words in a row are of the same one of 16 producers (0: one to
// four by chance). ratio is the former's time over the latter's.
//
//	go test -run '^$' -bench Consume -benchtime 2000x ./harness/trial
func BenchmarkConsume(b *testing.B) {
	for _, run := range []uint64{0, 1, 2, 4, 32, 256} {
		b.Run(fmt.Sprintf("run=%d", run), func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 1))
			quotas := schedule.Share(1<<16, 16)
			received := inRuns(quotas, func() uint64 {
				if run == 0 {
					return 1 + random.Uint64N(4)
				}
				return run
			})
			var took [2]time.Duration
			for range b.N {
				for i, plainly := range []bool{false, true} {
					c := newConsuming(quotas)
					consume := c.words.consume
					if plainly {
						consume = c.words.consumePlainly
					}
					start := time.Now()
					for buf := range slices.Chunk(received, testRecvBatch) {
						consume(buf, c.check, c.rec)
					}
					took[i] += time.Since(start)
					if err := c.check.Conserve(sentAll(quotas)); err != nil {
						b.Fatal(err)
					}
				}
			}
			messages := float64(b.N * len(received))
			b.ReportMetric(float64(took[0])/messages, "ns/msg")
			b.ReportMetric(float64(took[1])/messages, "plain-ns/msg")
			b.ReportMetric(float64(took[0])/float64(took[1]), "ratio")
		})
	}
}

// sentAll is what producers report that sent their quotas.
func sentAll(quotas []uint64) []record.Tally {
	tallies := make([]record.Tally, len(quotas))
	for p, quota := range quotas {
		tallies[p].Attempted = quota
	}
	return tallies
}

// mishandled returns received words with what broken strategies and dropping
// policies make of them: some lost, doubled, exchanged, or of somebody else.
func mishandled(random *rand.Rand, received []strategies.Word, mishaps int) []strategies.Word {
	received = slices.Clone(received)
	for range mishaps {
		i, j := random.IntN(len(received)), random.IntN(len(received))
		switch random.IntN(5) {
		case 0:
			received = slices.Delete(received, i, min(i+1+random.IntN(20), len(received)))
		case 1:
			received = slices.Insert(received, i, received[i])
		case 2:
			received[i], received[j] = received[j], received[i]
		case 3:
			received[i] = received[j]
		default:
			received[i] = strategies.NewWord(random.IntN(30), received[i].Seq())
		}
	}
	return received
}

// Whatever was received, consuming it by runs finds what consuming it word by
// word finds, and times the same words at the same state of the counts: windows
// of no length compare the producers at every one of them.
func TestConsume(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	const producers = 20
	quotas := make([]uint64, producers)
	for p := range quotas {
		quotas[p] = 1500 + random.Uint64N(1500)
	}
	gaps, strays := 0, 0
	for i := range 200 {
		longest := uint64(1) << (i % 11)
		received := inRuns(quotas, func() uint64 { return 1 + random.Uint64N(longest) })
		received = mishandled(random, received, i%5)
		byRuns, plain := newConsuming(quotas), newConsuming(quotas)
		for _, c := range []*consuming{byRuns, plain} {
			c.rec.Windows.Length, c.rec.Windows.Quotas = 0, slices.Repeat([]uint64{strategies.MaxSeq}, producers)
		}
		for rest := received; len(rest) > 0; {
			n := 1 + random.IntN(min(len(rest), 700))
			byRuns.words.consume(rest[:n], byRuns.check, byRuns.rec)
			plain.words.consumePlainly(rest[:n], plain.check, plain.rec)
			rest = rest[n:]
		}
		if got, want := byRuns.check, plain.check; !reflect.DeepEqual(got, want) {
			t.Fatalf("case %d: by runs %+v; word by word %+v", i, got, want)
		}
		skimmed := newConsuming(quotas)
		skimmed.rec.Windows.Length, skimmed.rec.Windows.Quotas = 0, plain.rec.Windows.Quotas
		skimmed.skimAll(&listed{rest: received})
		if got, want := skimmed.check, plain.check; !reflect.DeepEqual(got, want) || skimmed.rec.Transit.Total != plain.rec.Transit.Total {
			t.Fatalf("case %d: skimmed %+v, %d timed; word by word %+v, %d", i, got, skimmed.rec.Transit.Total, want, plain.rec.Transit.Total)
		}
		if got, want := byRuns.rec.Windows, plain.rec.Windows; byRuns.rec.Transit.Total != plain.rec.Transit.Total ||
			got.Count != want.Count || got.Sum != want.Sum {
			t.Errorf("case %d: timed %d words with indices of %v; word by word %d with %v",
				i, byRuns.rec.Transit.Total, got.Sum, plain.rec.Transit.Total, want.Sum)
		}
		if plain.check.Stray != nil {
			strays++
		} else if plain.check.Conserve(sentAll(quotas)) != nil {
			gaps++
		}
	}
	if gaps == 0 || strays == 0 {
		t.Errorf("%d cases of nothing but losses and %d of strays: too few to tell", gaps, strays)
	}
}

// A run ends where sequence numbers do: the word after a producer's last possible
// one is the next producer's first.
func TestRunEndsWithSequenceNumbers(t *testing.T) {
	start := strategies.NewWord(1, strategies.MaxSeq-20)
	received := make([]strategies.Word, 40)
	for i := range received {
		received[i] = start + strategies.Word(i)
	}
	byRuns, plain := record.NewLedger(3), record.NewLedger(3)
	byRuns.Next[1], plain.Next[1] = start.Seq(), start.Seq()
	for rest := received; len(rest) > 0; {
		if rest = rest[byRuns.SeeOrdinary(rest):]; len(rest) > 0 {
			byRuns.See(rest[0])
			rest = rest[1:]
		}
	}
	for _, word := range received {
		plain.See(word)
	}
	if !reflect.DeepEqual(byRuns, plain) || plain.Next[2] == 0 {
		t.Errorf("by runs %+v; word by word %+v", byRuns, plain)
	}
}

// testRecvBatch is how many words a consumer takes at a time here, as in most trials.
const testRecvBatch = 256
