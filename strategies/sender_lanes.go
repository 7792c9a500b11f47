package strategies

import (
	"sync/atomic"
)

// lanesSender is a Sender over lanes of slices under a mutex each. A goroutine sends to
// the lane that its stack hints at, or to another if somebody holds that one's
// mutex, or to a new one if all are held.
type lanesSender[T any] struct {
	neverWaits[T]
	f      *lanes[T]
	hint   laneHints[lane[T]]
	lanes  atomic.Pointer[[]*lane[T]]
	next   atomic.Uint32
	closed atomic.Bool
}

func newLanesSender[T any](f *lanes[T]) Sender[T] {
	s := &lanesSender[T]{f: f}
	s.neverWaits.sender = s
	none := []*lane[T]{}
	s.lanes.Store(&none)
	s.hint = newLaneHints[lane[T]](nil)
	if !f.join() {
		s.closed.Store(true)
		return s
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left.Load() || f.halted { // as in Producer
		return s
	}
	s.add(f.laneFor())
	for range f.shared - 1 { // all that there are
		s.add(f.laneFor())
	}
	return s
}

// add adds a lane; f.mu is held.
func (s *lanesSender[T]) add(l *lane[T]) {
	all := append(append([]*lane[T](nil), *s.lanes.Load()...), l)
	s.lanes.Store(&all)
}

func (s *lanesSender[T]) Send(item T) error {
	here := s.hint.place()
	l := here.Load()
	if l == nil || !l.mu.TryLock() {
		if l = s.lock(); l == nil {
			return ErrClosed
		}
		here.Store(l)
	}
	open := !l.left && !l.shut && !s.closed.Load()
	if open {
		l.filling = append(l.filling, item)
	}
	l.mu.Unlock()
	if !open {
		return ErrClosed
	}
	l.published(s.f)
	return nil
}

// lock returns a lane whose mutex it holds, or nil if the fan-in or the Sender has closed.
func (s *lanesSender[T]) lock() *lane[T] {
	for !s.closed.Load() {
		all := *s.lanes.Load()
		from := int(s.next.Add(1))
		for i := range all {
			if l := all[(from+i)%len(all)]; l.mu.TryLock() {
				return l
			}
		}
		if len(all) == 0 { // opened after the end
			return nil
		}
		if s.f.shared > 0 || len(all) >= mostSenderLanes {
			l := all[from%len(all)]
			l.mu.Lock()
			return l
		}
		s.f.mu.Lock()
		if len(*s.lanes.Load()) == len(all) && !s.closed.Load() && !s.f.left.Load() && !s.f.halted {
			s.add(s.f.laneFor())
		}
		gone := s.f.left.Load() || s.f.halted
		s.f.mu.Unlock()
		if gone {
			return nil
		}
	}
	return nil
}

// SendBatch is for neverWaits; a Sender has no batches.
func (s *lanesSender[T]) SendBatch(items []T) (int, error) { return sendEach(items, s.Send) }

func (s *lanesSender[T]) Dropped() uint64 { return 0 }

func (s *lanesSender[T]) Close() {
	f := s.f
	f.mu.Lock()
	first := !s.closed.Swap(true)
	f.mu.Unlock()
	if !first {
		return
	}
	if f.leave() {
		f.parker.wake()
	} else if f.shared == 0 {
		for _, l := range *s.lanes.Load() {
			f.release(l)
		}
	}
}
