package plots

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/fanin-bench/fanin-bench/results"
)

// maxLines is how many lines a panel shows in their colours: more cannot be
// followed, whatever they look like.
const maxLines = 8

// group is what may be compared in one panel: series whose fan-ins bound alike and
// do alike when they are full. A bounded strategy makes producers wait or loses
// items where an unbounded one lets a backlog grow, so that none is the better one
// for a higher line.
type group struct {
	title      string
	series     []Series
	others     []Series // of the same kind, shown in other groups
	references []Series // the baseline, if it is in none of these, and the floor
}

// kind returns what a series has to share with another to be compared with it.
func (s *Series) kind() string {
	if s.policy == "" {
		return s.bound()
	}
	return "bounded, " + s.policy
}

// bound returns what limits the backlog, in the manifest's words.
func (s *Series) bound() string { return clip(s.strategy.Bound, "unknown bound") }

// shortBound returns the bound as it follows a name.
func (s *Series) shortBound() string { return strings.TrimPrefix(s.bound(), "bounded ") }

// origin returns whose queue it is.
func (s *Series) origin() string {
	if s.strategy.Module != "" {
		return "peers"
	}
	return "ours"
}

// clip makes text from a file, of which nobody says what is in it or how long it
// is, fit for a title.
func clip(text, missing string) string {
	const longest = 40
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	switch runes := []rune(text); {
	case text == "":
		return missing
	case len(runes) > longest:
		return string(runes[:longest]) + "…"
	default:
		return text
	}
}

// parted is some series with what tells them from others of their kind.
type parted struct {
	title  []string
	series []Series
}

// refinements are by what a kind of too many lines is divided, one after the other.
// The first does not name its parts: the bounds stand in the title anyway.
var refinements = []struct {
	of    func(*Series) string
	named bool
}{
	{(*Series).bound, false},
	{(*Series).origin, true},
	{func(s *Series) string { return s.choice }, true},
}

// kinds puts the ranked series together that may be compared, in the order in
// which their first ones come.
func kinds(ranked []Series) []parted { return partition(ranked, (*Series).kind) }

func partition(series []Series, by func(*Series) string) []parted {
	var parts []parted
	for _, x := range series {
		value := by(&x)
		i := slices.IndexFunc(parts, func(p parted) bool { return p.title[0] == value })
		if i < 0 {
			i = len(parts)
			parts = append(parts, parted{title: []string{value}})
		}
		parts[i].series = append(parts[i].series, x)
	}
	return parts
}

// groups divides series so that each group is of one kind and has no more than
// maxLines lines.
func groups(series []Series) []group {
	var ranked, floors []Series
	for _, x := range series {
		if x.Look.floor {
			floors = append(floors, x)
		} else {
			ranked = append(ranked, x)
		}
	}
	base := reference(ranked)
	all := kinds(ranked)
	var out []group
	for _, kind := range all {
		if len(all) > 1 && len(kind.series) == 1 && base != nil && kind.series[0].same(*base) {
			continue // it is in all the others
		}
		for _, part := range refined(parted{series: kind.series}, 0) {
			g := part.group(kind, base)
			g.references = append(g.references, floors...)
			out = append(out, g)
		}
	}
	return out
}

// group makes a group of a part of a kind, with the baseline, if there is one, for
// reference.
func (p parted) group(kind parted, base *Series) group {
	g := group{title: p.heading(len(kind.series)), series: p.labelled()}
	for _, x := range kind.series {
		if !slices.ContainsFunc(p.series, x.same) && (base == nil || !base.same(x)) {
			g.others = append(g.others, x)
		}
	}
	if base != nil && !slices.ContainsFunc(p.series, base.same) {
		g.references = append(g.references, base.asReference(p.series))
	}
	return g
}

// refined divides a part of too many lines by the refinements from the given one on,
// and puts small neighbours together again.
func refined(p parted, from int) []parted {
	if len(p.series) <= maxLines {
		return []parted{p}
	}
	if from == len(refinements) {
		return chunked(p)
	}
	var out []parted
	by := refinements[from]
	for _, sub := range partition(p.series, by.of) {
		title := p.title
		if by.named && len(sub.series) < len(p.series) {
			title = append(slices.Clone(title), sub.title[0])
		}
		for _, next := range refined(parted{title, sub.series}, from+1) {
			last := len(out) - 1
			if !by.named && last >= 0 && len(out[last].title)+len(next.title) == 0 && len(out[last].series)+len(next.series) <= maxLines {
				out[last].series = slices.Concat(out[last].series, next.series)
				continue
			}
			out = append(out, next)
		}
	}
	return out
}

// chunked cuts a part into pieces of about the same size.
func chunked(p parted) []parted {
	n := (len(p.series) + maxLines - 1) / maxLines
	var out []parted
	for i := range n {
		title := append(slices.Clone(p.title), fmt.Sprintf("part %d of %d", i+1, n))
		out = append(out, parted{title, p.series[i*len(p.series)/n : (i+1)*len(p.series)/n]})
	}
	return out
}

// heading names a part of a kind of so many series: its bounds if the kind has others, the
// policy, and what else tells it apart.
func (p parted) heading(of int) string {
	first := p.series[0]
	heading := first.kind()
	switch {
	case first.policy == "":
	case !p.mixed():
		heading = first.bound() + ", " + first.policy
	case len(p.series) < of:
		heading = "bounded (" + strings.Join(p.bounds(), ", ") + "), " + first.policy
	}
	return strings.Join(append([]string{heading}, p.title...), ", ")
}

// bounds lists how its series are bounded, each once.
func (p parted) bounds() (all []string) {
	for _, part := range partition(p.series, (*Series).shortBound) {
		all = append(all, part.title[0])
	}
	return all
}

func (p parted) mixed() bool {
	return slices.ContainsFunc(p.series, func(x Series) bool { return x.bound() != p.series[0].bound() })
}

// labelled returns the series with their bounds in their names where those differ.
func (p parted) labelled() []Series {
	out := slices.Clone(p.series)
	if p.mixed() {
		for i := range out {
			out[i].Name += " · " + out[i].shortBound()
		}
	}
	return out
}

// reference picks the series of the baseline that groups of other kinds show: the first
// baseline of which these have one.
func reference(series []Series) *Series {
	for _, name := range results.Baselines {
		var cells []results.Cell
		for _, x := range series {
			if x.strategy.Name == name {
				cells = append(cells, x.first)
			}
		}
		if base, ok := results.Roomiest(cells); ok {
			i := slices.IndexFunc(series, func(x Series) bool { return x.first == base })
			return &series[i]
		}
	}
	return nil
}

// asReference returns the series in the look of what is there to compare some
// others with, and named as what it is where they are bounded differently.
func (s *Series) asReference(others []Series) Series {
	x := *s
	if slices.ContainsFunc(others, func(o Series) bool { return o.bound() != s.bound() || o.policy != s.policy }) {
		x.Name += " · " + s.bound()
		if s.policy != "" && others[0].policy != "" && others[0].policy != s.policy {
			x.Name += ", " + s.policy
		}
	}
	x.Look, x.reference = x.Look.reference(), true
	return x
}

func (s *Series) same(other Series) bool {
	return s.strategy.Name == other.strategy.Name && s.choice == other.choice
}
