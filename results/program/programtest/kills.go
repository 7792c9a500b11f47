package programtest

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"sync"
	"testing"
	"time"
)

// Loss is what became of the messages of a strategy while a role was killed: a line of the
// table in docs/BEYOND.md.
type Loss struct {
	Strategy  string `json:"strategy"`
	Killed    string `json:"killed"` // the role
	Kills     int    `json:"kills"`
	Confirmed int    `json:"confirmed"`
	Lost      int    `json:"lost"` // of those
	Again     int    `json:"again"`
}

// Record writes losses to a file, but where there is none to write to, or a test failed.
func Record(t *testing.T, name string, losses []Loss) {
	t.Helper()
	if name == "" || t.Failed() {
		return
	}
	text, err := json.MarshalIndent(losses, "", "  ")
	if err == nil {
		err = os.WriteFile(name, append(text, '\n'), 0o644)
	}
	if err != nil {
		t.Error(err)
	}
}

// Said is what a role has said of messages, by their numbers, in one life after the other.
type Said struct {
	heard sync.WaitGroup

	mu   sync.Mutex // guards what follows
	all  []uint64
	last time.Time // when it said something
}

// Hear listens to a life until it ends. It says a number by eight bytes, the lowest first.
func (s *Said) Hear(life io.Reader) {
	s.heard.Go(func() {
		var word [8]byte
		for {
			if _, err := io.ReadFull(life, word[:]); err != nil {
				return
			}
			s.mu.Lock()
			s.all, s.last = append(s.all, binary.LittleEndian.Uint64(word[:])), time.Now()
			s.mu.Unlock()
		}
	})
}

// Wait waits until all is heard of lives that have ended.
func (s *Said) Wait() { s.heard.Wait() }

// All returns what was said. The slice is not to be changed.
func (s *Said) All() []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all
}

// Last returns when something was said last.
func (s *Said) Last() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// Against returns how many of these it has not said, and how often it said something again.
func (s *Said) Against(numbers []uint64) (missing, again int) {
	all := s.All()
	said := make(map[uint64]bool, len(all))
	for _, number := range all {
		said[number] = true
	}
	for _, number := range numbers {
		if !said[number] {
			missing++
		}
	}
	return missing, len(all) - len(said)
}
