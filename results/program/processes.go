package program

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
)

// hello is the first line that a process of producers reads.
type hello struct {
	Strategy   string   `json:"strategy"`
	Setup      Setup    `json:"setup"`
	First      int      `json:"first"` // number of its first producer
	Count      int      `json:"count"`
	GOMAXPROCS int      `json:"gomaxprocs"`
	Words      []string `json:"words,omitempty"`
	Files      int      `json:"files,omitempty"` // how many it inherits, from descriptor 3 on
}

// answer is a line that it writes: first that it has joined, then one for each order.
type answer struct {
	Joined bool   `json:"joined,omitempty"`
	Done   *done  `json:"done,omitempty"`
	Error  string `json:"error,omitempty"`
}

// process is a process of producers, as that of the consumer sees it.
type process struct {
	child *exec.Cmd
	tell  *json.Encoder
	hear  *json.Decoder
}

// staff is the processes that a trial has started.
type staff struct {
	mu   sync.Mutex
	all  []*exec.Cmd
	over bool
}

// start starts a process that the system ends with this one, unless the trial is over.
func (s *staff) start(child *exec.Cmd) error {
	tie(child)
	result := make(chan error)
	lasting() <- func() { result <- s.startHere(child) }
	return <-result
}

func (s *staff) startHere(child *exec.Cmd) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return errors.New("the trial is over")
	}
	if err := child.Start(); err != nil {
		return err
	}
	s.all = append(s.all, child)
	return nil
}

// lasting returns what has a thread call functions that stays for as long as this process:
// the system ends a process that is tied to this one with the thread that started it.
var lasting = sync.OnceValue(func() chan<- func() {
	calls := make(chan func())
	go func() {
		runtime.LockOSThread()
		for call := range calls {
			call()
		}
	}()
	return calls
})

// dismiss ends all of them and waits until they have.
func (s *staff) dismiss() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	for _, child := range s.all {
		_ = child.Process.Kill()
	}
	for _, child := range s.all {
		_, _ = child.Process.Wait()
	}
}

// startProcesses starts this program once for each greeting, with the files that
// belong to it.
func (s *staff) startProcesses(greetings []hello, files [][]*os.File) ([]*process, error) {
	var all []*process
	for i, greeting := range greetings {
		p, err := s.startProcess(greeting, files[i])
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	for i, p := range all { // all join at the same time
		if _, err := p.read(); err != nil {
			return nil, fmt.Errorf("process %d of producers: joining: %w", i, err)
		}
	}
	return all, nil
}

func (s *staff) startProcess(greeting hello, files []*os.File) (*process, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	child := exec.Command(path, producersVerb)
	child.Stderr, child.ExtraFiles = os.Stderr, files
	in, err := child.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.start(child); err != nil {
		return nil, fmt.Errorf("starting a process of producers: %w", err)
	}
	p := &process{child: child, tell: json.NewEncoder(in), hear: json.NewDecoder(out)}
	greeting.Files = len(files)
	return p, p.tell.Encode(greeting)
}

func (p *process) read() (answer, error) {
	var a answer
	switch err := p.hear.Decode(&a); {
	case errors.Is(err, io.EOF):
		return a, errors.New("it ended without an answer")
	case err != nil:
		return a, err
	case a.Error != "":
		return a, errors.New(a.Error)
	}
	return a, nil
}

func (p *process) run(o order) (done, error) {
	if err := p.tell.Encode(o); err != nil {
		return done{}, err
	}
	a, err := p.read()
	if err == nil && a.Done == nil {
		err = errors.New("it does not answer as it was asked")
	}
	if err != nil {
		return done{}, fmt.Errorf("a process of producers: %w", err)
	}
	return *a.Done, nil
}

// produce is the life of a process of producers: it ends with its input.
func produce(known []Strategy, in io.Reader, out io.Writer) error {
	hear, tell := json.NewDecoder(in), json.NewEncoder(out)
	var greeting hello
	if err := hear.Decode(&greeting); err != nil {
		return fmt.Errorf("reading what to join: %w", err)
	}
	crew, err := join(known, greeting)
	if err != nil {
		return tell.Encode(answer{Error: err.Error()})
	}
	if err := tell.Encode(answer{Joined: true}); err != nil {
		return err
	}
	for {
		var o order
		if err := hear.Decode(&o); err != nil {
			return nil // nobody asks any more
		}
		d, err := crew.run(o)
		if err != nil {
			return tell.Encode(answer{Error: err.Error()})
		}
		if err := tell.Encode(answer{Done: &d}); err != nil {
			return err
		}
	}
}

func join(known []Strategy, greeting hello) (*hands, error) {
	strategy, err := find(known, greeting.Strategy)
	if err != nil {
		return nil, err
	}
	runtime.GOMAXPROCS(greeting.GOMAXPROCS)
	invitation := Invitation{Words: greeting.Words}
	for i := range greeting.Files {
		invitation.Files = append(invitation.Files, os.NewFile(uintptr(3+i), "inherited"))
	}
	producers, err := strategy.Join(greeting.Setup, invitation)
	if err != nil {
		return nil, err
	}
	return newHands(producers, greeting.Setup, greeting.First, greeting.Count)
}
