package strategies

import "context"

// weightedConsumer is the consumer of a Weighted fan-in. It gives the weight of items back
// as it receives them.
type weightedConsumer[T any] struct {
	f     *Weighted[T]
	below Consumer[Weighed[T]]
	buf   []Weighed[T] // into which the consumer below receives
}

func (c *weightedConsumer[T]) Recv(buf []T) (int, error) {
	n, err := c.below.Recv(c.places(len(buf)))
	return c.unpack(buf, n, err)
}

func (c *weightedConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	n, err := c.below.RecvContext(ctx, c.places(len(buf)))
	return c.unpack(buf, n, err)
}

func (c *weightedConsumer[T]) TryRecv(buf []T) (int, error) {
	n, err := c.below.TryRecv(c.places(len(buf)))
	return c.unpack(buf, n, err)
}

// places returns where to receive up to n items.
func (c *weightedConsumer[T]) places(n int) []Weighed[T] {
	if n = min(n, weighAtOnce[T]()); cap(c.buf) < n {
		c.buf = make([]Weighed[T], n)
	}
	return c.buf[:n]
}

// unpack moves the n items that were received into buf and, if there may be more and buf has
// places left, those too. An error that comes then comes again at the next receive.
func (c *weightedConsumer[T]) unpack(buf []T, n int, err error) (int, error) {
	c.open(buf, n)
	for received := n; received > 0 && received == cap(c.buf) && n < len(buf); n += received {
		if received, _ = c.below.TryRecv(c.places(len(buf) - n)); received == 0 {
			break
		}
		c.open(buf[n:], received)
	}
	return n, err
}

// open moves the first n items of c.buf into buf and gives back what they weigh, once for
// each run of items with the same credits.
func (c *weightedConsumer[T]) open(buf []T, n int) {
	items := c.buf[:n]
	for i := 0; i < n; {
		credits, sum := items[i].credits, int64(0)
		for ; i < n && items[i].credits == credits; i++ {
			buf[i] = items[i].item
			sum += items[i].weight
		}
		credits.give(sum)
	}
	clear(items)
}

// Stop implements Stopper.
func (c *weightedConsumer[T]) Stop() { c.f.stop() }

func (c *weightedConsumer[T]) Close() {
	if !c.f.left.Swap(true) {
		c.below.Close()
		c.f.abandon()
	}
}

// with returns the consumer with what the one below has beyond the contract: each of the
// types has the methods of one choice.
func (c *weightedConsumer[T]) with() Consumer[T] {
	parks, counts := c.below.(ParkCounter)
	ready, tells := c.below.(Readier)
	switch {
	case counts && tells:
		return struct {
			*weightedConsumer[T]
			ParkCounter
			Readier
		}{c, parks, ready}
	case counts:
		return struct {
			*weightedConsumer[T]
			ParkCounter
		}{c, parks}
	case tells:
		return struct {
			*weightedConsumer[T]
			Readier
		}{c, ready}
	}
	return c
}
