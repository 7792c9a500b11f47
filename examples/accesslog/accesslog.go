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
	flushed  atomic.Int64 // lines that the file has
}

func newAccessLog(f strategies.FanIn[line]) *accessLog {
	return &accessLog{consumer: f.Consumer(), sender: strategies.NewSender(f)}
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
// accepted is written. After an error nothing is accepted any more.
func (l *accessLog) write(file io.Writer) error {
	defer l.consumer.Close()
	out := bufio.NewWriter(file)
	lines := strategies.NewReader(l.consumer)
	written := int64(0)
	for line := range lines.All(context.Background()) {
		fmt.Fprintf(out, "%s %s %s\n", line.at.UTC().Format(time.RFC3339Nano), line.method, line.uri)
		written++
		if lines.Buffered() > 0 {
			continue
		}
		if err := out.Flush(); err != nil { // or the error of a write before
			return err
		}
		l.flushed.Store(written)
	}
	return nil // all is flushed: the last line had none behind it
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
