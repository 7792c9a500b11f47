// Command slowed is fanin-bench with strategies made slower on purpose, to see
// that compare finds them. It is not for measuring anything else.
//
//	go build -o bin/slowed ./cmd/slowed
//	SLOWED=chan:0.1 bin/slowed run --against bin/fanin-bench --strategies chan,lanes --out out/slowed
//	bin/fanin-bench compare out/slowed-base out/slowed --fail-on 5%
//
// SLOWED names the strategies, separated by commas, and by which share of its time
// each takes longer. Another program has its code at other addresses, which makes strategies
// that are not slower a few percent faster or slower, too. Two builds of this one, with
// settings of one length, have not; commas at the end say nothing. To take no breaks takes
// some time as well, 2 % on `chan-unbuffered`, so that a share of 0 is what
// another is to be compared with:
//
//	go build -o bin/slowed -ldflags '-X main.slowed=chan:0.1' ./cmd/slowed
//	go build -o bin/slowed-not -ldflags '-X main.slowed=chan:0,,' ./cmd/slowed
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/fanin-bench/fanin-bench/cmd"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// slowed is the setting of a build, "" for that of the environment.
var slowed string

func main() {
	setting := slowed
	if setting == "" {
		setting = os.Getenv("SLOWED")
	}
	known, err := slow(strategies.All(), setting)
	if err != nil {
		fmt.Fprintln(os.Stderr, "slowed: reading SLOWED:", err)
		os.Exit(2)
	}
	os.Exit(cmd.Main(context.Background(), os.Args[1:], known...))
}

// slow replaces the strategies that the setting names, as in "chan:0.1,lanes:0.03"; an empty
// one names none.
func slow(known []strategies.Strategy, setting string) ([]strategies.Strategy, error) {
	if setting = strings.TrimRight(setting, ","); setting == "" {
		return known, nil
	}
	for one := range strings.SplitSeq(setting, ",") {
		if err := slowOne(known, one); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// slowOne replaces a strategy, as in "chan:0.1".
func slowOne(known []strategies.Strategy, setting string) error {
	name, text, _ := strings.Cut(setting, ":")
	share, err := strconv.ParseFloat(text, 64)
	if err != nil || !(share >= 0 && share <= 10) {
		return fmt.Errorf("%q is not STRATEGY:SHARE with a share from 0 to 10, such as chan:0.1", setting)
	}
	for i, s := range known {
		if s.Name == name {
			known[i].Word, known[i].Message = slowly(s.Word, share), slowly(s.Message, share)
			known[i].Blocks = strategies.Blocks{} // they would not be
			return nil
		}
	}
	_, err = pick.Find(known, name)
	return err
}
