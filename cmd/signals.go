package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/results/files"
)

// patience is how long a verb that ends in order may take for it. Whoever asks a
// program to end sees it end within a second.
const patience = 700 * time.Millisecond

// ended is why a context was cancelled: a signal asked for the end.
type ended struct{ signal syscall.Signal }

func (e ended) Error() string {
	if e.signal == syscall.SIGTERM {
		return "terminated"
	}
	return "interrupted"
}

// exitCode is that of a shell for a process that the signal ended.
func (e ended) exitCode() int { return 128 + int(e.signal) }

// endedBy returns the signal that a context was cancelled for, if one was.
func endedBy(ctx context.Context) (e ended, ok bool) {
	ok = errors.As(context.Cause(ctx), &e)
	return e, ok
}

// inOrder says that the verb ends in order once its context is cancelled, storing what
// it has and saying how to go on; advice is what is added if it does not get that far.
// All other verbs end where they are.
func (a *app) inOrder(advice string) {
	if a.advice != nil { // as it is without a process of its own
		a.advice.Store(&advice)
	}
}

// heedSignals cancels the context it returns on the first INT or TERM, and ends the
// process: at once, or in order within patience, or on a second signal. No child and no
// half of a file is left behind. stop takes all of that back.
func (a *app) heedSignals(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	caught, over := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case first := <-caught:
			why := ended{syscall.SIGINT}
			if first == syscall.SIGTERM {
				why.signal = syscall.SIGTERM
			}
			cancel(why)
			a.endNow(why, caught, over)
		case <-over:
		}
	}()
	return ctx, func() {
		signal.Stop(caught)
		close(over)
		cancel(nil)
	}
}

// endNow ends the process unless the verb ends by itself in the time that it has.
func (a *app) endNow(why ended, again <-chan os.Signal, over <-chan struct{}) {
	text, left := why.Error(), time.Duration(0)
	if advice := a.advice.Load(); advice != nil {
		text, left = text+*advice, patience
	}
	select {
	case <-over:
		return
	case <-again:
	case <-time.After(left):
	}
	harness.KillChildren()
	a.held.Release()
	files.RemoveUnfinished()
	fmt.Fprintln(a.stderr, "fanin-bench:", text)
	os.Exit(why.exitCode())
}
