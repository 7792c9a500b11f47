//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// endsWithin is how long anything here may take on a machine that is busy.
const endsWithin = 30 * time.Second

// build builds the program.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "accesslog")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "accesslog")
	said, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, said)
	}
	return program, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if program, err := build(); err == nil {
		_ = os.RemoveAll(filepath.Dir(program))
	}
	os.Exit(code)
}

// service is the program while it runs.
type service struct {
	command *exec.Cmd
	url     string
	log     string // its file
}

// start starts the program and waits until it listens. Its fan-in is so small that
// handlers wait for room.
func start(t *testing.T, strategy string) *service {
	t.Helper()
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	s := &service{log: filepath.Join(t.TempDir(), "access.log")}
	s.command = exec.Command(program, "--listen", "127.0.0.1:0", "--log", s.log, "--strategy", strategy, "--capacity", "4", "--flush", "2ms")
	s.command.Stderr = os.Stderr
	stdout, err := s.command.StdoutPipe()
	if err == nil {
		err = s.command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.command.Process.Kill() })
	said, err := bufio.NewReader(stdout).ReadString('\n')
	address, ok := strings.CutPrefix(said, "listening on ")
	if !ok {
		t.Fatalf("it said %q: %v", said, err)
	}
	s.url = "http://" + strings.TrimSpace(address)
	return s
}

// end sends a signal and returns how the program ended.
func (s *service) end(t *testing.T, sig os.Signal) error {
	t.Helper()
	if err := s.command.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(endsWithin, func() { _ = s.command.Process.Kill() })
	err := s.command.Wait()
	if !late.Stop() {
		t.Fatalf("it had not ended %v after %v", endsWithin, sig)
	}
	return err
}

// get returns the answer to a request if that was a success.
func (s *service) get(c *http.Client, path string) (string, error) {
	response, err := c.Get(s.url + path)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(response.Status)
	}
	return strings.TrimSpace(string(body)), err
}

// newClient returns a client with one connection: one dialled in reserve would have
// the server wait for its first request.
func newClient(t *testing.T) *http.Client {
	transport := &http.Transport{MaxConnsPerHost: 1}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: endsWithin}
}

// load is what some clients asked for, one request after another each.
type load struct {
	clients sync.WaitGroup
	asked   [4]int       // by client: its requests are numbered from 0
	success [4][]int     // by client: the requests that were answered with success
	count   atomic.Int64 // of all these
}

// put puts a service under load until it does not answer any more.
func put(t *testing.T, s *service) *load {
	l := new(load)
	for id := range l.asked {
		client := newClient(t)
		l.clients.Go(func() {
			for {
				request := l.asked[id]
				l.asked[id]++
				if _, err := s.get(client, fmt.Sprintf("/%d/%d", id, request)); err != nil {
					return // refused, or gone
				}
				l.success[id] = append(l.success[id], request)
				l.count.Add(1)
			}
		})
	}
	return l
}

// logged returns the requests in the file, by client, and how many they are. It checks
// that each was asked for and is there once. The last line may be cut off.
func (l *load) logged(t *testing.T, s *service) (found [4]map[int]bool, count int64) {
	t.Helper()
	file, err := os.ReadFile(s.log)
	if err != nil {
		t.Fatal(err)
	}
	for id := range found {
		found[id] = map[int]bool{}
	}
	for line := range strings.Lines(string(file)) {
		if !strings.HasSuffix(line, "\n") {
			break
		}
		var at, method string
		var id, request int
		_, err := fmt.Sscanf(line, "%s %s /%d/%d\n", &at, &method, &id, &request)
		if err != nil || id >= len(found) || request >= l.asked[id] || found[id][request] {
			t.Fatalf("the log has %q, which was not asked for, or is there twice: %v", line, err)
		}
		found[id][request] = true
		count++
	}
	return found, count
}

// names returns the strategies to test.
func names() []string {
	if testing.Short() {
		return []string{"chan-merge", "lanes-ring"}
	}
	return slices.Sorted(maps.Keys(constructors))
}

// SIGTERM loses nothing: each request that was answered with success is in the log, and
// each that is in the log and was not is the one that its client was waiting for.
func TestTerminated(t *testing.T) {
	for _, name := range names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, name)
			l := put(t, s)
			waitFor(t, rand.Int64N(200)+1, l.count.Load)
			if err := s.end(t, syscall.SIGTERM); err != nil {
				t.Errorf("it ended with %v", err)
			}
			l.clients.Wait()
			found, logged := l.logged(t, s)
			for id, success := range l.success {
				for _, request := range success {
					if !found[id][request] {
						t.Errorf("request %d of client %d was answered with success and is not logged", request, id)
					}
				}
			}
			if more := logged - l.count.Load(); more > int64(len(found)) {
				t.Errorf("%d lines of requests without an answer, from %d clients", more, len(found))
			}
		})
	}
}

