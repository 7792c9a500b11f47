package program

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
)

// TestMain has the test's binary be a program of the strategies below, too.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == producersVerb {
		os.Exit(Main(os.Args[1:], all()...))
	}
	os.Exit(m.Run())
}

// pipe is a fan-in that is a channel in the process, or a pipe of the system between
// processes: writes up to its page size arrive whole.
type pipe struct {
	setup       Setup
	read, write *os.File
	spoil       func(seq int, message []byte) // before it is handed over; nil: nothing
	count       int
}

func (p *pipe) Recv(visit func([]byte)) (int, error) {
	message := make([]byte, p.setup.Payload)
	if _, err := p.read.Read(message); err != nil {
		return 0, err
	}
	if p.spoil != nil {
		p.spoil(p.count, message)
	}
	p.count++
	visit(message)
	return 1, nil
}

func (p *pipe) Close() error                { return p.read.Close() }
func (p *pipe) Invite() (Invitation, error) { return Invitation{Files: []*os.File{p.write}}, nil }
func (p *pipe) Sender(int) (Sender, error)  { return p, nil }
func (p *pipe) Send(message []byte) error   { _, err := p.write.Write(message); return err }
func joinPipe(s Setup, i Invitation) (Producers, error) {
	return &pipe{setup: s, write: i.Files[0]}, nil
}

func all() []Strategy {
	made := leaks()
	about := results.Strategy{Order: "per producer", Bound: "bounded in total", Wait: "parks at once", Policies: []string{"block"}}
	open := func(spoil func(int, []byte)) func(Setup) (Queue, error) {
		return func(s Setup) (Queue, error) {
			r, w, err := os.Pipe()
			return &pipe{setup: s, read: r, write: w, spoil: spoil}, err
		}
	}
	for name, spoil := range map[string]func(int, []byte){
		"pipe": nil,
		"altering": func(n int, message []byte) {
			if n == 1000 {
				message[len(message)-1]++
			}
		},
		"doubling": func(n int, message []byte) {
			if n == 1000 {
				fill(message, 0, 1)
			}
		},
	} {
		about.Name = name
		made = append(made, Strategy{Strategy: about, Open: open(spoil)})
	}
	about.Name = "between"
	made = append(made, Strategy{Strategy: about, Open: open(nil), Join: joinPipe})
	about.Name = "refusing"
	return append(made, Strategy{Strategy: about, Open: open(nil), Join: func(Setup, Invitation) (Producers, error) {
		return nil, fmt.Errorf("refusing to join")
	}})
}

// said is a line of what a program says.
type said struct {
	reply
	Ready struct{ Messages int64 } `json:"ready"`
}

// ask has a trial executed, with what is said to it after its spec.
func ask(t *testing.T, change map[string]any, more ...string) (lines []said) {
	t.Helper()
	cell := map[string]any{
		"strategy": "pipe", "producers": 3, "arrival": "closed", "payload_bytes": 64, "send_batch": 1, "recv_batch": 16,
		"messages": 5000, "gomaxprocs": 2,
	}
	asked := map[string]any{"schema": 1, "cell": cell, "seed": 1, "timeout_ns": int64(30e9)}
	for key, value := range change {
		if key == "slices" {
			asked[key] = value
			continue
		}
		cell[key] = value
	}
	text, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := serve(all(), strings.NewReader(string(text)+"\n"+strings.Join(more, "\n")), &out); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var r said
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		lines = append(lines, r)
	}
	return lines
}

func TestTrialsMeasure(t *testing.T) {
	for _, c := range []map[string]any{
		{},
		{"payload_bytes": 8},
		{"strategy": "between", "processes": 2},
		{"arrival": "constant", "rate_msgs_per_s": 20_000, "duration_ns": int64(100e6), "messages": 0},
		{"strategy": "between", "processes": 3, "arrival": "poisson", "rate_msgs_per_s": 20_000, "duration_ns": int64(100e6), "messages": 0},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			r := ask(t, c)[0]
			if r.Failure != nil {
				t.Fatal(r.Failure.Detail)
			}
			m := r.Measurement
			if err := m.Validate(); err != nil {
				t.Error(err)
			}
			want := int64(5000)
			if c["arrival"] != nil {
				want = 2000
				if m.Response.TotalCount() != want || m.SendDelay.TotalCount() != want {
					t.Errorf("%d response times and %d send delays of %d messages", m.Response.TotalCount(), m.SendDelay.TotalCount(), want)
				}
			}
			if m.Delivered != want || len(m.WarmUp) == 0 {
				t.Errorf("delivered %d of %d, after %d rounds", m.Delivered, want, len(m.WarmUp))
			}
			if c["payload_bytes"] == nil && m.Transit.TotalCount() == 0 {
				t.Error("no transit time was taken")
			}
			if n, ok := c["processes"].(int); ok && (m.Processes[0].Role != results.RoleProducer || m.Processes[0].Count != n) {
				t.Errorf("the processes are %+v", m.Processes)
			}
		})
	}
}

