package report

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// attachment is a file inside the page.
type attachment struct {
	Name string // as it is saved
	Size string
	URL  template.URL // empty if it was left out for its size
}

const (
	// plainBytes is up to which size a file is embedded as it is.
	plainBytes = 64 << 10
	// attachedBytes is how much of the page one file may take: with two of them and
	// the figures it stays under 3 MB.
	attachedBytes = 3 << 19
)

// attachments embeds the data that the page was made of.
func attachments(run *results.Run, summary *results.Summary) ([]attachment, error) {
	indented := func(v any) func(io.Writer) error {
		return func(out io.Writer) error {
			text, err := json.MarshalIndent(v, "", "  ")
			if err == nil {
				_, err = out.Write(text)
			}
			return err
		}
	}
	var all []attachment
	for _, file := range []struct {
		name, kind string
		write      func(io.Writer) error
	}{
		{results.SummaryFile, "application/json", indented(summary)},
		{results.ManifestFile, "application/json", indented(&run.Manifest)},
		{results.TrialsFile, "application/x-ndjson", func(out io.Writer) error { return results.Export(out, run, "ndjson", results.Choice{}) }},
	} {
		a, err := attach(file.name, file.kind, file.write)
		if err != nil {
			return nil, fmt.Errorf("embedding %s: %w", file.name, err)
		}
		all = append(all, a)
	}
	return all, nil
}

// attach embeds a file, compressed if it is large. Of one that turns out too large no
// more is made: a run may have many times the page of trials.
func attach(name, kind string, write func(io.Writer) error) (attachment, error) {
	plain := &limited{limit: plainBytes}
	err := write(plain)
	data := plain.kept
	if errors.Is(err, errOver) {
		packed := &limited{limit: base64.StdEncoding.DecodedLen(attachedBytes)}
		name, kind = name+".gz", "application/gzip"
		if err = compress(packed, write); errors.Is(err, errOver) {
			return attachment{Name: name, Size: "over " + units.Bytes(float64(packed.limit))}, nil
		}
		data = packed.kept
	}
	if err != nil {
		return attachment{}, err
	}
	return attachment{
		Name: name, Size: units.Bytes(float64(len(data))),
		// Letters, digits, +, / and = only.
		URL: template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data)),
	}, nil
}

func compress(out io.Writer, write func(io.Writer) error) error {
	w, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := write(w); err != nil {
		return err
	}
	return w.Close()
}

// limited is a buffer that refuses more than its limit.
type limited struct {
	kept  []byte
	limit int
}

var errOver = errors.New("it is too large")

func (b *limited) Write(p []byte) (int, error) {
	if len(b.kept)+len(p) > b.limit {
		return 0, errOver
	}
	b.kept = append(b.kept, p...)
	return len(p), nil
}
