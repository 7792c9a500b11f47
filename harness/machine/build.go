package machine

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/fanin-bench/fanin-bench/results"
)

// OwnFile is the path by which this very program can be executed and read. On Linux it
// stays that of the running program, whatever becomes of the file.
func OwnFile() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

// OwnBuild returns how this very program was built; nil if that is not known.
func OwnBuild() *results.Build { return ownBuild() }

// ownBuild reads it once: elsewhere than on Linux the file may be another by and by.
var ownBuild = sync.OnceValue(func() *results.Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	build := buildOf(info)
	if file, err := OwnFile(); err == nil {
		build.ID = buildID(file)
	}
	return build
})

// OwnID returns the identity of this program's build; empty if it is not known.
func OwnID() string {
	if build := OwnBuild(); build != nil {
		return build.ID
	}
	return ""
}

// ReadBuild returns how the program in a file was built, in those fields of an
// environment that are about that. They are empty if it is not known to be made by Go.
func ReadBuild(file string) results.Environment {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return results.Environment{}
	}
	build := buildOf(info)
	build.ID = buildID(file)
	return builtBy(info, build)
}

func builtBy(info *debug.BuildInfo, build *results.Build) results.Environment {
	return results.Environment{Go: info.GoVersion, GOEXPERIMENT: setting(info, "GOEXPERIMENT"), Commit: revision(info), Build: build}
}

// buildOf reads the settings of a build that change what the processor executes.
func buildOf(info *debug.BuildInfo) *results.Build {
	b := &results.Build{}
	var instrumented, flags []string
	for _, setting := range info.Settings {
		key, value := setting.Key, setting.Value
		switch key {
		case "GO386", "GOAMD64", "GOARM", "GOARM64", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64", "GOWASM":
			b.Level = key + "=" + value
		case "-race", "-msan", "-asan", "-cover":
			if value == "true" {
				instrumented = append(instrumented, key[1:])
			}
		case "-gcflags", "-gccgoflags", "-asmflags", "-linkshared":
			flags = append(flags, key+"="+value)
		case "-buildmode":
			if value != "exe" {
				flags = append(flags, key+"="+value)
			}
		case "-pgo":
			b.PGO = path.Base(strings.ReplaceAll(value, `\`, "/"))
		case "-tags":
			b.Tags = value
		case "CGO_ENABLED":
			b.CGO = value == "1"
		case "DefaultGODEBUG":
			b.Debug = value
		}
	}
	slices.Sort(instrumented)
	slices.Sort(flags)
	b.Instrumented, b.Flags = strings.Join(instrumented, "+"), strings.Join(flags, " ")
	return b
}

// setting returns what a build says of one of its settings; empty if it does not.
func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

// revision returns the commit that a program was built from, with "+changes" if
// there were any since; empty if the build did not record one.
func revision(info *debug.BuildInfo) string {
	commit := setting(info, "vcs.revision")
	if setting(info, "vcs.modified") == "true" {
		commit += "+changes"
	}
	return commit
}

// buildID tells the content of a program's file from any other: by the hash that Go's
// linker left at its beginning, which is read in no time, or else by one of all of it.
// It is empty if the file cannot be read.
func buildID(file string) string {
	if id := linkerID(file); id != "" {
		return id[strings.LastIndexByte(id, '/')+1:] // the last of its parts is of the file
	}
	digest, err := DigestOf(file)
	if err != nil {
		return ""
	}
	return digest[:20]
}

// linkerID returns the identity that Go's linker wrote into a file, "" if there is none.
// cmd/internal/buildid reads it in the same way: from a note of an ELF file, and of
// others from where their code begins.
func linkerID(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	if object, err := elf.NewFile(f); err == nil {
		if note := object.Section(".note.go.buildid"); note != nil {
			data, err := note.Data()
			if head := 16; err == nil && len(data) > head { // the lengths of name and text, a type, and the name
				return string(bytes.TrimRight(data[head:], "\x00"))
			}
		}
		return ""
	}
	const begin, end = "\xff Go build ID: \"", "\"\n \xff"
	head := make([]byte, 32<<10)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return ""
	}
	_, rest, found := bytes.Cut(head[:n], []byte(begin))
	id, _, ended := bytes.Cut(rest, []byte(end))
	if !found || !ended {
		return ""
	}
	return string(id)
}

// DigestOf returns the SHA-256 of a file in hexadecimal.
func DigestOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
