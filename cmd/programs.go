package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// registerPrograms declares the flag by which other programs bring their strategies.
func registerPrograms(flags *pflag.FlagSet, paths *[]string) {
	flags.StringArrayVar(paths, "program", nil, "`path` of another program, whose strategies join these; may be given several times")
}

// programAt returns the absolute path of a program that a flag names.
func programAt(flag, path, what string) (string, error) {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return "", usage.Errorf("%s: there is no program %q: name the path of %s", flag, path, what)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding %s %q: %w", flag, path, err)
	}
	if _, err := exec.LookPath(absolute); err != nil {
		return "", usage.Errorf("%s: %q is not executable: name the path of %s", flag, path, what)
	}
	return absolute, nil
}

// unstartable words the error of a program that the system refuses to start, and returns
// every other error as it is.
func unstartable(flag, path string, err error) error {
	var refused *os.PathError
	if !errors.As(err, &refused) || refused.Op != "fork/exec" {
		return err
	}
	why := refused.Err.Error()
	switch {
	case errors.Is(err, syscall.ENOEXEC):
		why = "it is neither a program for this system nor a script that names its interpreter"
	case errors.Is(err, os.ErrNotExist):
		why = "its interpreter or loader does not exist"
	}
	return usage.Errorf("%s: %q cannot be executed: %s", flag, path, why)
}

// withNamedPrograms is withPrograms for paths from the command line.
func (a *app) withNamedPrograms(ctx context.Context, paths []string) (*app, error) {
	for _, path := range paths {
		if _, err := programAt("--program", path, "a program that answers to describe"); err != nil {
			return nil, err
		}
	}
	return a.withPrograms(ctx, paths)
}

// withPrograms returns the app with the strategies of other programs beside those
// that it knows.
func (a *app) withPrograms(ctx context.Context, paths []string) (*app, error) {
	with := *a
	with.known, with.programs = slices.Clone(a.known), make(map[string]harness.Program)
	for _, path := range paths {
		program, err := harness.AskProgram(ctx, path, with.known)
		if err != nil {
			return nil, unstartable("--program", path, err)
		}
		for _, s := range program.Strategies {
			with.programs[s.Name] = program
		}
		with.known = append(with.known, program.Strategies...)
	}
	return &with, nil
}

// theirs names the strategies of other programs, with a question mark those that cannot be
// had here.
func (a *app) theirs() scenario.Strings {
	var names scenario.Strings
	for _, s := range a.known {
		_, theirs := a.programs[s.Name]
		switch {
		case theirs && s.Unbuildable != "":
			names = append(names, s.Name+"?")
		case theirs:
			names = append(names, s.Name)
		}
	}
	return names
}

// meant returns the strategies that a scenario names or, if it names none, the
// default ones and those of other programs: who gives a program wants it measured.
func (a *app) meant(names scenario.Strings) scenario.Strings {
	if theirs := a.theirs(); len(names) == 0 && len(theirs) > 0 {
		return append(theirs, pick.DefaultGroup)
	}
	return names
}

// executed is planned with the programs that execute the trials.
func (a *app) executed(cells []results.Cell) []results.Strategy {
	chosen := harness.DescribeIn(cells, a.known)
	for i, s := range chosen {
		if program, theirs := a.programs[s.Name]; theirs {
			chosen[i].Program, chosen[i].ProgramDigest = program.Path, program.Digest
		}
	}
	return chosen
}

// noteMissing says which strategies a scenario would also have, and which of other
// programs it has no cells for, as it names others.
func (a *app) noteMissing(chosen scenario.Scenario, cells []results.Cell) {
	var lacking []string
	for _, name := range chosen.Absent(a.known) {
		if i := slices.IndexFunc(a.known, func(s strategies.Strategy) bool { return s.Name == name }); i >= 0 {
			fmt.Fprintf(a.stderr, "not measured: %s: %s\n", name, a.known[i].Unbuildable)
		} else {
			lacking = append(lacking, name)
		}
	}
	if len(lacking) > 0 {
		fmt.Fprintf(a.stderr, "not measured, because this program lacks them: %s (see --program)\n", strings.Join(lacking, ", "))
	}
	unused := slices.DeleteFunc(a.theirs(), func(name string) bool {
		return strings.HasSuffix(name, "?") || slices.ContainsFunc(cells, func(c results.Cell) bool { return c.Strategy == name })
	})
	if len(unused) > 0 {
		fmt.Fprintf(a.stderr, "not measured, because the scenario does not name them: %s (see --strategies)\n", strings.Join(unused, ", "))
	}
}

// withProgramsOf returns the app with the named programs, which must have what those
// had with which a run was begun. That its manifest names them is not enough: it may
// be anybody's.
func (a *app) withProgramsOf(ctx context.Context, m *results.Manifest, named []string) (*app, error) {
	with, err := a.withNamedPrograms(ctx, named)
	if err != nil {
		return nil, err
	}
	for _, was := range m.Strategies {
		if was.Program == "" {
			continue
		}
		program, named := with.programs[was.Name]
		if !named {
			return nil, usage.Errorf("%s is a strategy of another program: name that program again, with%s", was.Name, programFlags(m))
		}
		i := slices.IndexFunc(with.known, func(s strategies.Strategy) bool { return s.Name == was.Name })
		if now := with.known[i].Module; now != was.Module {
			return nil, fmt.Errorf("strategy %q of %q is %s now; the run was begun with %s", was.Name, program.Path, now, was.Module)
		}
	}
	return with, nil
}

// programFlags are the flags that name the programs of a run, each after a space.
func programFlags(m *results.Manifest) string {
	var flags strings.Builder
	var seen []string
	for _, s := range m.Strategies {
		if s.Program != "" && !slices.Contains(seen, s.Program) {
			seen = append(seen, s.Program)
			fmt.Fprintf(&flags, " --program %s", terminal.ShellQuoted(s.Program))
		}
	}
	return flags.String()
}

// thisProgram is the command line of a trial in a child of this same program, whatever
// has become of its file since it was started.
func (a *app) thisProgram() ([]string, error) {
	path, err := machine.OwnFile()
	if err != nil {
		return nil, fmt.Errorf("finding this program to start trials with: %w", err)
	}
	if runtime.GOOS != "linux" { // there OwnFile is the running program
		if path, err = a.held.Hold(path); err != nil {
			return nil, err
		}
	}
	return []string{path, "trial"}, nil
}
