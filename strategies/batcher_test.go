package strategies_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// These tests run in virtual time, which passes only while everybody is parked:
// deadlines are met exactly, and a consumer that spun would hang them.

const (
	batchMost     = 100
	batchDeadline = 50 * time.Millisecond
)

// eachStrategy runs a test over every strategy that carries items, in a bubble of
// virtual time.
func eachStrategy(t *testing.T, test func(t *testing.T, f strategies.FanIn[strategies.Word])) {
	t.Helper()
	for _, s := range strategies.All() {
		if s.Floor {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, s.Word(strategies.Options{})) })
		})
	}
}

// sendBurst sends words of producer 0 from seq on at once and returns the next seq.
func sendBurst(t *testing.T, p strategies.Producer[strategies.Word], seq, count uint64) uint64 {
	t.Helper()
	for end := seq + count; seq < end; seq++ {
		if err := p.Send(strategies.NewWord(0, seq)); err != nil {
			t.Errorf("Send(%d) = %v", seq, err)
		}
	}
	return seq
}

// drain receives batches until the end, and checks that nothing is missing and
// that the end is io.EOF for good.
func drain(t *testing.T, c strategies.Consumer[strategies.Word], count uint64) (sizes []int, at []time.Duration) {
	t.Helper()
	start, next := time.Now(), uint64(0)
	buf := make([]strategies.Word, batchMost)
	for {
		n, err := c.Recv(buf)
		if err != nil {
			if _, again := c.Recv(buf); n != 0 || err != io.EOF || again != io.EOF {
				t.Errorf("at the end: Recv = %d, %v, then %v; want io.EOF", n, err, again)
			}
			break
		}
		for _, word := range buf[:n] {
			if word != strategies.NewWord(0, next) {
				t.Fatalf("received item %d; want %d", word.Seq(), next)
			}
			next++
		}
		sizes, at = append(sizes, n), append(at, time.Since(start))
	}
	if next != count {
		t.Errorf("received %d items of %d", next, count)
	}
	return sizes, at
}

// Three bursts of 200, 500 ms apart: batches of 100 without waiting for the
// deadline, as published for this pattern.
func TestBatcherBursts(t *testing.T) {
	eachStrategy(t, func(t *testing.T, f strategies.FanIn[strategies.Word]) {
		const bursts, period = 3, 500 * time.Millisecond
		p := f.Producer()
		go func() {
			defer p.Close()
			seq := uint64(0)
			for range bursts {
				seq = sendBurst(t, p, seq, 2*batchMost)
				time.Sleep(period)
			}
		}()
		sizes, at := drain(t, strategies.NewBatcher(f.Consumer(), batchDeadline), bursts*2*batchMost)
		if want := []int{100, 100, 100, 100, 100, 100}; !reflect.DeepEqual(sizes, want) {
			t.Fatalf("batches of %v; want %v", sizes, want)
		}
		for i, at := range at {
			if due := time.Duration(i/2) * period; at < due || at >= due+batchDeadline {
				t.Errorf("batch %d came at %v; its burst was at %v", i, at, due)
			}
		}
	})
}

// An item every 20 ms: the deadline ends each batch, 50 ms after its first item;
// the end of the fan-in ends the last one at once.
func TestBatcherTrickle(t *testing.T) {
	eachStrategy(t, func(t *testing.T, f strategies.FanIn[strategies.Word]) {
		const count, gap = 8, 20 * time.Millisecond
		p := f.Producer()
		go func() {
			defer p.Close()
			for seq := range uint64(count) {
				sendBurst(t, p, seq, 1)
				if seq < count-1 {
					time.Sleep(gap)
				}
			}
		}()
		sizes, at := drain(t, strategies.NewBatcher(f.Consumer(), batchDeadline), count)
		if want := []int{3, 3, 2}; !reflect.DeepEqual(sizes, want) {
			t.Fatalf("batches of %v; want %v", sizes, want)
		}
		for i, want := range []time.Duration{batchDeadline, 3*gap + batchDeadline, 7 * gap} {
			if late := at[i] - want; late < 0 || late >= gap/2 {
				t.Errorf("batch %d came at %v; want %v", i, at[i], want)
			}
		}
	})
}

// A context that ends while a batch is collected ends the batch; what was
// collected is not lost, and what was not stays.
func TestBatcherContext(t *testing.T) {
	eachStrategy(t, func(t *testing.T, f strategies.FanIn[strategies.Word]) {
		p, c := f.Producer(), strategies.NewBatcher(f.Consumer(), batchDeadline)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		var sender sync.WaitGroup
		sender.Go(func() {
			sendBurst(t, p, 0, 3)
			time.Sleep(40 * time.Millisecond)
			sendBurst(t, p, 3, 2)
		})
		start, buf := time.Now(), make([]strategies.Word, batchMost)
		if n, err := c.RecvContext(ctx, buf); n != 3 || err != nil || time.Since(start) != 30*time.Millisecond {
			t.Errorf("RecvContext = %d, %v after %v; want 3 items when the context is done", n, err, time.Since(start))
		}
		if n, err := c.RecvContext(ctx, buf); n != 0 || err != context.DeadlineExceeded {
			t.Errorf("RecvContext = %d, %v; want the context's error", n, err)
		}
		start = time.Now()
		n, err := c.RecvContext(t.Context(), buf)
		if n != 2 || err != nil || buf[0].Seq() != 3 {
			t.Errorf("RecvContext = %d, %v; want the items that came afterwards", n, err)
		}
		if took := time.Since(start); took < 10*time.Millisecond+batchDeadline || took >= 20*time.Millisecond+batchDeadline {
			t.Errorf("the batch took %v; want it at the deadline after its first item", took)
		}
		sender.Wait()
		p.Close()
		if n, err := c.RecvContext(t.Context(), buf); n != 0 || err != io.EOF {
			t.Errorf("RecvContext = %d, %v; want io.EOF", n, err)
		}
	})
}

