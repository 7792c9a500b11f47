package cmd

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// use is how a program calls a fan-in.
type use struct {
	sharing   string
	lifetime  int64
	sendBy    string
	sendBatch int // 0: 1
	recvBy    string
	oneByOne  bool // a receive has room for one item
}

// useOf returns how a cell is called.
func useOf(c results.Cell) use {
	return use{c.Sharing, c.Lifetime, c.SendBy, c.SendBatch, c.RecvBy, c.RecvBatch == 1}
}

var (
	sender        = use{sharing: results.SharingShared}
	senderPerItem = use{sharing: results.SharingShared, lifetime: 1}
	openPerItem   = use{sharing: results.SharingOpen, lifetime: 1}
	livesPerItem  = use{lifetime: 1}
	oneByOne      = use{oneByOne: true}
	reader        = use{recvBy: results.RecvByReader, oneByOne: true}
	batches       = use{sendBatch: 32}
	writer        = use{sendBy: results.SendByWriter, sendBatch: 32}
)

// useGoal is a ratio of the throughputs of two uses that is to be reached.
type useGoal struct {
	title string
	best  []string // of these, whichever is fastest
	use   use
	base  string // compared with this strategy; empty: the run's baseline; itself: the same
	over  use
	marks []speedMark // one of reach 0 has no goal: it is there to be seen
}

const itself = "itself"

// useGoals are what a Sender, a Reader and a Writer are built to reach.
var useGoals = []useGoal{
	{"Sender over lanes", allLanes, sender, "", sender, []speedMark{{16, 3, 5}, {1000, 2, 4}}},
	{"Sender, a goroutine per item", senderStrategies, senderPerItem, "", senderPerItem, []speedMark{{16, 1.2, 1.5}}},
	{"Sender over xsync-umpsc without handles", allLanes, sender, "xsync-umpsc", sender, []speedMark{{16, 1, 2}, {1000, 1, 2}}},
	{"a handle opened per item", boundedLanes, openPerItem, "", sender, []speedMark{{16, 0, 0}, {1000, 0, 0}}},
	{"a goroutine and a handle per item", boundedLanes, livesPerItem, "", senderPerItem, []speedMark{{16, 0, 0}}},
	{"Reader.Next over range ch", allLanes, reader, "", oneByOne, []speedMark{{16, 4, 5}}},
	{"Reader.Next over its own batches", allLanes, reader, itself, use{}, []speedMark{{16, 0.6, 0.8}}},
	{"Reader.Next over spillway, one by one", allLanes, reader, "spillway", oneByOne, []speedMark{{16, 1.5, 2}}},
	{"Writer.Put over its own SendBatch(32)", allLanes, writer, itself, batches, []speedMark{{16, 0.9, 1}}},
	{"Writer.Put over its own Send", allLanes, writer, itself, use{}, []speedMark{{16, 3, 4}}},
}

// senderStrategies are those of which one suits goroutines that live for an item.
var senderStrategies = append([]string{"mutex-swap", "mpsc-ring"}, allLanes...)

// printUses prints what comes of the goals that a run has cells for, and nothing if it has
// none.
func printUses(w io.Writer, run *results.Run) {
	var rows []string
	for _, goal := range useGoals {
		for _, mark := range goal.marks {
			if row := useRow(run, goal, mark); row != nil {
				rows = append(rows, strings.Join(row, "\t"))
			}
		}
	}
	if len(rows) == 0 {
		return
	}
	fmt.Fprintln(w, "\nas Go programs send and receive; a bounded Sender has room for 1024 items in total, as the channel has")
	fmt.Fprintln(w, "GOAL\tPRODUCERS\tFASTEST\tRATIO\t95 % INTERVAL\tBLOCKS\tREACH\tAIM\tVERDICT")
	for _, row := range rows {
		fmt.Fprintln(w, row)
	}
}

// useRow returns the columns of a goal at one number of producers, nil if the run lacks
// what it compares.
func useRow(run *results.Run, goal useGoal, mark speedMark) []string {
	var fastest *stat.Interval
	var ratios stat.Pairs
	name, most := "", 0.0
	for _, candidate := range goal.best {
		own, ok := cellOfUse(&run.Manifest, candidate, mark.producers, goal.use, results.Cell{})
		if !ok {
			continue
		}
		base := goal.base
		switch base {
		case "":
			base = run.Manifest.Baseline()
		case itself:
			base = candidate
		}
		over, ok := cellOfUse(&run.Manifest, base, mark.producers, goal.over, own)
		if !ok {
			continue
		}
		// The fastest, not the one with the best ratio: that may be slow both ways.
		speed, r := stat.Median(run.Sample(results.Throughput, own).Values()), run.Ratios(own, over)
		if i := r.Bootstrap(run.Manifest.Seed); i != nil && speed != nil && *speed > most {
			fastest, ratios, name, most = i, r, candidate, *speed
		}
	}
	if fastest == nil {
		return nil
	}
	interval, reach, aim, verdict := "-", "-", "-", "-"
	if fastest.Lo != nil && fastest.Hi != nil {
		interval = fmt.Sprintf("%.2f..%.2f", *fastest.Lo, *fastest.Hi)
	}
	if mark.reach > 0 {
		reach, aim, verdict = fmt.Sprintf("%gx", mark.reach), fmt.Sprintf("%gx", mark.aim), mark.verdict(fastest.Median)
	}
	return []string{
		goal.title, strconv.Itoa(mark.producers), name, fmt.Sprintf("%.2fx", fastest.Median), interval, strconv.Itoa(ratios.Len()), reach, aim, verdict,
	}
}

// cellOfUse returns the cell of a strategy that is used so: of several the one that holds
// as much as another cell, or else the first.
func cellOfUse(m *results.Manifest, strategy string, producers int, u use, like results.Cell) (results.Cell, bool) {
	u.sendBatch = max(1, u.sendBatch)
	var fits []results.Cell
	for _, c := range m.Cells {
		lossless := c.Policy == "" || c.Policy == strategies.Block.String()
		if c.Strategy == strategy && c.Producers == producers && c.IsClosed() && c.Payload == results.MinPayload && lossless && useOf(c) == u {
			fits = append(fits, c)
		}
	}
	if len(fits) == 0 {
		return results.Cell{}, false
	}
	at := slices.IndexFunc(fits, func(c results.Cell) bool { return c.Capacity == like.Capacity && c.CapacityOf == like.CapacityOf })
	return fits[max(0, at)], true
}
