package cmd

import (
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/fanin-bench/fanin-bench/cmd/internal/output"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/results/files"
)

// docsCommand is for packagers; `make man completions` calls it.
func (a *app) docsCommand() *cobra.Command {
	kinds := []string{"man", "completions"}
	return &cobra.Command{
		Use:       "docs man|completions DIRECTORY",
		Short:     "write the man pages or the completion scripts into a directory",
		Hidden:    true,
		Args:      usage.Two(strings.Join(kinds, " or ") + ", and a directory"),
		ValidArgs: kinds,
		RunE: func(c *cobra.Command, args []string) error {
			write := writeMan
			switch args[0] {
			case kinds[0]:
			case kinds[1]:
				write = writeCompletions
			default:
				return usage.Errorf("unknown documents %q (one of %s)", args[0], strings.Join(kinds, ", "))
			}
			if args[1] == output.Standard {
				return usage.Errorf("docs: a directory is needed, and %q is standard output (./%s names a directory)", args[1], args[1])
			}
			if err := files.MakeDir(args[1]); err != nil {
				return fmt.Errorf("writing %s into %q: %w", args[0], args[1], err)
			}
			if err := write(c.Root(), args[1]); err != nil {
				return fmt.Errorf("writing %s into %q: %w", args[0], args[1], err)
			}
			return nil
		},
	}
}

// writeMan writes a page for each verb, under the date of the source, so that
// equal programs make equal pages.
func writeMan(root *cobra.Command, dir string) error {
	root.DisableAutoGenTag = true
	header := &doc.GenManHeader{Section: "1", Source: "fanin-bench " + versionText(), Manual: "fanin-bench", Date: sourceDate()}
	return doc.GenManTree(root, header, dir)
}

// sourceDate returns when the source was committed; nil, for which cobra takes
// SOURCE_DATE_EPOCH or today, where the build did not record it.
func sourceDate() *time.Time {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return nil
	}
	for _, setting := range info.Settings {
		if date, err := time.Parse(time.RFC3339, setting.Value); setting.Key == "vcs.time" && err == nil {
			return &date
		}
	}
	return nil
}

// writeCompletions writes a script for each shell, under the name that the shell
// looks for.
func writeCompletions(root *cobra.Command, dir string) error {
	name := root.Name()
	for _, script := range []struct {
		file  string
		write func(file string) error
	}{
		{name + ".bash", func(file string) error { return root.GenBashCompletionFileV2(file, true) }},
		{"_" + name, root.GenZshCompletionFile},
		{name + ".fish", func(file string) error { return root.GenFishCompletionFile(file, true) }},
		{name + ".ps1", root.GenPowerShellCompletionFileWithDesc},
	} {
		if err := script.write(filepath.Join(dir, script.file)); err != nil {
			return err
		}
	}
	return nil
}
