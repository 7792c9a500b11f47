package machine

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// Every setting of a build that changes what is executed is told, and no other.
func TestBuildOf(t *testing.T) {
	info := &debug.BuildInfo{Settings: []debug.BuildSetting{
		{Key: "-buildmode", Value: "pie"},
		{Key: "-race", Value: "true"},
		{Key: "-asan", Value: "false"},
		{Key: "-cover", Value: "true"},
		{Key: "-gcflags", Value: "all=-N -l"},
		{Key: "-asmflags", Value: "-S"},
		{Key: "-ldflags", Value: "-X main.version=v1"},
		{Key: "-pgo", Value: "/home/me/default.pgo"},
		{Key: "-tags", Value: "netgo"},
		{Key: "CGO_ENABLED", Value: "1"},
		{Key: "GOARM64", Value: "v8.0"},
		{Key: "DefaultGODEBUG", Value: "madvdontneed=1"},
		{Key: "GOEXPERIMENT", Value: "greenteagc"},
		{Key: "vcs.revision", Value: "c0ffee"},
		{Key: "vcs.modified", Value: "true"},
	}}
	want := results.Build{
		Level: "GOARM64=v8.0", Instrumented: "cover+race", Flags: "-asmflags=-S -buildmode=pie -gcflags=all=-N -l",
		PGO: "default.pgo", Tags: "netgo", CGO: true, Debug: "madvdontneed=1",
	}
	build := buildOf(info)
	if *build != want {
		t.Errorf("%+v\nwant %+v", *build, want)
	}
	if e := builtBy(info, build); e.Commit != "c0ffee+changes" || e.GOEXPERIMENT != "greenteagc" {
		t.Errorf("%+v", e)
	}
	plain := &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "-buildmode", Value: "exe"}, {Key: "GOAMD64", Value: "v1"}}}
	if build := buildOf(plain); *build != (results.Build{Level: "GOAMD64=v1"}) {
		t.Errorf("a plain build: %+v", build)
	}
}

// A build has an identity, the same for a copy and another for other content, with
// Go's linker's mark or without.
func TestBuildID(t *testing.T) {
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	id := OwnBuild().ID
	if id == "" || strings.Contains(id, "/") || id != buildID(own) || id != ReadBuild(own).Build.ID {
		t.Errorf("%q of this program, %q of its file", id, buildID(own))
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	// As files of other systems begin.
	marked := "MZ...\xff Go build ID: \"action/main/content/file\"\n \xff..."
	for name, test := range map[string]struct{ text, id string }{
		"marked":     {marked, "file"},
		"unfinished": {"\xff Go build ID: \"action", "7d69c0f0cab6fcb5e9bd"},
		"empty":      {"", "e3b0c44298fc1c149afb"},
	} {
		if id := buildID(write(name, test.text)); len(id) != len(test.id) || name != "unfinished" && id != test.id {
			t.Errorf("%s: %q, want %q", name, id, test.id)
		}
	}
	if buildID(write("a", "#!/bin/sh\n1")) == buildID(write("b", "#!/bin/sh\n2")) || buildID(dir) != "" || buildID(dir+"/nothing") != "" {
		t.Error("other files have the same identity, or what cannot be read has one")
	}
	if e := ReadBuild(write("script", "#!/bin/sh\n")); e.Build != nil || e.Go != "" {
		t.Errorf("%+v of a script", e)
	}
}
