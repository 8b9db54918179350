package codec

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// optionalService serves an fs.FS, or what may be one.
func optionalService(v fs.FS) *Service {
	h := func(context.Context, *Decoder, *Encoder) error { return nil }
	s := &Service{Contract: &Contract{Name: "FS", Methods: MethodsNamed("Lstat", "Open", "ReadDir", "ReadLink")}, Handlers: []Handler{h, h, h, h}}
	Optional[fs.ReadDirFS](s, v, "ReadDir")
	Optional[fs.ReadLinkFS](s, v, "Lstat", "ReadLink")
	return s
}

func TestOptional(t *testing.T) {
	all := optionalService(fstest.MapFS{})
	require.Same(t, all, all.Served())
	require.NotNil(t, all.Handler([]byte("Lstat")))

	some := optionalService(struct{ fs.ReadDirFS }{fstest.MapFS{}})
	require.Nil(t, some.Handler([]byte("Lstat")))
	require.NotNil(t, some.Handler([]byte("ReadDir")))
	served := some.Served()
	require.Equal(t, MethodsNamed("Open", "ReadDir"), served.Contract.Methods)
	require.Len(t, served.Handlers, 2)
	require.Len(t, some.Contract.Methods, 4, "others share it")
	require.Same(t, served, served.Served())
}

// exporter is a Peer that gives numbers, and calls nothing.
type exporter struct {
	releases
	exports int
}

func (p *exporter) Export(any, *Service) (uint64, error) {
	p.exports++
	return uint64(p.exports), nil
}

func TestReferenceSaysWhatItHas(t *testing.T) {
	p := &exporter{}
	var e Encoder
	e.Attach(p)
	for _, v := range []fs.FS{fstest.MapFS{}, struct{ fs.ReadDirFS }{fstest.MapFS{}}, struct{ fs.FS }{fstest.MapFS{}}} {
		EncodeInterface(&e, false, v, nil, func() *Service { return optionalService(v) })
	}
	require.NoError(t, e.Err())
	var d Decoder
	d.Reset(e.Buffer(), false)
	d.Attach(p, e.Exports(), nil)
	var refs []*Reference
	for range 3 {
		r, _ := d.reference()
		refs = append(refs, r)
	}
	require.NoError(t, d.Message(&Nothing{}))
	require.True(t, refs[0].Has("ReadDir") && refs[0].Has("Lstat", "ReadLink"))
	require.True(t, refs[1].Has("ReadDir"))
	require.False(t, refs[1].Has("Lstat", "ReadLink") || refs[1].Has("ReadDir", "Lstat"))
	require.False(t, refs[2].Has("ReadDir"))
	err := refs[2].CallOptional(t.Context(), "ReadDir", &Nothing{}, &Nothing{}) // which would panic if it called
	require.True(t, Lacks(err))
	require.ErrorContains(t, err, "the value has no method ReadDir")
}

func TestReferenceWithTooManyMethods(t *testing.T) {
	for _, c := range []struct{ msg, want string }{
		{"\x03\x01\x41" + strings.Repeat("\x00", 65), "a reference with 65 optional methods; 64 are allowed"},
		{"\x03\x01\x01\x7fabc", "ends early"},
		{"\x03\x01\x02\x01a", "ends early"},
		{"\x03\x02\x01\x01a", "reference 2 is not among those that came with the message"},
	} {
		p := &releases{}
		var d Decoder
		d.Reset([]byte(c.msg), false)
		d.Attach(p, []uint64{1}, nil)
		r, home := d.reference()
		require.ErrorContains(t, d.Err(), c.want)
		require.Nil(t, r)
		require.Nil(t, home)
		d.ReleaseUnclaimed()
		require.Equal(t, []uint64{1}, p.released)
	}
}
