// Package constructors has functions that construct implementations, well and badly.
package constructors

import (
	"context"
	"net/netip"
	"time"

	"github.com/pingogen/pingogen/generator/internal/resolve/testdata/dep"
)

type impl struct{}

func (*impl) Serve() error { return nil }
func (*impl) Do() error    { return nil }

//pingo:plugin
type Doer interface{ Do() error }

//pingo:plugin
func New() *impl { return nil }

//pingo:plugin
func NewWith(ctx context.Context, c *Config) (*impl, error) { return nil, nil }

// Config configures.
type Config struct {
	CacheSize int
	HTTPPort  uint
	Wait      time.Duration // how long
	Addr      netip.Addr
	Skipped   func() `pingo:"-"`
	Bad       []string
	HttpPort  uint
	unseen    chan int
}

//pingo:plugin
func hidden() *impl { return nil }

//pingo:plugin
func NewNothing() {}

//pingo:plugin
func NewError() error { return nil }

//pingo:plugin
func NewOdd(n int) *impl { return nil }

//pingo:plugin
func NewMany(c ...Config) *impl { return nil }

//pingo:plugin
func (*impl) Method() *impl { return nil }

var _ dep.Contract = New()
