package program

import (
	"slices"
	"sync/atomic"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// leak loses every tenth message before the consumer sees it.
type leak struct {
	messages chan []byte
	settled  chan struct{}
	sent     atomic.Int64
	twice    bool
}

func (l *leak) Send(message []byte) error {
	if n := l.sent.Add(1); n%10 != 0 {
		l.messages <- slices.Clone(message)
		if l.twice && n == 1001 {
			l.messages <- slices.Clone(message)
		}
	}
	return nil
}

// Recv takes what there is before it sees that there is no more.
func (l *leak) Recv(visit func([]byte)) (int, error) {
	select {
	case message := <-l.messages:
		visit(message)
		return 1, nil
	case <-l.settled:
	}
	select {
	case message := <-l.messages:
		l.settled <- struct{}{}
		visit(message)
		return 1, nil
	default:
		return 0, nil
	}
}

func (l *leak) Settle() error              { l.settled <- struct{}{}; return nil }
func (l *leak) Sender(int) (Sender, error) { return l, nil }
func (l *leak) Close() error               { return nil }

// leaks lists fan-ins that drop; the second one also repeats, which none may that drops.
func leaks() []Strategy {
	var made []Strategy
	for name, twice := range map[string]bool{"leak": false, "leak-twice": true} {
		made = append(made, Strategy{
			Strategy: results.Strategy{
				Name: name, Order: "per producer", Bound: "bounded in total", Wait: "parks at once", Policies: []string{"drop-newest"},
				Delivery: results.DeliveryAtMostOnce,
			},
			Open: func(Setup) (Queue, error) {
				return &leak{messages: make(chan []byte, 16), settled: make(chan struct{}, 1), twice: twice}, nil
			},
		})
	}
	return made
}

func TestTrialsCountWhatIsDropped(t *testing.T) {
	for name, c := range map[string]map[string]any{
		"closed": {"strategy": "leak", "policy": "drop-newest"},
		"open": {
			"strategy": "leak", "policy": "drop-newest", "arrival": "poisson", "rate_msgs_per_s": 50_000, "duration_ns": int64(100e6), "messages": 0,
		},
	} {
		r := ask(t, c)[0]
		if r.Failure != nil {
			t.Fatal(r.Failure.Detail)
		}
		m := r.Measurement
		if err := m.Validate(); err != nil {
			t.Error(err)
		}
		if tenth := m.Attempted / 10; m.Attempted != 5000 || m.Dropped < tenth-1 || m.Dropped > tenth+1 {
			t.Errorf("%s: %d delivered and %d dropped of %d", name, m.Delivered, m.Dropped, m.Attempted)
		}
	}
	if r := ask(t, map[string]any{"strategy": "leak-twice", "policy": "drop-newest"})[0]; r.Failure == nil || r.Failure.Kind != results.FailureDelivery {
		t.Errorf("a message that came again is taken: %+v", r)
	}
}
