// Package serves has constructors that are fine.
package serves

import "github.com/pingogen/pingogen/generator/internal/resolve/testdata/dep"

type impl struct{}

func (impl) Serve() error { return nil }
func (impl) Do() error    { return nil }

//pingo:plugin
type Doer interface{ Do() error }

// New constructs.
//
//pingo:plugin
func New() (impl, error) { return impl{}, nil }

var _ dep.Contract = impl{}
