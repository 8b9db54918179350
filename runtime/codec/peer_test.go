package codec

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// releases is a Peer of which nothing is asked but to count.
type releases struct {
	Peer
	imported int
	mu       sync.Mutex // the collector releases, too; protects following
	released []uint64
}

func (p *releases) Import(n int) { p.imported += n }

func (p *releases) Release(id uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.released = append(p.released, id)
}

// A message that was rewritten for another version mentions fewer references, in another order.
func TestReplacedMessage(t *testing.T) {
	p := &releases{}
	var d Decoder
	d.Reset([]byte("whatever came"), false)
	d.Attach(p, []uint64{1, 2, 3}, nil)
	d.Replace([]byte{referenceNew, 3, referenceNil, referenceNew, 1})
	third, _ := d.reference()
	none, _ := d.reference()
	first, _ := d.reference()
	require.NoError(t, d.Message(&Nothing{}))
	require.Equal(t, []uint64{3, 1}, []uint64{third.id, first.id})
	require.Nil(t, none)
	require.Empty(t, p.released)
	d.ReleaseUnclaimed()
	require.Equal(t, []uint64{2}, p.released)
	require.Equal(t, []uint64{3, 1}, d.Claimed())
	runtime.KeepAlive([]*Reference{third, first})
}

func TestBuiltinIsNil(t *testing.T) {
	var f func()
	var c chan int
	var i error
	require.True(t, BuiltinIsNil(f) && BuiltinIsNil(c) && BuiltinIsNil(i))
	require.False(t, BuiltinIsNil(func() {}) || BuiltinIsNil(errFill))
}
