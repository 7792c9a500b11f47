// Package fineness is how fine the PNGs of a run are drawn: plots.DPI, but where a context
// says otherwise. Tests of whole programs do, whose time went into pictures that none of
// them looks into. No flag does: the pages and the README promise the size.
package fineness

import (
	"context"

	"github.com/fanin-bench/fanin-bench/plots"
)

// Coarse is an eighth of plots.DPI.
const Coarse = plots.DPI / 8

type key struct{}

// With returns a context that says how fine PNGs are, in dots per inch.
func With(ctx context.Context, dpi int) context.Context { return context.WithValue(ctx, key{}, dpi) }

// Of returns how fine PNGs are.
func Of(ctx context.Context) int {
	if dpi, said := ctx.Value(key{}).(int); said {
		return dpi
	}
	return plots.DPI
}
