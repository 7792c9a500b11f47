package main

import (
	"errors"
	"os"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// shared lists the fan-ins in shared memory.
func shared() []program.Strategy {
	about := func(name, doc, wait string) results.Strategy {
		return results.Strategy{
			Name: name, Doc: doc, Order: strategies.OrderPerProducer.String(), Bound: strategies.PerProducer.String(), Wait: wait,
			Policies: []string{strategies.Block.String()},
			Delivery: results.DeliveryAtLeastOnce, Survives: []string{results.RoleProducer, results.RoleConsumer},
		}
	}
	return []program.Strategy{
		shm(about("remote-shm", "a ring per producer in shared memory, with futexes", "polls briefly, then sleeps on a futex"), false),
		shm(about("remote-shm-poll", "a ring per producer in shared memory that both ends poll", "polls"), true),
	}
}

func shm(about results.Strategy, polls bool) program.Strategy {
	if polls {
		about.Lacks = map[string]string{string(strategies.PromisePark): "it polls"}
	}
	return program.Strategy{
		Strategy: about,
		Open: func(s program.Setup) (program.Queue, error) {
			memory, err := newMapping(layoutOf(s).size)
			if err != nil {
				return nil, err
			}
			return &sharedRings{ringsIn(memory, s, polls), memory}, nil
		},
		Join: func(s program.Setup, invited program.Invitation) (program.Producers, error) {
			if len(invited.Files) != 1 {
				return nil, errors.New("no shared memory was inherited")
			}
			memory, err := mapFile(invited.Files[0], layoutOf(s).size)
			if err != nil {
				return nil, err
			}
			return ringsIn(memory, s, polls), nil
		},
	}
}

// Where the parts of the shared memory lie: the consumer's words, each lane's, and the
// data of all lanes.
const (
	consumerBytes = 128
	laneBytes     = 384
	pageBytes     = 4096
)

type layout struct {
	shape            shape
	data, each, size int
}

func layoutOf(s program.Setup) layout {
	shape := shapeOf(s)
	upTo := func(n, whole int) int { return (n + whole - 1) / whole * whole }
	l := layout{shape: shape, data: upTo(consumerBytes+laneBytes*s.Producers, pageBytes), each: upTo(shape.dataBytes(), consumerBytes)}
	l.size = l.data + l.each*s.Producers
	return l
}

// ringsIn returns all lanes in shared memory, each end where the last process that had it
// left it.
func ringsIn(memory *mapping, s program.Setup, polls bool) *rings {
	layout := layoutOf(s)
	r := &rings{consumer: words[consumerWords](memory, 0), batch: s.RecvBatch}
	if !polls {
		r.bell = futex{&r.consumer.asleep}
	}
	for i := range s.Producers {
		begin := layout.data + layout.each*i
		l := &lane{
			words: words[laneWords](memory, consumerBytes+laneBytes*i), data: memory.bytes[begin : begin+layout.shape.dataBytes()], shape: layout.shape,
		}
		if !polls {
			l.bell = futex{&l.words.full}
		}
		l.resume(l.words.head.Load())
		l.seen = l.at
		r.lanes = append(r.lanes, l)
	}
	return r
}

// sharedRings is rings that other processes can join.
type sharedRings struct {
	*rings
	memory *mapping
}

func (r *sharedRings) Invite() (program.Invitation, error) { //nolint:unparam // the interface has it
	return program.Invitation{Files: []*os.File{r.memory.file}}, nil
}
