// Command reference keeps a run as the reference of the machine that it was made on: in
// docs/reference, under the name of the processor. It replaces the one that is there.
//
//	go run ./.ci/reference out/latest
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./.ci/reference DIR")
		os.Exit(2)
	}
	to, err := keep(os.Args[1])
	if err != nil {
		fmt.Fprintf(os.Stderr, "keeping the run %q as a reference: %v\n", os.Args[1], err)
		os.Exit(1)
	}
	fmt.Println(to)
}

// keep copies what a run consists of; all else is made of it.
func keep(dir string) (to string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		return "", err
	}
	var manifest struct {
		Finished    *string
		Environment struct{ CPU string }
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return "", err
	}
	name := slug(manifest.Environment.CPU)
	if manifest.Finished == nil || name == "" {
		return "", fmt.Errorf("it is not finished, or does not say on which processor it was made (%q)", manifest.Environment.CPU)
	}
	trials, err := os.ReadFile(filepath.Join(dir, "trials.ndjson"))
	if err != nil {
		return "", err
	}
	to = filepath.Join("docs", "reference", name)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(to, "trials.ndjson"), trials, 0o644); err != nil {
		return "", err
	}
	return to, os.WriteFile(filepath.Join(to, "manifest.json"), text, 0o644)
}

// slug names a processor as a folder: "intel-xeon" of "Intel(R) Xeon(R) Processor @ 2.1GHz".
func slug(cpu string) string {
	cpu, _, _ = strings.Cut(strings.ToLower(cpu), "@")
	cpu = regexp.MustCompile(`\((r|tm)\)|\b(processor|cpu|\d+-core)\b`).ReplaceAllString(cpu, " ")
	return strings.Join(regexp.MustCompile(`[a-z0-9]+`).FindAllString(cpu, -1), "-")
}
