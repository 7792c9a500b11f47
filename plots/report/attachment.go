package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"

	"github.com/fanin-bench/fanin-bench/results"
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
	quoted, err := json.MarshalIndent(summary, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("embedding the summary: %w", err)
	}
	var raw bytes.Buffer
	if err := results.Export(&raw, run, "ndjson", results.Choice{}); err != nil {
		return nil, fmt.Errorf("embedding the trials: %w", err)
	}
	manifest, err := json.MarshalIndent(&run.Manifest, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("embedding the manifest: %w", err)
	}
	var all []attachment
	for _, file := range []struct {
		name, kind string
		data       []byte
	}{
		{results.SummaryFile, "application/json", quoted},
		{results.ManifestFile, "application/json", manifest},
		{results.TrialsFile, "application/x-ndjson", raw.Bytes()},
	} {
		a, err := attach(file.name, file.kind, file.data)
		if err != nil {
			return nil, fmt.Errorf("embedding %s: %w", file.name, err)
		}
		all = append(all, a)
	}
	return all, nil
}

// attach embeds a file, compressed if it is large.
func attach(name, kind string, data []byte) (attachment, error) {
	if len(data) > plainBytes {
		var packed bytes.Buffer
		w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			return attachment{}, err
		}
		if _, err := w.Write(data); err != nil {
			return attachment{}, err
		}
		if err := w.Close(); err != nil {
			return attachment{}, err
		}
		name, kind, data = name+".gz", "application/gzip", packed.Bytes()
	}
	a := attachment{Name: name, Size: results.Bytes(float64(len(data)))}
	if base64.StdEncoding.EncodedLen(len(data)) <= attachedBytes {
		// Letters, digits, +, / and = only.
		a.URL = template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data))
	}
	return a, nil
}
