package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// ServeTrial is the child's side of the protocol: it reads a spec from stdin,
// executes the trial and writes the reply to stdout. A trial that takes turns says so, and
// waits on stdin for each turn. The caller exits the process afterwards, with what a trial
// that was given up may have left running. The error is one of reading or writing.
func ServeTrial(stdin io.Reader, stdout io.Writer, known []strategies.Strategy) error {
	parent := &parent{in: json.NewDecoder(io.LimitReader(stdin, maxInputBytes)), out: json.NewEncoder(stdout)}
	spec, err := parent.spec()
	if err != nil {
		return err
	}
	strategy, err := pick.Find(known, spec.Cell.Strategy)
	if err != nil {
		return fmt.Errorf("reading the trial spec: %w", err)
	}
	if spec.MemoryLimit > 0 {
		limitData(machine.HardLimit(spec.MemoryLimit))
	}
	reply := trial.Guard(context.Background(), strategy, spec, true, parent)
	if parent.lost != nil {
		return parent.lost
	}
	reply.Schema, reply.Build = results.SchemaVersion, machine.OwnID()
	if err := parent.out.Encode(reply); err != nil {
		return fmt.Errorf("writing the trial's reply: %w", err)
	}
	return nil
}

// maxInputBytes bounds what a child reads: a spec, and a command for each of its turns.
const maxInputBytes = 1 << 20

// parent is the partner of a trial in a child process.
type parent struct {
	in   *json.Decoder
	out  *json.Encoder
	lost error // why there is no telling it anything
}

// command is what a child that takes turns is told: exactly one of the two.
type command struct {
	Slice bool `json:"slice,omitempty"`
	End   bool `json:"end,omitempty"`
}

// line is what such a child answers before its reply.
type line struct {
	Schema int          `json:"schema,omitempty"`
	Ready  *trial.Ready `json:"ready,omitempty"`
	Slice  *trial.Slice `json:"slice,omitempty"`
}

// spec reads and checks a spec.
func (p *parent) spec() (trial.Spec, error) {
	var spec trial.Spec
	if err := p.in.Decode(&spec); err != nil {
		return spec, fmt.Errorf("reading the trial spec from standard input: %w", files.InWords(err))
	}
	if spec.Schema != results.SchemaVersion {
		return spec, fmt.Errorf("reading the trial spec: schema %d is not %d", spec.Schema, results.SchemaVersion)
	}
	if err := scenario.CheckCell(spec.Cell); err != nil {
		return spec, fmt.Errorf("reading the trial spec: %w", err)
	}
	return spec, nil
}

// Ready implements trial.Partner.
func (p *parent) Ready(r trial.Ready) error {
	return p.say(line{Schema: results.SchemaVersion, Ready: &r})
}

// Did implements trial.Partner.
func (p *parent) Did(s trial.Slice) error { return p.say(line{Slice: &s}) }

func (p *parent) say(l line) error {
	if err := p.out.Encode(l); err != nil {
		p.lost = fmt.Errorf("writing to who takes turns with the trial: %w", err)
	}
	return p.lost
}

// Next implements trial.Partner.
func (p *parent) Next() (slice bool, err error) {
	var c command
	if err := p.in.Decode(&c); err != nil {
		p.lost = fmt.Errorf("reading whose turn it is: %w", files.InWords(err))
	} else if c.Slice == c.End {
		p.lost = errors.New("reading whose turn it is: it is neither a slice nor the end")
	}
	return c.Slice, p.lost
}

// ReadSpec reads and checks a spec.
func ReadSpec(r io.Reader) (trial.Spec, error) {
	return (&parent{in: json.NewDecoder(io.LimitReader(r, maxInputBytes))}).spec()
}
