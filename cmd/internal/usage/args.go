package usage

import (
	"fmt"

	"github.com/spf13/cobra"
)

// NoSuchVerb refuses arguments that are no verb, and suggests the nearest.
func NoSuchVerb(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf(" (did you mean %q?)", near[0])
	}
	return Errorf("unknown command %q%s", args[0], hint)
}

// NoArgs refuses arguments.
func NoArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return Errorf("%s takes flags only, received %q", c.Name(), args[0])
	}
	return nil
}

// AtMostOne refuses more than a run directory.
func AtMostOne(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return Errorf("%s takes one run directory, received %d", c.Name(), len(args))
	}
	return nil
}

// Two refuses all but two arguments, which it names.
func Two(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 2 {
			return Errorf("%s needs %s, received %d", c.Name(), what, len(args))
		}
		return nil
	}
}

// NotEmpty refuses flags that were given as nothing: a script whose variable is unset
// means something else than to leave the flag out.
func NotEmpty(c *cobra.Command, names ...string) error {
	for _, name := range names {
		if flag := c.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return Errorf("--%s: the value is empty", name)
		}
	}
	return nil
}
