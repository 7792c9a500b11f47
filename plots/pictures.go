package plots

import "github.com/fanin-bench/fanin-bench/results"

// Picture is a figure drawn of a part of a run.
type Picture struct {
	Name    string // of its files, without the extension
	Figure  Figure
	Drawing *Drawing
}

// Pictures draws every figure that a run has data for, in the order of Figures,
// and says of the others why there is none.
func Pictures(run *results.Run) (pictures []Picture, skipped []string, err error) {
	drawn, skipped, err := drawAll(run)
	for _, p := range drawn {
		pictures = append(pictures, Picture{p.name, p.figure, p.drawing})
	}
	return pictures, skipped, err
}
