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

func (p *releases) Import(n int) error { p.imported += n; return nil }

func (p *releases) Release(id, _ uint64) {
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

// keeper is a Peer that keeps one value, and counts what comes home.
type keeper struct {
	releases
	came []uint64
	home []uint64 // of each Release
}

func (p *keeper) ComeHome(id uint64) (any, bool) {
	p.came = append(p.came, id)
	return "mine", id == 1
}

func (p *keeper) Release(id, home uint64) {
	p.releases.Release(id, home)
	p.home = append(p.home, home)
}

// Every message that brings something home counts, whatever is decoded of it.
func TestWhatComesHomeCounts(t *testing.T) {
	for _, c := range []struct {
		msg     string
		numbers []uint64
		want    string
		err     string
	}{
		{"\x02\x01", []uint64{1 | comesHome}, "mine", ""},
		{"\x00", []uint64{1 | comesHome}, "", ""},
		{"\x02\x02", []uint64{2 | comesHome}, "", "reference 2 comes home, but this side does not keep it"},
		{"\x02\x01", []uint64{1}, "", "reference 1 is not among those that came with the message"},
		{"\x02\x01", nil, "", "reference 1 is not among those that came with the message"},
		{"\x01\x81\x80\x80\x80\x80\x80\x80\x80\x80\x01", []uint64{1 | comesHome}, "", "reference 9223372036854775809 is none"},
	} {
		p := &keeper{}
		var d Decoder
		d.Reset([]byte(c.msg), false)
		d.Attach(p, c.numbers, nil)
		r, v := d.reference()
		d.ReleaseUnclaimed()
		require.Nil(t, r)
		if c.want != "" {
			require.Equal(t, c.want, v)
		}
		if c.err == "" {
			require.NoError(t, d.Err())
		} else {
			require.ErrorContains(t, d.Err(), c.err)
		}
		for _, number := range c.numbers {
			if id, home := Home(number); home {
				require.Equal(t, []uint64{id}, p.came, "once")
				require.Zero(t, p.imported)
			} else {
				require.Equal(t, []uint64{id}, p.released)
				require.Equal(t, 1, p.imported)
			}
		}
	}
}

// Release counts the messages that have left, and waits for those that may.
func TestReleaseCountsWhatWentHome(t *testing.T) {
	p := &keeper{}
	r := newReference(p, 7, nil)
	mention := func() *Encoder {
		e := &Encoder{}
		e.Attach(p)
		EncodeInterface(e, false, nil, r, nil)
		require.NoError(t, e.Err())
		require.Equal(t, []uint64{7 | comesHome}, e.Numbers())
		return e
	}
	mention().Sent()
	mention().Unexport()
	first, second, third := mention(), mention(), mention()
	first.Sent()
	r.Release()
	r.Release()
	second.Unexport()
	require.Empty(t, p.released)
	var late Encoder
	late.Attach(p)
	EncodeInterface(&late, false, nil, r, nil)
	require.ErrorIs(t, late.Err(), ErrReleased)
	late.Unexport()
	require.Empty(t, p.released)
	third.Sent()
	third.Sent()
	require.Equal(t, []uint64{7}, p.released)
	require.Equal(t, []uint64{3}, p.home)
}

func TestBuiltinIsNil(t *testing.T) {
	var f func()
	var c chan int
	var i error
	require.True(t, BuiltinIsNil(f) && BuiltinIsNil(c) && BuiltinIsNil(i))
	require.False(t, BuiltinIsNil(func() {}) || BuiltinIsNil(errFill))
}
