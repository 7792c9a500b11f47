package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/results/units"
)

const (
	// grace is how long after its own timeout a child is left to say so.
	grace = 2 * time.Second
	// maxReplyBytes bounds what is kept of a child's output: a reply with its
	// histograms takes some 10 kB.
	maxReplyBytes = 16 << 20
	// stderrBytes is how much of the end of standard error is stored.
	stderrBytes = 4 << 10
)

// runChild executes a trial in a child process. Whatever the child does, the
// answer is a reply.
func runChild(ctx context.Context, command []string, spec trial.Spec) trial.Reply {
	input, err := json.Marshal(spec)
	if err != nil {
		return trial.Failed(results.FailureError, "encoding the trial spec: %v", err)
	}
	timeout := time.Duration(spec.TimeoutNs)
	ctx, cancel := context.WithTimeout(ctx, timeout+grace)
	defer cancel()
	child := exec.CommandContext(ctx, command[0], command[1:]...)
	stdout, stderr := &capped{limit: maxReplyBytes}, &tail{limit: stderrBytes}
	child.Stdin, child.Stdout, child.Stderr = bytes.NewReader(input), stdout, stderr
	child.WaitDelay = grace // a grandchild that holds the pipes open must not hold us
	isolate(child)
	watch, watched := newMemoryWatch(spec), make(chan struct{})
	watching, stop := context.WithCancel(ctx)
	started := false
	err = runTied(child, func() {
		started = true
		go func() {
			defer close(watched)
			watch.run(watching, child.Process.Pid, cancel)
		}()
	})
	stop()
	if !started {
		return classify(ctx, err, stdout, stderr, timeout)
	}
	<-watched
	reply := classify(ctx, err, stdout, stderr, timeout)
	if m := reply.Measurement; m != nil {
		if err := m.Suits(spec.Cell); err != nil {
			reply = trial.Failed(results.FailureProtocol, "the child's measurement: %v", err)
		}
	}
	if watch.passed > 0 {
		reply = trial.Failed(results.FailureMemory, "killed at %s resident; the limit is %s",
			units.Bytes(float64(watch.passed)), units.Bytes(float64(spec.MemoryLimit)))
	}
	reply.Memory = watch.result(peakBytes(child.ProcessState))
	return reply
}

// classify turns a child's end into a reply.
func classify(ctx context.Context, err error, stdout *capped, stderr *tail, timeout time.Duration) trial.Reply {
	var exit *exec.ExitError
	var reply trial.Reply
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		reply = trial.Failed(results.FailureTimeout, "no answer after %v: killed", timeout+grace)
	case errors.As(err, &exit) && killedBy(exit) != "":
		reply = trial.Failed(results.FailureKilled, "killed by signal %q", killedBy(exit))
	case errors.As(err, &exit) && strings.Contains(stderr.crash(), "out of memory"):
		reply = trial.Failed(results.FailureMemory, "the system refused it more memory: %s", stderr.crash())
	case errors.As(err, &exit) && stderr.crash() != "":
		reply = trial.Failed(results.FailurePanic, "%s", stderr.crash())
	case err != nil:
		reply = trial.Failed(results.FailureError, "%v", err)
	default:
		reply = parseReply(stdout)
	}
	if reply.Failure != nil && reply.Failure.Stderr == "" {
		reply.Failure.Stderr = stderr.String()
	}
	return reply
}

// parseReply reads a child's output, which is not to be trusted.
func parseReply(stdout *capped) trial.Reply {
	if stdout.over {
		return trial.Failed(results.FailureProtocol, "the child wrote more than %d bytes", maxReplyBytes)
	}
	var reply trial.Reply
	if err := json.Unmarshal(stdout.kept, &reply); err != nil {
		return trial.Failed(results.FailureProtocol, "the child's output is not a trial reply: %v", files.InWords(err))
	}
	if reply.Schema != results.SchemaVersion {
		return trial.Failed(results.FailureProtocol, "the child's reply has schema %d, not %d", reply.Schema, results.SchemaVersion)
	}
	if (reply.Measurement == nil) == (reply.Failure == nil) {
		return trial.Failed(results.FailureProtocol, "the child's reply has not exactly one of measurement and failure")
	}
	if reply.Measurement != nil {
		if err := reply.Measurement.Validate(); err != nil {
			return trial.Failed(results.FailureProtocol, "the child's measurement: %v", err)
		}
	}
	return reply
}

// capped keeps the first limit bytes written to it.
type capped struct {
	kept  []byte
	limit int
	over  bool
}

func (c *capped) Write(p []byte) (int, error) {
	room := c.limit - len(c.kept)
	c.over = c.over || len(p) > room
	c.kept = append(c.kept, p[:min(len(p), room)]...)
	return len(p), nil
}

// tail keeps the last limit bytes written to it, and the line that a crashing Go
// program begins its report with.
type tail struct {
	end   []byte
	limit int
	line  []byte // begun and not ended
	first string
}

func (t *tail) Write(p []byte) (int, error) {
	t.end = append(t.end, p...)
	if over := len(t.end) - t.limit; over > 0 {
		t.end = append(t.end[:0], t.end[over:]...)
	}
	for rest := p; t.first == "" && len(rest) > 0; {
		part, after, ended := bytes.Cut(rest, []byte("\n"))
		if len(t.line) < t.limit {
			t.line = append(t.line, part...)
		}
		if ended {
			t.note()
		}
		rest = after
	}
	return len(p), nil
}

// note looks at a whole line.
func (t *tail) note() {
	if line := string(t.line); strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") {
		t.first = line
	}
	t.line = t.line[:0]
}

// crash returns the line in which a Go program said why it crashed, or "".
func (t *tail) crash() string { return t.first }

func (t *tail) String() string { return strings.ToValidUTF8(string(t.end), "\uFFFD") }
