package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// browser is a headless Chromium, spoken to in its DevTools protocol over a pair of
// pipes: JSON, each message ended by a zero byte.
type browser struct {
	t       *testing.T
	out     io.Writer
	session string

	mu      sync.Mutex
	last    int
	answers map[int]chan answered
	events  []event
}

type answered struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

type event struct {
	Method string
	Params json.RawMessage
}

// startBrowser starts Chromium with more in its environment, or skips the test where
// there is none.
func startBrowser(t *testing.T, environment ...string) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("there is no chromium to open the page in (Debian: apt-get install chromium)")
	}
	toBrowser, in := pipe(t)
	out, fromBrowser := pipe(t)
	command := exec.Command(path, "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-dev-shm-usage", "--disable-background-networking", "--hide-scrollbars", "--user-data-dir="+t.TempDir())
	command.Env = append(os.Environ(), environment...)
	command.ExtraFiles = []*os.File{toBrowser, fromBrowser} // its 3 and 4
	var complaints bytes.Buffer
	command.Stderr = &complaints
	if err := command.Start(); err != nil {
		t.Skipf("chromium does not start: %v", err)
	}
	// The browser's ends are its own now; there is nothing to do about a pipe that
	// does not close.
	_, _ = toBrowser.Close(), fromBrowser.Close()
	b := &browser{t: t, out: in, answers: map[int]chan answered{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.read(out)
	}()
	t.Cleanup(func() {
		b.send("Browser.close", nil)
		_ = in.Close()
		gone := time.AfterFunc(10*time.Second, func() { _ = command.Process.Kill() })
		<-done
		_ = command.Wait() // it is asked to end; how it does is its affair
		gone.Stop()
		if t.Failed() && testing.Verbose() {
			t.Log(complaints.String())
		}
	})
	return b
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

// read hands answers to those who wait for them and keeps events.
func (b *browser) read(in io.Reader) {
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, waiting := range b.answers {
			close(waiting)
		}
		b.answers = nil
	}()
	var rest []byte
	chunk := make([]byte, 1<<16)
	for {
		n, err := in.Read(chunk)
		rest = append(rest, chunk[:n]...)
		for {
			end := bytes.IndexByte(rest, 0)
			if end < 0 {
				break
			}
			b.take(rest[:end])
			rest = rest[end+1:]
		}
		if err != nil {
			return
		}
	}
}

func (b *browser) take(message []byte) {
	var m struct {
		ID int
		answered
		event
	}
	if err := json.Unmarshal(message, &m); err != nil {
		return // not of the protocol
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if waiting := b.answers[m.ID]; m.ID != 0 && waiting != nil {
		waiting <- m.answered
		delete(b.answers, m.ID)
		return
	}
	b.events = append(b.events, m.event)
}

// send sends a command without waiting for its answer.
func (b *browser) send(method string, params map[string]any) chan answered {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	message := map[string]any{"id": b.last, "method": method}
	if params != nil {
		message["params"] = params
	}
	if b.session != "" && !strings.HasPrefix(method, "Browser.") {
		message["sessionId"] = b.session
	}
	waiting := make(chan answered, 1)
	if b.answers == nil {
		close(waiting)
		return waiting
	}
	b.answers[b.last] = waiting
	data, err := json.Marshal(message)
	if err != nil {
		b.t.Error(err)
	}
	_, _ = b.out.Write(append(data, 0)) // one that is gone does not answer either
	return waiting
}

// call sends a command and decodes its answer into result, unless that is nil.
func (b *browser) call(method string, params map[string]any, result any) {
	b.t.Helper()
	select {
	case a, ok := <-b.send(method, params):
		if !ok {
			b.t.Fatalf("%s: chromium has ended", method)
		}
		if a.Error != nil {
			b.t.Fatalf("%s: %s", method, a.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(a.Result, result); err != nil {
				b.t.Fatal(err)
			}
		}
	case <-time.After(60 * time.Second):
		b.t.Fatalf("%s: no answer within a minute", method)
	}
}

// open opens a page of 1100 pixels, watching for errors and requests.
func (b *browser) open(address string) {
	b.t.Helper()
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Runtime", "Log", "Network", "Page"} {
		b.call(domain+".enable", nil, nil)
	}
	b.size(1100, 900)
	b.call("Page.navigate", map[string]any{"url": address}, nil)
	b.wait(`document.readyState === "complete" && location.href !== "about:blank"`)
}

func (b *browser) size(width, height int) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{
		"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
	}, nil)
}

// wait waits until an expression is true.
func (b *browser) wait(expression string) {
	b.t.Helper()
	for range 600 {
		var ok bool
		if b.eval(expression, &ok); ok {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Fatalf("%s did not become true", expression)
}

// eval evaluates an expression in the page, as its tools do, which its policy lets.
func (b *browser) eval(expression string, result any) {
	b.t.Helper()
	var got struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &got)
	if e := got.ExceptionDetails; e != nil {
		b.t.Fatalf("%s: %s %s", expression, e.Text, e.Exception.Description)
	}
	if result == nil {
		return
	}
	if err := json.Unmarshal(got.Result.Value, result); err != nil {
		b.t.Fatalf("%s gave %q: %v", expression, got.Result.Value, err)
	}
}

// key presses a key and lets go of it.
func (b *browser) key(name string) {
	b.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		params := map[string]any{"type": kind, "key": name, "code": name}
		if name == "Enter" {
			params["windowsVirtualKeyCode"], params["text"] = 13, "\r"
		}
		b.call("Input.dispatchKeyEvent", params, nil)
	}
}

// complaints lists what went wrong in the page so far, and every request that it
// made but for itself and for the font in it.
func (b *browser) complaints(address string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, e := range b.events {
		switch e.Method {
		case "Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled":
			all = append(all, fmt.Sprintf("%s: %s", e.Method, e.Params))
		case "Network.requestWillBeSent":
			var sent struct{ Request struct{ URL string } }
			err := json.Unmarshal(e.Params, &sent)
			if err != nil || sent.Request.URL != address && !strings.HasPrefix(sent.Request.URL, "data:font/woff2;") {
				all = append(all, "requested "+sent.Request.URL)
			}
		}
	}
	return all
}
