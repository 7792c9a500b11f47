package harness

import (
	"context"
	"encoding/json"
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
// executes the trial and writes the reply to stdout. The caller exits the
// process afterwards, with what a trial that was given up may have left running.
// The error is one of reading or writing.
func ServeTrial(stdin io.Reader, stdout io.Writer, known []strategies.Strategy) error {
	spec, err := ReadSpec(stdin)
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
	reply := trial.Guard(context.Background(), strategy, spec, true)
	reply.Schema, reply.Build = results.SchemaVersion, machine.OwnID()
	if err := json.NewEncoder(stdout).Encode(reply); err != nil {
		return fmt.Errorf("writing the trial's reply: %w", err)
	}
	return nil
}

// maxSpecBytes bounds what ReadSpec reads.
const maxSpecBytes = 1 << 20

// ReadSpec reads and checks a spec.
func ReadSpec(r io.Reader) (trial.Spec, error) {
	var spec trial.Spec
	if err := json.NewDecoder(io.LimitReader(r, maxSpecBytes)).Decode(&spec); err != nil {
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
