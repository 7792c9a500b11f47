// Package fineness is how fine the PNGs of a run are drawn: as the caller does, but where a
// context says otherwise. Tests of whole programs do, whose time went into pictures that none
// of them looks into. No flag does: the pages and the README promise the size.
package fineness

import "context"

// Coarse is for pictures that nobody looks at, in dots per inch.
const Coarse = 24

type key struct{}

// With returns a context that says how fine PNGs are, in dots per inch.
func With(ctx context.Context, dpi int) context.Context { return context.WithValue(ctx, key{}, dpi) }

// Of returns how fine PNGs are: dpi, unless the context says otherwise.
func Of(ctx context.Context, dpi int) int {
	if said, is := ctx.Value(key{}).(int); is {
		return said
	}
	return dpi
}
