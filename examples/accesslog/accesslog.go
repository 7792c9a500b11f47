package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// line is what a request leaves in the log.
type line struct {
	at     time.Time
	method string
	uri    string
}

// accessLog takes lines from any goroutine and writes them in one.
type accessLog struct {
	consumer strategies.Consumer[line]
	sender   strategies.Sender[line]
	every    time.Duration // how long a line waits in the buffer before the file
	written  int64         // lines that the buffer has, or had
	flushed  atomic.Int64  // lines that the file has
}

func newAccessLog(f strategies.FanIn[line], every time.Duration) *accessLog {
	return &accessLog{consumer: f.Consumer(), sender: strategies.NewSender(f), every: every}
}

// around returns a handler that logs each request before it is handled. One that the
// log does not accept any more is refused: nobody is to believe that it was logged.
func (l *accessLog) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := l.sender.Send(line{time.Now(), r.Method, r.RequestURI}); err != nil {
			http.Error(w, "stopping", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// write writes all lines to a file until the log has ended and everything that was
// accepted is written. After an error nothing is accepted any more. ctx is done when the
// log is about to end.
func (l *accessLog) write(ctx context.Context, file io.Writer) error {
	defer l.consumer.Close()
	out := bufio.NewWriter(file)
	if c, ok := l.consumer.(strategies.Readier); ok {
		if err := l.writeAtTicks(ctx, c, out); err != nil {
			return err
		}
	}
	return l.writeRest(out)
}

// writeAtTicks writes lines as they come, and flushes them at ticks, until ctx is done.
func (l *accessLog) writeAtTicks(ctx context.Context, c strategies.Readier, out *bufio.Writer) error {
	tick := time.NewTicker(l.every)
	defer tick.Stop()
	lines := make([]line, 256)
	for {
		select {
		case <-c.Ready(): // again at once, if there is more: a tick is not to wait for the last
			n, err := l.consumer.TryRecv(lines)
			if err != nil {
				return nil // which writeRest finds again
			}
			for _, line := range lines[:n] {
				l.put(out, line)
			}
			clear(lines[:n]) // the garbage collector's from here on
		case <-tick.C:
			if err := l.flush(out); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// writeRest writes lines until the end. It flushes when it has written all that is there.
func (l *accessLog) writeRest(out *bufio.Writer) error {
	lines := strategies.NewReader(l.consumer)
	for line := range lines.All(context.Background()) {
		l.put(out, line)
		if lines.Buffered() > 0 {
			continue
		}
		if err := l.flush(out); err != nil {
			return err
		}
	}
	return l.flush(out)
}

// put writes a line into the buffer, which keeps its first error for flush.
func (l *accessLog) put(out *bufio.Writer, line line) {
	fmt.Fprintf(out, "%s %s %s\n", line.at.UTC().Format(time.RFC3339Nano), line.method, line.uri)
	l.written++
}

// flush hands the buffer to the file.
func (l *accessLog) flush(out *bufio.Writer) error {
	if err := out.Flush(); err != nil {
		return err
	}
	l.flushed.Store(l.written)
	return nil
}

// end ends the log: write returns when it has written what was accepted.
func (l *accessLog) end(server *http.Server) {
	if c, ok := l.consumer.(strategies.Stopper); ok {
		c.Stop() // handlers are refused from now on, also those that wait for room
		return
	}
	shutDown(server) // while write goes on: handlers that wait for room get it
	l.sender.Close()
}

// grace is how long a server has for the requests that it is handling.
const grace = 5 * time.Second

// shutDown returns when the server has answered the requests that it had, or has given
// up those that take too long. To call it again is harmless.
func shutDown(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close() // of connections that nobody waits for any more
	}
}
