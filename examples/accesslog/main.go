package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main: it returns the exit code, 1 if something failed and 2 if the flags are
// wrong.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("accesslog", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "127.0.0.1:8080", "`address` to listen on; port 0 is any")
	name := flags.String("log", "access.log", "`file` to append the lines to")
	strategy := flags.String("strategy", "lanes-ring", "`name` of the strategy that carries the lines")
	every := flags.Duration("flush", 100*time.Millisecond, "`duration` that a line may wait before it is in the file")
	capacity := flags.Int("capacity", 0, "`items` that a bounded strategy holds (0: its default)")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	fanIn, err := construct(*strategy, *capacity)
	if err != nil {
		fmt.Fprintln(stderr, "accesslog:", err)
		return 2
	}
	if *every <= 0 {
		fmt.Fprintf(stderr, "accesslog: --flush: %v is not above 0\n", *every)
		return 2
	}
	log := newAccessLog(fanIn, *every)
	if _, ok := log.consumer.(strategies.Stopper); !ok {
		fmt.Fprintf(stderr, "accesslog: %s has no Stop: at a signal the server shuts down first\n", *strategy)
	}
	if _, ok := log.consumer.(strategies.Readier); !ok {
		fmt.Fprintf(stderr, "accesslog: %s has no Ready: lines are flushed when no more wait, not at ticks\n", *strategy)
	}
	if err := serve(log, *listen, *name, stdout); err != nil {
		fmt.Fprintln(stderr, "accesslog:", err)
		return 1
	}
	return 0
}

// serve answers requests and logs them to a file until the process is told to stop.
func serve(log *accessLog, address, name string, stdout io.Writer) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if e := file.Close(); err == nil {
			err = e
		}
	}()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handlers(log), ReadHeaderTimeout: grace}
	go func() { _ = server.Serve(listener) }() // until shutDown
	defer context.AfterFunc(ctx, func() { log.end(server) })()
	fmt.Fprintf(stdout, "listening on %s\n", listener.Addr())

	err = log.write(ctx, file)
	shutDown(server) // the requests that were refused are answered
	return err
}

// handlers are the service itself.
func handlers(log *accessLog) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", log.around(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, time.Now().Format(time.TimeOnly)) // the client may have gone
	})))
	mux.HandleFunc("/flushed", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, log.flushed.Load())
	})
	return mux
}
