package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Program is another program that executes trials of strategies of its own. How it
// is asked for them and for a trial is in the package's documentation.
type Program struct {
	Path       string                // absolute
	Digest     string                // SHA-256 of its file, in hexadecimal
	Strategies []strategies.Strategy // without constructors: this process cannot run them

	slices int         // the version by which it takes turns, 0 if it does not: see trial.Slicing
	info   os.FileInfo // of the file when its digest was taken
}

// Command starts a child of the program that speaks the trial protocol.
func (p Program) Command() []string { return []string{p.Path, "trial"} }

// stillItself returns a reply of the program, failed if its file was replaced meanwhile. The
// file is looked at before a trial and after it: a program may lie beside what it needs,
// so that no copy of it could be executed instead.
func (p Program) stillItself(reply trial.Reply) trial.Reply {
	if err := p.unchanged(); err != nil {
		reply.Measurement, reply.Failure = nil, trial.Failed(results.FailureError, "%v", err).Failure
	}
	return reply
}

// unchanged reports whether the program's file is still what it was when the program
// was asked for its strategies. It is read only if it looks altered.
func (p Program) unchanged() error {
	info, err := os.Stat(p.Path)
	if err == nil && os.SameFile(info, p.info) && info.Size() == p.info.Size() && info.ModTime().Equal(p.info.ModTime()) {
		return nil
	}
	digest, err := machine.DigestOf(p.Path)
	switch {
	case err != nil:
		return fmt.Errorf("the program that the run began with is gone: %w", err)
	case digest != p.Digest:
		return fmt.Errorf("the program %q was replaced while it measured", p.Path)
	}
	return nil
}

// Limits on what a program may say of itself, which ends in tables and figures.
const (
	describeTimeout   = 10 * time.Second
	maxDescription    = 1 << 20 // bytes
	maxDescribed      = 64      // strategies
	maxDescribedName  = 40      // bytes: it has to fit into figures
	maxDescribedWords = 200     // bytes of a sentence
)

// AskProgram asks a program which strategies it has. Names that are among known
// are taken. Whatever the program does, there is an answer or an error that names
// it.
func AskProgram(ctx context.Context, path string, known []strategies.Strategy) (Program, error) {
	program, err := askProgram(ctx, path, known)
	if err != nil {
		return Program{}, fmt.Errorf("asking %q to describe its strategies: %w", path, err)
	}
	return program, nil
}

func askProgram(ctx context.Context, path string, known []strategies.Strategy) (Program, error) {
	p, err := openProgram(path)
	if err != nil {
		return p, err
	}
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	said, err := Ask(ctx, p.Path, "describe")
	if err != nil {
		return p, err
	}
	if p.Strategies, err = parseDescription(said, known, filepath.Base(path)); err != nil {
		return p, err
	}
	var also description
	_ = json.Unmarshal(said, &also) // it could be read
	if also.Slices >= 1 && also.Slices <= trial.SlicesVersion {
		p.slices = also.Slices
	}
	return p, p.unchanged()
}

// openProgram returns a program without having executed it.
func openProgram(path string) (p Program, err error) {
	if p.Path, err = filepath.Abs(path); err != nil {
		return p, err
	}
	if p.info, err = os.Stat(p.Path); err != nil {
		return p, err
	}
	if !p.info.Mode().IsRegular() {
		return p, errors.New("it is not a regular file")
	}
	p.Digest, err = machine.DigestOf(p.Path)
	return p, err
}

// Ask runs a program and returns what it prints, for which it has until the deadline of
// the context. The error of one that fails ends with what it says of that.
func Ask(ctx context.Context, path string, args ...string) ([]byte, error) {
	child := exec.CommandContext(ctx, path, args...)
	stdout, stderr := &capped{limit: maxDescription}, &tail{limit: stderrBytes}
	child.Stdout, child.Stderr = stdout, stderr
	begun := time.Now()
	err := RunIsolated(child)
	switch ends := endsOf(stderr.String()); {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("no answer within %v: killed", time.Since(begun).Round(time.Millisecond))
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && ends != "":
		return nil, fmt.Errorf("%w: %q", err, ends)
	case err != nil:
		return nil, err
	case stdout.over:
		return nil, fmt.Errorf("it wrote more than %d bytes", maxDescription)
	}
	return stdout.kept, nil
}

// endsOf returns the first and the last line of what a program says of its failure: one
// of them tells what is wrong. Of long ones it is the beginning.
func endsOf(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	first, last := lines[0], lines[len(lines)-1]
	first, last = first[:min(len(first), maxDescribedWords)], last[:min(len(last), maxDescribedWords)]
	if len(lines) == 1 {
		return first
	}
	return first + " ... " + last
}

// description is what a program answers.
type description struct {
	Schema     int                `json:"schema"`
	Strategies []results.Strategy `json:"strategies"`
	Slices     int                `json:"slices,omitempty"` // the version by which it takes turns; 0: it does not
}

// parseDescription reads and checks a description. origin is who made a strategy
// that does not say so.
func parseDescription(data []byte, known []strategies.Strategy, origin string) ([]strategies.Strategy, error) {
	var said description
	if err := json.Unmarshal(data, &said); err != nil {
		return nil, fmt.Errorf("reading its answer: %.200s", files.InWords(err).Error()) // it may quote what it could not read
	}
	if said.Schema != results.SchemaVersion {
		return nil, fmt.Errorf("reading its answer: schema %d is not %d", said.Schema, results.SchemaVersion)
	}
	if n := len(said.Strategies); n < 1 || n > maxDescribed {
		return nil, fmt.Errorf("it has %d strategies, not 1..%d", n, maxDescribed)
	}
	var all []strategies.Strategy
	for _, s := range said.Strategies {
		if err := checkNewName(s.Name, slices.Concat(known, all)); err != nil {
			return nil, err
		}
		if s.Module == "" { // every peer has one
			s.Module = origin
		}
		d, err := descriptorOf(s)
		if err != nil {
			return nil, fmt.Errorf("strategy %q: %w", s.Name, err)
		}
		if d.Floor && slices.ContainsFunc(all, func(other strategies.Strategy) bool { return other.Floor }) {
			return nil, fmt.Errorf("strategy %q: it is a second floor; a program has one", s.Name)
		}
		all = append(all, strategies.Strategy{Descriptor: d})
	}
	return all, nil
}

