// Package metadata is the key-value pairs that travel with a call beside its
// arguments. A context carries one list for calls that are made with it; the
// context of a handler carries the list that came with its call. The two are
// kept apart, so that a handler which makes calls of its own does not pass on
// what its caller sent unless it says so.
package metadata

import "context"

// Pair is one entry. Keys may repeat; what is set later stands later.
type Pair struct {
	Key, Value string
}

// Key is the context key under which the context of a handler has what came
// with its call, as a []Pair.
type Key struct{}

type outgoingKey struct{}

// With returns a context whose calls carry the pairs, after those of ctx.
func With(ctx context.Context, pairs ...Pair) context.Context {
	old := From(ctx)
	all := make([]Pair, 0, len(old)+len(pairs))
	all = append(append(all, old...), pairs...)
	return context.WithValue(ctx, outgoingKey{}, all)
}

// From returns what a call made with ctx carries, nil if nothing. The
// connection sends it; the list must not be changed.
func From(ctx context.Context) []Pair {
	pairs, _ := ctx.Value(outgoingKey{}).([]Pair)
	return pairs
}

// Incoming returns what came with the call whose handler got ctx, nil if
// nothing. The list must not be changed.
func Incoming(ctx context.Context) []Pair {
	pairs, _ := ctx.Value(Key{}).([]Pair)
	return pairs
}