// SIGKILL loses at most what was not flushed: as many lines are in the log as the
// service last said that the file has, or more.
func TestKilled(t *testing.T) {
	for _, name := range names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, name)
			l := put(t, s)
			client := newClient(t)
			flushed := func() int64 {
				said, err := s.get(client, "/flushed")
				n, e := strconv.ParseInt(said, 10, 64)
				if err = errors.Join(err, e); err != nil {
					t.Fatal(err)
				}
				return n
			}
			least := waitFor(t, rand.Int64N(200)+1, flushed)
			_ = s.end(t, syscall.SIGKILL) // the error says that it was killed
			l.clients.Wait()
			if _, logged := l.logged(t, s); logged < least {
				t.Errorf("%d lines are left of the %d that were flushed; %d requests were answered", logged, least, l.count.Load())
			}
		})
	}
}

// waitFor waits until a count is reached and returns what it is then.
func waitFor(t *testing.T, want int64, count func() int64) int64 {
	t.Helper()
	for deadline := time.Now().Add(endsWithin); ; time.Sleep(time.Millisecond) {
		n := count()
		if n >= want {
			return n
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d in %v", n, want, endsWithin)
		}
	}
}

// The service can be built on every strategy of the library.
func TestConstructors(t *testing.T) {
	var want []string
	for _, s := range strategies.All() {
		if !s.Floor {
			want = append(want, s.Name)
		}
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(constructors)); !slices.Equal(got, want) {
		t.Errorf("there are constructors of %v, and strategies %v", got, want)
	}
}

// Wrong flags end the program with one line that names the flag and the choices, and a
// log that cannot be written with the reason.
func TestWrongFlags(t *testing.T) {
	for _, test := range []struct {
		args string
		code int
		says string
	}{
		{"--strategy lane", 2, `--strategy: unknown strategy "lane" (one of chan, `},
		{"--capacity -1", 2, "--capacity: -1 is not in 0.."},
		{"--flush 0s", 2, "--flush: 0s is not above 0"},
		{"--flush -1s", 2, "--flush: -1s is not above 0"},
		{"--capacity many", 2, "-capacity"},
		{"--log /nowhere/access.log", 1, "/nowhere/access.log"},
		{"--listen nowhere", 1, "nowhere"},
	} {
		var stderr strings.Builder
		args := append([]string{"--log", filepath.Join(t.TempDir(), "log"), "--listen", "127.0.0.1:0"}, strings.Fields(test.args)...)
		if code := run(args, io.Discard, &stderr); code != test.code || !strings.Contains(stderr.String(), test.says) {
			t.Errorf("%s: exit %d, %q; want %d, %q", test.args, code, stderr.String(), test.code, test.says)
		}
	}
}

// While the disk is slow, lines wait in the fan-in and handlers for room. The end finds
// them so, and loses nothing that was accepted.
func TestEndWhileBehind(t *testing.T) {
	const clients = 12 // more than fit
	const moment = 5 * time.Millisecond
	for name, constructor := range constructors {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := newAccessLog(constructor(strategies.Options{Capacity: 4}), time.Millisecond)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			file := &slow{begun: make(chan struct{}), released: make(chan struct{})}
			written := make(chan error, 1)
			go func() { written <- log.write(ctx, file) }()

			var accepted atomic.Int64
			var all sync.WaitGroup
			server := httptest.NewServer(log.around(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { accepted.Add(1) })))
			defer server.Close()
			for range clients {
				client := newClient(t)
				all.Go(func() {
					if response, err := client.Get(server.URL); err == nil {
						_ = response.Body.Close()
					}
				})
			}
			<-file.begun
			time.Sleep(moment) // what fits goes in, and the rest waits
			time.AfterFunc(moment, func() { close(file.released) })
			stop()
			log.end(server.Config)
			if err := <-written; err != nil {
				t.Error(err)
			}
			all.Wait()
			if lines := int64(bytes.Count(file.text.Bytes(), []byte("\n"))); lines != accepted.Load() || log.flushed.Load() != lines {
				t.Errorf("%d lines of %d that were accepted, %d said to be flushed", lines, accepted.Load(), log.flushed.Load())
			}
		})
	}
}

// slow is a file whose first write takes until it is released.
type slow struct {
	begun, released chan struct{}
	once            sync.Once
	text            bytes.Buffer
}

func (s *slow) Write(p []byte) (int, error) {
	s.once.Do(func() {
		close(s.begun)
		<-s.released
	})
	return s.text.Write(p)
}

// A file that cannot be written to any more ends the log, and requests are refused.
func TestFullDisk(t *testing.T) {
	log := newAccessLog(constructors["lanes-ring"](strategies.Options{}), time.Millisecond)
	if err := log.sender.Send(line{uri: "/"}); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left")
	if err := log.write(t.Context(), failing{full}); !errors.Is(err, full) || log.flushed.Load() != 0 {
		t.Errorf("write returned %v with %d lines flushed; want %v with none", err, log.flushed.Load(), full)
	}
	if err := log.sender.Send(line{uri: "/"}); !errors.Is(err, strategies.ErrClosed) {
		t.Errorf("a send returned %v; want ErrClosed", err)
	}
}

type failing struct{ error }

func (f failing) Write([]byte) (int, error) { return 0, f.error }