func TestTrialsTakeTurns(t *testing.T) {
	lines := ask(t, map[string]any{
		"strategy": "between", "messages": 0, "duration_ns": int64(50e6), "slice_ns": int64(5e6),
		"slices": map[string]any{"version": slicesVersion, "length_ns": int64(5e6)},
	}, `{"slice":true}`, `{"slice":true}`, `{"slice":true}`, `{"end":true}`)
	if len(lines) != 5 || lines[4].Measurement == nil {
		t.Fatalf("the answers are %+v", lines)
	}
	// The first leads in.
	if m := lines[4].Measurement; m.Validate() != nil || m.Delivered != 2*lines[0].Ready.Messages || m.Delivered == 0 {
		t.Errorf("two slices of %d messages delivered %d", lines[0].Ready.Messages, m.Delivered)
	}
}

func TestTrialsFailByName(t *testing.T) {
	for _, c := range []struct {
		change map[string]any
		kind   results.FailureKind
		detail string
	}{
		{map[string]any{"strategy": "nobody"}, results.FailureError, `unknown strategy "nobody"`},
		{map[string]any{"busy": 2}, results.FailureError, "busy 2"},
		{map[string]any{"send_batch": 4}, results.FailureError, "send-batch 4"},
		{map[string]any{"payload_bytes": 9}, results.FailureError, "payload 9"},
		{map[string]any{"arrival": "burst", "rate_msgs_per_s": 1000}, results.FailureError, "arrival burst"},
		{map[string]any{"strategy": "refusing"}, results.FailureError, "refusing to join"},
		{map[string]any{"strategy": "altering"}, results.FailureDelivery, "intact"},
		{map[string]any{"strategy": "doubling"}, results.FailureDelivery, "exactly-once"},
	} {
		r := ask(t, c.change)[0]
		if r.Failure == nil || r.Failure.Kind != c.kind || !strings.Contains(r.Failure.Detail, c.detail) {
			t.Errorf("%v: the reply is %+v; want %s about %s", c.change, r, c.kind, c.detail)
		}
	}
}

// What may come twice, or late, is checked by a set.
func TestLedgerCountsWhatComesAgain(t *testing.T) {
	l := newLedger(2, 8, true)
	message := make([]byte, 8)
	for _, seq := range []uint64{0, 2, 1, 1, 3, 5, 5, 4, 6, 2, 9, 8, 7} {
		fill(message, 1, seq)
		l.take(message)
	}
	if l.broken != nil || l.fresh != 10 || l.duplicated != 3 || l.late != 4 || l.next[1] != 10 || l.ahead[1] != nil {
		t.Errorf("the ledger is %+v; want 10 messages, 4 of them late, and 3 again", l)
	}
}

// A trial leaves no directory, and removes those that killed ones left: whose lock nobody
// holds, or that never had one and is old. One that is in use stays.
func TestTrialsSweep(t *testing.T) {
	parent := t.TempDir()
	t.Setenv("TMPDIR", parent)
	made := func(name string, locked bool, age time.Duration) string {
		dir := filepath.Join(parent, dirPrefix+name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if locked {
			if err := os.WriteFile(filepath.Join(dir, files.LockFile), []byte("1\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(dir, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	made("killed", true, 0)
	made("old", false, 2*fresh)
	young := made("young", false, 0)
	used, release, err := ownDir()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if r := ask(t, map[string]any{})[0]; r.Failure != nil {
		t.Fatal(r.Failure.Detail)
	}
	left, err := filepath.Glob(filepath.Join(parent, "*"))
	if err != nil || len(left) != 2 || !slices.Contains(left, young) || !slices.Contains(left, used) {
		t.Errorf("left %q, %v; want %q and %q", left, err, young, used)
	}
}
