//go:build unix

package strategies_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// serveHTTP has all requests log through one Sender, until the process is told to stop:
// then whoever was not refused is in the log.
func serveHTTP(l net.Listener, log func(line string)) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	f := strategies.NewLanesRing[string](strategies.Options{})
	c, sender := f.Consumer(), strategies.NewSender(f)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := sender.Send(r.URL.Path); err != nil {
			http.Error(w, "stopping", http.StatusServiceUnavailable)
		}
	})}
	go func() { _ = server.Serve(l) }()
	defer context.AfterFunc(ctx, c.(strategies.Stopper).Stop)()

	for line := range strategies.NewReader(c).All(context.Background()) {
		log(line)
	}
	_ = server.Shutdown(context.Background()) // waits for the requests that were refused
}

// SIGTERM loses nothing: every request that was answered with success is in the log.
func ExampleStopper() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	var answered atomic.Int64
	var clients sync.WaitGroup
	for i := range 8 {
		clients.Go(func() {
			for request := 0; ; request++ {
				response, err := http.Get(fmt.Sprintf("http://%s/%d/%d", l.Addr(), i, request))
				if err != nil {
					return // the server has shut down
				}
				_ = response.Body.Close()
				if response.StatusCode == http.StatusOK {
					answered.Add(1)
				}
			}
		})
	}
	logged := int64(0)
	serveHTTP(l, func(string) {
		if logged++; logged == 100 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
		}
	})
	clients.Wait()
	fmt.Println(logged == answered.Load(), logged >= 100)
	// Output: true true
}
