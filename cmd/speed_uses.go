package cmd

import (
	"cmp"
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
	oneByOne  bool   // a receive has room for one item
	drops     string // the policy, where it drops items; empty: it drops none
}

// useOf returns how a cell is called.
func useOf(c results.Cell) use {
	drops := c.Policy
	if drops == strategies.Block.String() {
		drops = ""
	}
	return use{c.Sharing, c.Lifetime, c.SendBy, c.SendBatch, c.RecvBy, c.RecvBatch == 1, drops}
}

var (
	sender        = use{sharing: results.SharingShared}
	senderPerItem = use{sharing: results.SharingShared, lifetime: 1}
	openPerItem   = use{sharing: results.SharingOpen, lifetime: 1}
	livesPerItem  = use{lifetime: 1}
	oneByOne      = use{oneByOne: true}
	reader        = use{recvBy: results.RecvByReader, oneByOne: true}
	ready         = use{recvBy: results.RecvByReady}
	batches       = use{sendBatch: 32}
	writer        = use{sendBy: results.SendByWriter, sendBatch: 32}
	dropsNewest   = use{drops: strategies.DropNewest.String()}
	dropsOldest   = use{drops: strategies.DropOldest.String()}
)

// sends is how many messages were sent in a second, whether or not they were dropped.
var sends = &results.Quantity{Name: "sends_per_s", Of: func(t *results.Trial) (float64, bool) {
	if t.Measurement == nil {
		return 0, false
	}
	return float64(t.Measurement.Attempted) / (float64(t.Measurement.ElapsedNs) / 1e9), true
}}

// useGoal is a ratio of the throughputs of two uses that is to be reached.
type useGoal struct {
	title string
	best  []string // of these, whichever is fastest
	use   use
	base  string // compared with this strategy; empty: the run's baseline; itself: the same
	over  use
	marks []speedMark // one of reach 0 has no goal: it is there to be seen

	each bool              // every strategy of ours has a row of its own
	by   *results.Quantity // nil: throughput
}

const itself = "itself"

// useGoals are what a Sender, a Reader, a Writer and a receive of one item are built to
// reach, and what a send costs that drops an item.
var useGoals = []useGoal{
	{title: "Sender over lanes", best: allLanes, use: sender, over: sender, marks: []speedMark{{16, 3, 5}, {1000, 2, 4}}},
	{title: "Sender, a goroutine per item", best: senderStrategies, use: senderPerItem, over: senderPerItem, marks: []speedMark{{16, 1.2, 1.5}}},
	{
		title: "Sender over xsync-umpsc without handles", best: allLanes, use: sender, base: "xsync-umpsc", over: sender,
		marks: []speedMark{{16, 1, 2}, {1000, 1, 2}},
	},
	{title: "a handle opened per item", best: boundedLanes, use: openPerItem, over: sender, marks: []speedMark{{16, 0, 0}, {1000, 0, 0}}},
	{title: "a goroutine and a handle per item", best: boundedLanes, use: livesPerItem, over: senderPerItem, marks: []speedMark{{16, 0, 0}}},
	{title: "Reader.Next over range ch", best: allLanes, use: reader, over: oneByOne, marks: []speedMark{{16, 4, 5}}},
	{title: "Reader.Next over its own batches", best: allLanes, use: reader, base: itself, marks: []speedMark{{16, 0.6, 0.8}}},
	{title: "Reader.Next over spillway, one by one", best: allLanes, use: reader, base: "spillway", over: oneByOne, marks: []speedMark{{16, 1.5, 2}}},
	{title: "TryRecv and Ready over its own Recv", each: true, use: ready, base: itself, marks: []speedMark{{16, 0.9, 1}}},
	{title: "Writer.Put over its own SendBatch(32)", best: allLanes, use: writer, base: itself, over: batches, marks: []speedMark{{16, 0.9, 1}}},
	{title: "Writer.Put over its own Send", best: allLanes, use: writer, base: itself, marks: []speedMark{{16, 3, 4}}},
	{title: "Recv of one over chan-bare's", each: true, use: oneByOne, over: oneByOne, marks: []speedMark{{16, 1, 2}}},
	{title: "sends into a full fan-in, the newest dropped", each: true, use: dropsNewest, over: dropsNewest, by: sends, marks: []speedMark{{16, 0, 0}}},
	{title: "... the oldest dropped, over a channel's newest", each: true, use: dropsOldest, over: dropsNewest, by: sends, marks: []speedMark{{16, 0, 0}}},
}

// senderStrategies are those of which one suits goroutines that live for an item.
var senderStrategies = append([]string{"mutex-swap", "mpsc-ring"}, allLanes...)

// printUses prints what comes of the goals that a run has cells for, and nothing if it has
// none.
func printUses(w io.Writer, run *results.Run) {
	var rows []string
	for _, goal := range useGoals {
		for _, mark := range goal.marks {
			for _, candidates := range goal.rows(&run.Manifest) {
				if row := useRow(run, goal, candidates, mark); row != nil {
					rows = append(rows, strings.Join(row, "\t"))
				}
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

// rows returns the strategies that each row of the goal chooses from.
func (g useGoal) rows(m *results.Manifest) [][]string {
	if !g.each {
		return [][]string{g.best}
	}
	var rows [][]string
	for _, s := range m.Strategies {
		if ours := s.Module == "" && !s.Floor; ours && s.Name != m.Baseline() {
			rows = append(rows, []string{s.Name})
		}
	}
	return rows
}

// useRow returns the columns of a goal at one number of producers, for the fastest of some
// strategies, nil if the run lacks what it compares.
func useRow(run *results.Run, goal useGoal, candidates []string, mark speedMark) []string {
	var fastest *stat.Interval
	var ratios stat.Pairs
	name, most := "", 0.0
	for _, candidate := range candidates {
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
		by := cmp.Or(goal.by, results.Throughput)
		sample := run.Sample(by, own)
		speed, r := stat.Median(sample.Values()), stat.NewPairs(sample, run.Sample(by, over))
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
		if c.Strategy == strategy && c.Producers == producers && c.IsClosed() && c.Payload == results.MinPayload && useOf(c) == u {
			fits = append(fits, c)
		}
	}
	if len(fits) == 0 {
		return results.Cell{}, false
	}
	at := slices.IndexFunc(fits, func(c results.Cell) bool { return c.Capacity == like.Capacity && c.CapacityOf == like.CapacityOf })
	return fits[max(0, at)], true
}
