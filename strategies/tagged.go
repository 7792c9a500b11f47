package strategies

import "context"

// tagged is an item that travels with something of its producer's.
type tagged[T, Tag any] struct {
	item T
	tag  Tag
}

// taggedConsumer takes tagged items apart, a few at a time: what it keeps to
// receive them into does not grow with the buffers that it is given.
type taggedConsumer[T, Tag any] struct {
	inner   Consumer[tagged[T, Tag]]
	scratch []tagged[T, Tag]       // made by the first receive
	took    func([]tagged[T, Tag]) // if set, told what was received
}

// scratchItems is how many items are taken apart at a time, fewer if they are
// large: from 64 on the calls between made no difference that could be measured.
const scratchItems = 64

func (c *taggedConsumer[T, Tag]) Recv(buf []T) (int, error) {
	return c.receive(buf, c.inner.Recv)
}

func (c *taggedConsumer[T, Tag]) RecvContext(ctx context.Context, buf []T) (int, error) {
	return c.receive(buf, func(items []tagged[T, Tag]) (int, error) { return c.inner.RecvContext(ctx, items) })
}

func (c *taggedConsumer[T, Tag]) TryRecv(buf []T) (int, error) {
	return c.receive(buf, c.inner.TryRecv)
}

// receive takes the first items by recv, which may wait, and what else is there
// without.
func (c *taggedConsumer[T, Tag]) receive(buf []T, recv func([]tagged[T, Tag]) (int, error)) (int, error) {
	if c.scratch == nil {
		c.scratch = make([]tagged[T, Tag], min(scratchItems, keepItems[tagged[T, Tag]]()))
	}
	n, err := c.unwrap(buf, recv)
	for last := n; last == len(c.scratch) && n < len(buf); n += last {
		last, _ = c.unwrap(buf[n:], c.inner.TryRecv) // what ends here ends the next call too
	}
	return n, err
}

// unwrap moves as many items as the scratch holds, at most.
func (c *taggedConsumer[T, Tag]) unwrap(buf []T, recv func([]tagged[T, Tag]) (int, error)) (int, error) {
	items := c.scratch[:min(len(buf), len(c.scratch))]
	n, err := recv(items)
	items = items[:n]
	for i := range items {
		buf[i] = items[i].item
	}
	if c.took != nil && n > 0 {
		c.took(items)
	}
	clear(items)
	return n, err
}

func (c *taggedConsumer[T, Tag]) Close() { c.inner.Close() }
