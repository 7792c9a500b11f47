package advice

import (
	"fmt"
	"go/token"
	"reflect"
	"runtime"
	"strings"

	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// constructor returns the import path and the name of the generic function that
// makes a strategy's fan-ins, or nothing if it has none that others can call. A
// strategy names it as a value, and the runtime knows what that is called; one
// that is wrapped, because it returns a type of its own, is called after that type.
func constructor(s strategies.Strategy) (path, name string) {
	if s.Word == nil {
		return "", ""
	}
	full, generic := strings.CutSuffix(runtime.FuncForPC(reflect.ValueOf(s.Word).Pointer()).Name(), "[...]")
	slash := strings.LastIndexByte(full, '/') + 1
	dot := slash + strings.IndexByte(full[slash:], '.')
	if path, name = full[:dot], full[dot+1:]; generic && token.IsIdentifier(name) && token.IsExported(name) {
		return path, name
	}
	made := reflect.TypeOf(s.Word(strategies.Options{Policy: s.DefaultPolicy()}))
	if made.Kind() == reflect.Pointer {
		made = made.Elem()
	}
	name, _, generic = strings.Cut(made.Name(), "[")
	if !generic || !token.IsExported(name) || s.Floor {
		return "", ""
	}
	return made.PkgPath(), "New" + name
}

// contractPath is the import path of the package strategies.
var contractPath = reflect.TypeFor[strategies.Options]().PkgPath()

// snippet returns Go code that uses a strategy as in the cell: the imports, and
// statements in which Event, source and handle are the reader's. It is empty if
// the strategy has no constructor to call.
func snippet(s strategies.Strategy, c results.Cell) (imports []string, code string) {
	path, name := constructor(s)
	options, err := trial.Options(c, s.Descriptor)
	if name == "" || err != nil {
		return nil, ""
	}
	imports = []string{contractPath}
	if !c.KeepsHandles() {
		imports = append(imports, "sync")
	}
	if path != contractPath {
		imports = append(imports, path)
	}
	call := path[strings.LastIndexByte(path, '/')+1:] + "." + name
	return imports, fmt.Sprintf("f := %s[Event](strategies.Options{%s})\n", call, optionsText(options, s.Descriptor)) +
		producersText(options, s.Descriptor, c) + fmt.Sprintf(`consumer, buf := f.Consumer(), make([]Event, %d)
defer consumer.Close() // from then on sends return ErrClosed
for {
	n, err := consumer.Recv(buf) // waits for at least one
	if err != nil {
		break // io.EOF: all have closed, and everything is received
	}
	handle(buf[:n])
}
`, c.RecvBatch)
}

// producersText is the code of the producers.
func producersText(o strategies.Options, d strategies.Descriptor, c results.Cell) string {
	switch {
	case c.Sharing == results.SharingShared:
		return `p := strategies.NewSender(f) // any goroutine sends through it
go func() {
	defer p.Close() // when nobody sends any more
	var senders sync.WaitGroup
	for event := range source(0) {
		senders.Go(func() {
` + sendText(o, d) + `
		})
	}
	senders.Wait()
}()
`
	case !c.KeepsHandles():
		return `open := f.Producer() // as long as others may come
go func() {
	defer open.Close() // when nobody sends any more
	var senders sync.WaitGroup
	for event := range source(0) {
		senders.Go(func() {
			p := f.Producer()
			defer p.Close()
` + sendText(o, d) + `
		})
	}
	senders.Wait()
}()
`
	default:
		return fmt.Sprintf(`producers := make([]strategies.Producer[Event], %d)
for i := range producers {
	producers[i] = f.Producer() // all before the first can close
}
for i, p := range producers {
	go func() {
		defer p.Close()
		for event := range source(i) {
%s
		}
	}()
}
`, c.Producers, sendText(o, d))
	}
}

// optionsText writes the options that are not the default.
func optionsText(o strategies.Options, d strategies.Descriptor) string {
	var fields []string
	if d.Bound.HasCapacity() {
		fields = append(fields, fmt.Sprintf("Capacity: %d", o.Capacity))
	}
	if o.Policy != strategies.Block && d.Bound != strategies.Unbounded {
		fields = append(fields, "Policy: strategies."+goName(o.Policy))
	}
	if o.Lanes > 0 {
		fields = append(fields, fmt.Sprintf("Lanes: %d", o.Lanes))
	}
	return strings.Join(fields, ", ")
}

// goName is the name of a policy's constant: drop-newest is DropNewest.
func goName(p strategies.Policy) string {
	var name strings.Builder
	for part := range strings.SplitSeq(p.String(), "-") {
		name.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return name.String()
}

// sendText is the send, with what becomes of an item that finds no room.
func sendText(o strategies.Options, d strategies.Descriptor) string {
	const indent = "\t\t\t"
	send := func(comment string) string {
		return indent + "if err := p.Send(event); err != nil { // " + comment + "\n" +
			indent + "\treturn // ErrClosed: the consumer has closed, and event is not delivered\n" + indent + "}"
	}
	switch {
	case d.Bound == strategies.Unbounded:
		return send("never waits")
	case o.Policy == strategies.Fail:
		return indent + "switch p.Send(event) {\n" +
			indent + "case strategies.ErrFull: // no room: event was not taken\n" +
			indent + "case strategies.ErrClosed: // the consumer has closed\n" + indent + "\treturn\n" + indent + "}"
	case o.Policy == strategies.Block:
		return send("waits for room")
	default:
		return send("may drop an item: see p.Dropped")
	}
}
