package harness

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
)

// process is a child that takes turns. It is active from when it is told something until
// it has answered; only then is its time counted and its memory looked at.
type process struct {
	ctx     context.Context
	kill    context.CancelFunc
	child   *exec.Cmd
	spec    trial.Spec
	timeout time.Duration
	watcher *watcher

	told   *os.File // its standard input
	says   *os.File // its standard output
	lines  *bufio.Reader
	kept   *capped // what it said that is no line of the protocol
	stderr *tail
	exited chan struct{} // closed when it has, and why is known
	why    error
	late   bool // it did not answer in time

	mu     sync.Mutex // guards what follows
	watch  *memoryWatch
	seen   bool          // it has been looked at
	active time.Duration // up to when it was last told something
	since  time.Time     // when that was
}

func newProcess(ctx context.Context, command []string, spec trial.Spec, watcher *watcher) *process {
	p := &process{
		spec: spec, timeout: time.Duration(spec.TimeoutNs), watcher: watcher, watch: newMemoryWatch(spec),
		kept: &capped{limit: maxReplyBytes}, stderr: &tail{limit: stderrBytes}, exited: make(chan struct{}),
	}
	p.ctx, p.kill = context.WithCancel(ctx)
	p.child = exec.CommandContext(p.ctx, command[0], command[1:]...)
	p.child.Stderr, p.child.WaitDelay = p.stderr, grace
	isolate(p.child)
	return p
}

// begin starts the child and has it warm up.
func (p *process) begin() answer {
	input, err := json.Marshal(p.spec)
	if err == nil {
		err = p.start()
	}
	if err != nil {
		p.kill()
		return over(trial.Failed(results.FailureError, "starting the trial: %v", err))
	}
	return p.ask(append(input, '\n'))
}

// start starts the child.
func (p *process) start() error {
	in, told, err := os.Pipe()
	if err != nil {
		return err
	}
	says, out, err := os.Pipe()
	if err != nil {
		return errors.Join(err, in.Close(), told.Close())
	}
	p.child.Stdin, p.child.Stdout, p.told, p.says, p.lines = in, out, told, says, bufio.NewReader(says)
	started := make(chan struct{})
	go func() {
		p.why = runTied(p.child, func() { close(started) })
		close(p.exited)
		// What it started may hold its output open.
		_ = says.SetReadDeadline(time.Now().Add(grace))
	}()
	select {
	case <-started:
		err = nil
	case <-p.exited:
		select {
		case <-started: // and ended already
		default:
			err = p.why
		}
	}
	_, _ = in.Close(), out.Close() // the child has its own
	if err != nil {
		_, _ = told.Close(), says.Close()
	}
	return err
}

// ask tells the child a line and reads what it answers.
func (p *process) ask(message []byte) answer {
	p.wake()
	defer p.doze()
	_, _ = p.told.Write(message) // one that has ended says why below
	text, err := p.readLine()
	var said line
	if err == nil && json.Unmarshal(text, &said) == nil && (said.Ready == nil) != (said.Slice == nil) {
		return answer{ready: said.Ready, slice: said.Slice}
	}
	_, _ = p.kept.Write(text)
	return over(p.finish())
}

// readLine reads a line of the child's output, without its end.
func (p *process) readLine() ([]byte, error) {
	p.allow()
	var text []byte
	for {
		part, err := p.lines.ReadSlice('\n')
		text = append(text, part...)
		if err == nil {
			return text, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) || len(text) > maxReplyBytes {
			return text, err
		}
	}
}

// allow has reads from the child fail when its time is up.
func (p *process) allow() {
	left := p.timeout + grace - p.spent()
	select {
	case <-p.exited:
		left = min(left, grace)
	default:
	}
	_ = p.says.SetReadDeadline(time.Now().Add(max(left, 0)))
}

var (
	commandSlice = []byte(`{"slice":true}` + "\n")
	commandEnd   = []byte(`{"end":true}` + "\n")
)

func (p *process) slice() answer { return p.ask(commandSlice) }

func (p *process) end() trial.Reply {
	p.wake()
	defer p.doze()
	_, _ = p.told.Write(commandEnd)
	return p.finish()
}

func (p *process) leave() {
	if p.says != nil {
		p.kill()
		<-p.exited
		_, _ = p.told.Close(), p.says.Close()
	}
}

// finish reads the rest of what the child says, waits until it has ended, and returns
// what that comes to.
func (p *process) finish() trial.Reply {
	defer p.kill()
	_ = p.told.Close()
	p.allow()
	_, err := io.Copy(p.kept, p.lines)
	select {
	case <-p.exited:
	default:
		p.late = errors.Is(err, os.ErrDeadlineExceeded)
		if p.late || p.kept.over {
			p.kill()
		}
		select {
		case <-p.exited:
		case <-time.After(p.timeout + grace - p.spent()): // it closed its output and lives on
			p.late = true
			p.kill()
			<-p.exited
		}
	}
	_ = p.says.Close()
	p.kept.kept = bytes.TrimSpace(p.kept.kept)
	reply := classify(p.late, p.why, p.kept, p.stderr, p.timeout)
	if f := reply.Failure; f != nil && f.Kind == results.FailureError && len(p.kept.kept) > 0 {
		// It is told no more once it has said what it should not: that it then exits with
		// an error says less than what it said.
		if said := parseReply(p.kept); said.Failure != nil {
			said.Failure.Stderr = f.Stderr
			reply = said
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return judge(reply, p.spec, p.watch, p.child.ProcessState)
}

// wake begins a time in which the child is active.
func (p *process) wake() {
	p.mu.Lock()
	p.since = time.Now()
	p.mu.Unlock()
	p.watcher.watch(p)
}

// doze ends it.
func (p *process) doze() {
	p.watcher.watch(nil)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active += time.Since(p.since)
}

// spent returns how long the child has been active.
func (p *process) spent() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.active + time.Since(p.since)
}

// look looks at the child's memory.
func (p *process) look() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = true
	p.watch.look(p.child.Process.Pid, p.active+time.Since(p.since), p.kill)
}

// watcher looks at the memory of the child that is active.
type watcher struct {
	stop   context.CancelFunc
	ended  chan struct{}
	mu     sync.Mutex
	active *process
}

func newWatcher() *watcher {
	ctx, stop := context.WithCancel(context.Background())
	w := &watcher{stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(w.ended)
		ticks := time.NewTicker(watchEvery)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
				w.look()
			}
		}
	}()
	return w
}

func (w *watcher) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.active != nil {
		w.active.look()
	}
}

// watch has it look at a child, or at none.
func (w *watcher) watch(p *process) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.active = p
	if p != nil && !p.seen { // one that soon ends shows too
		p.look()
	}
}

func (w *watcher) end() {
	w.stop()
	<-w.ended
}
