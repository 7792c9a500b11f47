package usage

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// stubborn is a flag of a type of our own, which takes nothing and says so itself.
type stubborn struct{}

func (stubborn) String() string   { return "" }
func (stubborn) Type() string     { return "stubborn" }
func (stubborn) Set(string) error { return errors.New("no value will do") }

// program is a command with two verbs and a flag of each type whose words are ours.
func program() *cobra.Command {
	root := &cobra.Command{Use: "program", Args: NoSuchVerb, SilenceErrors: true, SilenceUsage: true, SuggestionsMinimumDistance: 2, RunE: nothing}
	root.SetFlagErrorFunc(FlagError)
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	run := &cobra.Command{Use: "run", Args: NoArgs, RunE: func(c *cobra.Command, _ []string) error { return NotEmpty(c, "out") }}
	flags := run.Flags()
	flags.Int("reps", 1, "")
	flags.Uint64("seed", 1, "")
	flags.Float64("share", 1, "")
	flags.Bool("quick", false, "")
	flags.Duration("for", time.Second, "")
	flags.String("out", "somewhere", "")
	flags.Int("secret-seed", 1, "")
	_ = flags.MarkHidden("secret-seed")
	flags.Var(stubborn{}, "stubborn", "")
	root.AddCommand(run,
		&cobra.Command{Use: "plot", Args: AtMostOne, RunE: nothing},
		&cobra.Command{Use: "compare", Args: Two("a base and a change"), RunE: nothing})
	return root
}

func nothing(*cobra.Command, []string) error { return nil }

// Whatever is wrong with a command line is one line in our words, and marked as usage.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		want string
		args []string
	}{
		{`unknown command "rum" (did you mean "run"?)`, []string{"rum"}},
		{`unknown command "zebra"`, []string{"zebra"}},
		{`run takes flags only, received "extra"`, []string{"run", "extra"}},
		{"plot takes one run directory, received 2", []string{"plot", "a", "b"}},
		{"compare needs a base and a change, received 1", []string{"compare", "a"}},
		{"compare needs a base and a change, received 3", []string{"compare", "a", "b", "c"}},
		{"--out: the value is empty", []string{"run", "--out", ""}},
		{`--reps: "few" is not a whole number`, []string{"run", "--reps", "few"}},
		{`--seed: "-1" is not a whole number from 0 to 18446744073709551615`, []string{"run", "--seed", "-1"}},
		{`--share: "half" is not a number`, []string{"run", "--share", "half"}},
		{`--quick: "maybe" is not true or false`, []string{"run", "--quick=maybe"}},
		{`--for: "soon" is not a duration such as 50ms`, []string{"run", "--for", "soon"}},
		{"--stubborn: no value will do", []string{"run", "--stubborn", "x"}},
		{"--out needs a value", []string{"run", "--out"}},
		{"unknown flag: --rep (did you mean --reps?)", []string{"run", "--rep", "1"}},
		{"unknown flag: --nothing-like-it", []string{"run", "--nothing-like-it"}},
		{"unknown flag: --secret-sed", []string{"run", "--secret-sed"}},
		{"unknown shorthand flag: 'x' in -x", []string{"run", "-x"}},
	} {
		c := program()
		c.SetArgs(test.args)
		err := c.Execute()
		var wrong Error
		if err == nil || err.Error() != test.want || !errors.As(err, &wrong) {
			t.Errorf("%q: error %v; want %q, as one of usage", test.args, err, test.want)
		}
	}
}

// What is right is let through, and an Error unwraps to what it wraps.
func TestRight(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"run"}, {"run", "--out", "x", "--for", "1s"}, {"plot"}, {"plot", "a"}, {"compare", "a", "b"}} {
		c := program()
		c.SetArgs(args)
		if err := c.Execute(); err != nil {
			t.Errorf("%q: %v", args, err)
		}
	}
	if err := Errorf("reading: %w", pflag.ErrHelp); !errors.Is(err, pflag.ErrHelp) {
		t.Errorf("%v does not unwrap", err)
	}
}