// newName is what the name of a strategy looks like.
var newName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// checkNewName refuses names that are none, and those that mean something already.
func checkNewName(name string, known []strategies.Strategy) error {
	switch {
	case len(name) > maxDescribedName || !newName.MatchString(name):
		return fmt.Errorf("strategy %.*q: a name is lower-case letters and digits with dashes in between, %d at most", maxDescribedName, name, maxDescribedName)
	case slices.ContainsFunc(pick.Groups(), func(g pick.Group) bool { return g.Name == name }):
		return fmt.Errorf("strategy %q: that is the name of a group", name)
	case slices.ContainsFunc(known, func(s strategies.Strategy) bool { return s.Name == name }):
		return fmt.Errorf("strategy %q: that name is taken", name)
	}
	return nil
}

// descriptorOf reads what a program says of a strategy.
func descriptorOf(s results.Strategy) (strategies.Descriptor, error) {
	d := strategies.Descriptor{
		Name: s.Name, Doc: s.Doc, Family: strategies.Family(s.Family), Source: s.Source, Wait: s.Wait, Module: s.Module, Lanes: s.Lanes, Batch: s.Batch,
		Floor: s.Floor, Processes: s.Processes, Unbuildable: s.Unbuildable,
	}
	for _, text := range []struct{ key, value string }{
		{"doc", s.Doc}, {"order", s.Order}, {"bound", s.Bound}, {"wait", s.Wait}, {"module", s.Module},
	} {
		if err := checkWords(text.value); err != nil {
			return d, fmt.Errorf("%s: %w", text.key, err)
		}
	}
	for _, text := range []struct{ key, value string }{{"family", s.Family}, {"source", s.Source}, {"unbuildable", s.Unbuildable}} { // may be missing
		if err := checkWords(text.value); text.value != "" && err != nil {
			return d, fmt.Errorf("%s: %w", text.key, err)
		}
	}
	var err error
	if d.Order, err = strategies.ParseOrder(s.Order); err != nil {
		return d, err
	}
	if d.Bound, err = strategies.ParseBound(s.Bound); err != nil {
		return d, err
	}
	if err := describePolicies(&d, s.Policies); err != nil {
		return d, err
	}
	if err := describeDelivery(&d, s); err != nil {
		return d, err
	}
	return d, describeLacks(&d, s.Lacks)
}

// checkWords refuses what would break a line of a table.
func checkWords(text string) error {
	odd := strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar || r == '|' })
	switch {
	case text == "":
		return errors.New("it is missing")
	case len(text) > maxDescribedWords:
		return fmt.Errorf("%d bytes are more than %d", len(text), maxDescribedWords)
	case odd:
		return fmt.Errorf("%q may hold only printable characters other than |", text)
	}
	return nil
}

// describePolicies reads what a strategy does when it is full; one that never is
// has no policies.
func describePolicies(d *strategies.Descriptor, names []string) error {
	if d.Bound == strategies.Unbounded {
		if len(names) > 0 {
			return fmt.Errorf("policies: an unbounded strategy is never full, but has %q", names)
		}
		return nil
	}
	if len(names) == 0 {
		return errors.New("policies: a bounded strategy needs at least one")
	}
	d.Lossy = true
	for i, name := range names {
		if err := checkWords(name); err != nil {
			return fmt.Errorf("policies: %w", err)
		}
		policy, err := strategies.ParsePolicy(name)
		switch {
		case err != nil:
			return fmt.Errorf("policies: %w", err)
		case slices.Contains(names[:i], name):
			return fmt.Errorf("policies: %q is listed twice", name)
		case policy == strategies.Block:
			d.Lossy = false // what offers it is expected to
		default:
			d.Policies = append(d.Policies, policy)
		}
	}
	return nil
}

// describeDelivery reads what a strategy says of sudden ends; nothing, if it is within a
// process.
func describeDelivery(d *strategies.Descriptor, s results.Strategy) error {
	if known := results.Deliveries(); s.Delivery != "" && !slices.Contains(known, s.Delivery) {
		return fmt.Errorf("delivery: there is no %.*q (one of %q)", maxDescribedName, s.Delivery, known)
	}
	for i, role := range s.Survives {
		if known := results.Roles(); !slices.Contains(known, role) || slices.Contains(s.Survives[:i], role) {
			return fmt.Errorf("survives: %.*q is unknown or there twice (one of %q)", maxDescribedName, role, known)
		}
	}
	d.Delivery, d.Survives = s.Delivery, s.Survives
	return nil
}

// describeLacks reads which promises a strategy does not keep.
func describeLacks(d *strategies.Descriptor, lacks map[string]string) error {
	for name, why := range lacks {
		promise := strategies.Promise(name)
		if !slices.Contains(strategies.Promises(), promise) {
			return fmt.Errorf("lacks: there is no promise %.*q (one of %v)", maxDescribedName, name, strategies.Promises())
		}
		if err := checkWords(why); err != nil {
			return fmt.Errorf("lacks: %s: %w", name, err)
		}
		if d.Lacks == nil {
			d.Lacks = make(map[strategies.Promise]string)
		}
		d.Lacks[promise] = why
	}
	return nil
}