// Without a deadline nothing is collected; an empty buffer is nothing; a closed
// consumer says so.
func TestBatcherEdges(t *testing.T) {
	eachStrategy(t, func(t *testing.T, f strategies.FanIn[strategies.Word]) {
		p := f.Producer()
		var sender sync.WaitGroup
		sender.Go(func() {
			defer p.Close()
			sendBurst(t, p, 0, 1)
			time.Sleep(time.Second)
		})
		defer sender.Wait()
		start, buf := time.Now(), make([]strategies.Word, batchMost)
		if n, err := strategies.NewBatcher(f.Consumer(), 0).Recv(buf); n != 1 || err != nil || time.Since(start) >= time.Second {
			t.Errorf("without a deadline: Recv = %d, %v after %v", n, err, time.Since(start))
		}
		c := strategies.NewBatcher(f.Consumer(), batchDeadline)
		if n, err := c.Recv(nil); n != 0 || err != nil {
			t.Errorf("Recv(nil) = %d, %v", n, err)
		}
		c.Close()
		if n, err := c.Recv(buf); n != 0 || err != strategies.ErrClosed {
			t.Errorf("after Close: Recv = %d, %v", n, err)
		}
	})
}

// pieces is a consumer that has so many items and hands out one at a time; then
// it waits for the context.
type pieces struct {
	strategies.Consumer[int]
	left int
}

func (p *pieces) Recv(buf []int) (int, error) { return p.RecvContext(context.Background(), buf) }

func (p *pieces) RecvContext(ctx context.Context, _ []int) (int, error) {
	if p.left == 0 {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	p.left--
	return 1, nil
}

// What a batch allocates does not depend on its items; one that fills allocates
// nothing.
func TestBatcherAllocations(t *testing.T) {
	source := &pieces{}
	c, buf := strategies.NewBatcher(source, time.Hour), make([]int, batchMost)
	receive := func(items int) func() {
		return func() {
			source.left = items
			if n, err := c.Recv(buf); n != items || err != nil {
				t.Errorf("Recv = %d, %v; want %d items", n, err, items)
			}
		}
	}
	if n := testing.AllocsPerRun(100, receive(batchMost)); n != 0 {
		t.Errorf("a batch that fills allocates %v objects", n)
	}
	c = strategies.NewBatcher(source, time.Microsecond)
	const most = 4
	// The deadline may end it earlier: only a batch of one is sure.
	if n := testing.AllocsPerRun(100, receive(1)); n > most {
		t.Errorf("a batch that the deadline ends allocates %v objects; want at most %d", n, most)
	}
}

// A deadline counts although items never run out.
func TestBatcherDeadlineUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := strategies.NewBatcher(&slowPieces{}, batchDeadline)
		start := time.Now()
		n, err := c.Recv(make([]int, 1000))
		if took := time.Since(start); err != nil || n < 5 || took > batchDeadline+20*time.Millisecond {
			t.Errorf("Recv = %d, %v after %v; want what comes in %v", n, err, took, batchDeadline)
		}
	})
}

// slowPieces always has an item at hand, and takes 10 ms to hand it out, which
// no context shortens.
type slowPieces struct{ pieces }

func (p *slowPieces) Recv(buf []int) (int, error) { return p.RecvContext(context.Background(), buf) }

func (p *slowPieces) RecvContext(ctx context.Context, _ []int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	time.Sleep(10 * time.Millisecond)
	return 1, nil
}

func ExampleNewBatcher() {
	f := strategies.NewLanes[string](strategies.Options{})
	p := f.Producer()
	go func() {
		defer p.Close()
		for i := range 250 {
			_ = p.Send(fmt.Sprint("line ", i)) // unbounded: fails only if the consumer leaves
		}
	}()
	// Up to 100 lines to a write, none held back for more than a second.
	c := strategies.NewBatcher(f.Consumer(), time.Second)
	buf := make([]string, 100)
	for {
		n, err := c.Recv(buf)
		if errors.Is(err, io.EOF) {
			break
		}
		fmt.Println("write", n, "lines")
	}
	// Output:
	// write 100 lines
	// write 100 lines
	// write 50 lines
}

// What has come when the deadline passes is a batch, too: in quiet times no item waits
// longer for others.
func ExampleBatcher() {
	f := strategies.NewLanesRing[string](strategies.Options{})
	p := f.Producer()
	c := strategies.NewBatcher(f.Consumer(), 10*time.Millisecond)
	buf := make([]string, 100)

	_ = p.Send("alone")
	n, err := c.Recv(buf)
	fmt.Println(buf[:n], err)

	_, _ = p.SendBatch([]string{"two", "together"})
	n, err = c.Recv(buf)
	fmt.Println(buf[:n], err)

	p.Close()
	n, err = c.Recv(buf)
	fmt.Println(buf[:n], err)
	// Output:
	// [alone] <nil>
	// [two together] <nil>
	// [] EOF
}
