package pingo

import (
	"context"

	"github.com/pingogen/pingogen/runtime/internal/metadata"
)

// WithMetadata returns a context whose calls carry value under key to the other
// side, beside their arguments: request and trace identifiers, for example.
// A value that is set later replaces one that was set earlier. All of it, with the
// method's name, may take 16 KiB; a call with more is not delivered.
func WithMetadata(ctx context.Context, key, value string) context.Context {
	return metadata.With(ctx, metadata.Pair{Key: key, Value: value})
}

// Metadata returns what came with the call that ctx belongs to, in the
// implementation of a method. The map is the caller's own, nil if nothing came.
// It is not passed on to calls that are made with ctx.
func Metadata(ctx context.Context) map[string]string {
	pairs := metadata.Incoming(ctx)
	if len(pairs) == 0 {
		return nil
	}
	m := make(map[string]string, len(pairs))
	for _, p := range pairs {
		m[p.Key] = p.Value
	}
	return m
}
