// Package fine has what works.
package fine

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"time"

	. "github.com/pingogen/pingogen/generator/internal/resolve/testdata/dep"
	other "github.com/pingogen/pingogen/generator/internal/resolve/testdata/dep"
)

// All has every way to write a method.
//
//pingo:plugin
type All interface {
	other.Base
	Dotted
	Overlap
	Pair[string, int]
	Unnamed(context.Context, int, string) (int, error)
	Blank(_ context.Context, _ int) (_ int, _ error)
	Many(a, b int, c ...string) (x, y int, z string, err error)
	Nothing() error
	Types(time.Time, time.Duration, url.URL, *url.URL, netip.Addr, error) error
	Recursive(*Node, Forest) error
	Own(private) error
	Chain(ctx context.Context, url *url.URL, string string, len int, err error) error
}

type Overlap interface {
	Dot() error
	Nothing() error
}

type private struct {
	a int
	b []private
	Alias
}

type Alias = struct{ X int }

type Node struct{ Next *Node }

type Forest []Forest

type Set[T comparable] = map[T]struct{}

//pingo:plugin
type Strings = Pair[Set[string], []string]

var ErrX = errors.New("x")
