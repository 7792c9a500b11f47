package strategies

import "context"

// tagged is an item that travels with something of its producer's.
type tagged[T, Tag any] struct {
	item T
	tag  Tag
}

// taggedConsumer takes tagged items apart.
type taggedConsumer[T, Tag any] struct {
	inner  Consumer[tagged[T, Tag]]
	tagged []tagged[T, Tag]       // as long as the longest buf seen
	took   func([]tagged[T, Tag]) // if set, told what was received
}

func (c *taggedConsumer[T, Tag]) Recv(buf []T) (int, error) {
	return c.unwrap(buf, c.inner.Recv)
}

func (c *taggedConsumer[T, Tag]) RecvContext(ctx context.Context, buf []T) (int, error) {
	return c.unwrap(buf, func(items []tagged[T, Tag]) (int, error) { return c.inner.RecvContext(ctx, items) })
}

func (c *taggedConsumer[T, Tag]) TryRecv(buf []T) (int, error) {
	return c.unwrap(buf, c.inner.TryRecv)
}

func (c *taggedConsumer[T, Tag]) unwrap(buf []T, recv func([]tagged[T, Tag]) (int, error)) (int, error) {
	if len(c.tagged) < len(buf) {
		c.tagged = make([]tagged[T, Tag], len(buf))
	}
	n, err := recv(c.tagged[:len(buf)])
	for i := range n {
		buf[i] = c.tagged[i].item
	}
	if c.took != nil && n > 0 {
		c.took(c.tagged[:n])
	}
	clear(c.tagged[:n])
	return n, err
}

func (c *taggedConsumer[T, Tag]) Close() { c.inner.Close() }
