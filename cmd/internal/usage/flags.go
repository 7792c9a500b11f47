package usage

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness/pick"
)

// FlagError words what the flag library found wrong with a command line: it quotes the
// functions of Go that it called, and their types.
func FlagError(c *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	var missing *pflag.ValueRequiredError
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &value):
		return Errorf("--%s: %w", value.GetFlag().Name, badValue(value))
	case errors.As(err, &missing):
		return Errorf("--%s needs a value", missing.GetFlag().Name)
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		return Errorf("unknown flag: --%s%s", unknown.GetSpecifiedName(), nearFlag(c, unknown.GetSpecifiedName()))
	}
	return Error{err}
}

// badValue says what a flag wants whose type is the library's; types of ours say it
// themselves.
func badValue(invalid *pflag.InvalidValueError) error {
	wants := map[string]string{
		"int": "a whole number", "int64": "a whole number", "uint64": "a whole number from 0 to 18446744073709551615",
		"float64": "a number", "bool": "true or false", "duration": "a duration such as 50ms",
	}
	want, theirs := wants[invalid.GetFlag().Value.Type()]
	if !theirs {
		return errors.Unwrap(invalid)
	}
	return fmt.Errorf("%q is not %s", invalid.GetValue(), want)
}

// nearFlag suggests the flag that most likely was meant.
func nearFlag(c *cobra.Command, name string) string {
	var names []string
	c.Flags().VisitAll(func(flag *pflag.Flag) {
		if !flag.Hidden {
			names = append(names, flag.Name)
		}
	})
	if near := pick.Closest(name, names); near != "" {
		return fmt.Sprintf(" (did you mean --%s?)", near)
	}
	return ""
}
