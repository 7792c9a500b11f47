package program

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
)

const (
	producersVerb = "producers"
	slicesVersion = 2
)

// spec is what a trial is told: see package harness.
type spec struct {
	Schema    int          `json:"schema"`
	Cell      results.Cell `json:"cell"`
	Seed      uint64       `json:"seed"`
	TimeoutNs int64        `json:"timeout_ns"`
	Slices    *struct {
		Version  int   `json:"version"`
		LengthNs int64 `json:"length_ns"`
	} `json:"slices"`
}

// reply is what it answers.
type reply struct {
	Schema      int                  `json:"schema"`
	Measurement *results.Measurement `json:"measurement,omitempty"`
	Failure     *results.Failure     `json:"failure,omitempty"`
}

// Main is the main of a program: it has the verbs of the protocol, and returns the exit
// code.
func Main(args []string, all ...Strategy) int {
	verb := ""
	if len(args) == 1 {
		verb = args[0]
	}
	var err error
	switch verb {
	case "describe":
		err = describe(all, os.Stdout)
	case "trial":
		err = serve(all, os.Stdin, os.Stdout)
	case producersVerb:
		err = produce(all, os.Stdin, os.Stdout)
	default:
		fmt.Fprintln(os.Stderr, "usage: describe | trial <spec.json; or as a program of: fanin-bench run --program PATH")
		return 2
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// describe writes what `fanin-bench run --program` asks for.
func describe(all []Strategy, out io.Writer) error {
	said := struct {
		Schema     int                `json:"schema"`
		Strategies []results.Strategy `json:"strategies"`
		Slices     int                `json:"slices"`
	}{Schema: results.SchemaVersion, Slices: slicesVersion}
	for _, s := range all {
		s.Processes = s.Join != nil
		said.Strategies = append(said.Strategies, s.Strategy)
	}
	return json.NewEncoder(out).Encode(said)
}

func find(all []Strategy, name string) (Strategy, error) {
	i := slices.IndexFunc(all, func(s Strategy) bool { return s.Name == name })
	if i < 0 {
		return Strategy{}, fmt.Errorf("unknown strategy %.64q", name)
	}
	return all[i], nil
}

// serve executes the trial that in asks for. What is left running of one that failed ends
// with the process.
func serve(all []Strategy, in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	var asked spec
	hear := json.NewDecoder(lines)
	if err := hear.Decode(&asked); err != nil {
		return fmt.Errorf("reading the trial spec: %w", err)
	}
	if asked.Schema != results.SchemaVersion {
		return fmt.Errorf("reading the trial spec: schema %d is not %d", asked.Schema, results.SchemaVersion)
	}
	if s := asked.Slices; s != nil && s.Version != slicesVersion {
		return fmt.Errorf("reading the trial spec: slices of version %d are not of version %d", s.Version, slicesVersion)
	}
	t := &trial{spec: asked, over: make(chan reply, 1), partner: partner{hear, json.NewEncoder(out)}}
	dir, release, err := ownDir()
	if err != nil {
		return fmt.Errorf("making a directory for the trial: %w", err)
	}
	defer release()
	t.setup.Dir, t.setup.Start = dir, t.staff.start
	go t.execute(all)
	var timeout <-chan time.Time // nil: who takes turns is timed by its partner
	if asked.Slices == nil && asked.TimeoutNs > 0 {
		timeout = time.After(time.Duration(asked.TimeoutNs))
	}
	var answered reply
	select {
	case answered = <-t.over:
	case <-timeout:
		answered = failed(results.FailureTimeout, fmt.Errorf("not finished after %v", time.Duration(asked.TimeoutNs)))
	}
	t.staff.dismiss()
	answered.Schema = results.SchemaVersion
	return json.NewEncoder(out).Encode(answered)
}

func failed(kind results.FailureKind, err error) reply {
	return reply{Failure: &results.Failure{Kind: kind, Detail: strings.ReplaceAll(err.Error(), "\n", "; ")}}
}

// partner is who has a trial take turns with others.
type partner struct {
	hear *json.Decoder
	tell *json.Encoder
}

// next waits until it is told to run a slice, and reports false at the end.
func (p partner) next() (bool, error) {
	var told struct{ Slice, End bool }
	if err := p.hear.Decode(&told); err != nil {
		return false, fmt.Errorf("waiting for a turn: %w", err)
	}
	if told.Slice == told.End {
		return false, errors.New("waiting for a turn: neither a slice nor the end was asked for")
	}
	return told.Slice, nil
}
