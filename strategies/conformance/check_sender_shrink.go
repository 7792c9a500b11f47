package conformance

import (
	"runtime"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
)

// senderShrinks has hundreds of goroutines meet at one Sender and sends a burst through it,
// twice, and weighs the heap while it stays open: what it has opened because they met may
// not stay, beyond an eighth of the burst.
func senderShrinks(e *env) error {
	const goroutines = 200
	items := max(1000, e.n(2000))      // an eighth of less is what strategies may keep anyway
	fan := e.words(goroutines * items) // all that is sent: nobody receives meanwhile
	sender, c := strategies.NewSender(fan), fan.Consumer()
	defer sender.Close()
	process.StartMany(2 * goroutines)
	if err := e.crowd(strategies.PromiseShrink, fan, sender, 2, 1); err != nil { // a few items: what is set aside once
		return err
	}
	before, allowed := process.Heap(), uint64(goroutines*items*8/8)+little
	for range e.manyBursts() {
		e.doing("sending a burst of %d goroutines through a Sender", goroutines)
		if err := e.crowd(strategies.PromiseShrink, fan, sender, goroutines, items); err != nil {
			return err
		}
		if n, err := c.TryRecv(make([]strategies.Word, 1)); n != 0 || err != nil {
			return e.broke(strategies.PromiseShrink, "TryRecv after all was received returned %d, %v", n, err)
		}
		if kept := e.kept(before, allowed); kept > allowed {
			return e.broke(strategies.PromiseShrink,
				"%d bytes more than before, a second after a burst of %d goroutines through one Sender was received; %d are allowed",
				kept, goroutines, allowed)
		}
	}
	runtime.KeepAlive(sender)
	return nil
}

// crowd has so many goroutines send at once, and drains what they sent when they have.
func (e *env) crowd(promise strategies.Promise, fan words, sender strategies.Sender[strategies.Word], goroutines, items int) error {
	crew := e.crew()
	start := make(chan struct{})
	for i := range goroutines {
		crew.run(func() error {
			<-start
			for seq := range items {
				if err := sender.Send(strategies.NewWord(i, uint64(seq))); err != nil {
					return e.broke(promise, "Send of a Sender returned %v", err)
				}
				e.alive()
			}
			return nil
		})
	}
	close(start)
	if err := crew.wait(); err != nil {
		return err
	}
	buf := make([]strategies.Word, 1000)
	for got := 0; got < goroutines*items; {
		n, err := fan.Consumer().Recv(buf)
		e.alive()
		if err != nil {
			return e.broke(promise, "Recv returned %d, %v after %d of %d items", n, err, got, goroutines*items)
		}
		got += n
	}
	return nil
}
