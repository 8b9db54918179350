package directives

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// plain is the version of Rows in which nothing is filled.
func plain(name string) *codec.Contract {
	return &codec.Contract{
		Name: name, Package: rowsContract.Package, Types: rowsContract.Types,
		Methods: []codec.Method{{Name: "Next", Signature: "(dest []Cell) ()", Fingerprint: 1}},
	}
}

// registerPlain serves it by the name of PlainRows.
func registerPlain() {
	next := func(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
		var args rowsNextArgs
		args.Decode(dec)
		if err := dec.End(); err != nil {
			return err
		}
		enc.Message(&codec.Nothing{})
		return rows{}.Next(args.dest)
	}
	pingo.Register(&codec.Service{Contract: plain("PlainRows"), Handlers: []codec.Handler{next}})
}

func TestCallerOfAVersionThatFillsNothing(t *testing.T) {
	c := pingo.Bind(start(t), plain("Rows"))
	err := c.CallContext(t.Context(), "Rows.Next", &rowsNextArgs{dest: make([]Cell, 2)}, &codec.Nothing{})
	require.NoError(t, err, "what it does not know of is left out")
}

func TestCalleeOfAVersionThatFillsNothing(t *testing.T) {
	today := rowsContract
	today.Name = "PlainRows"
	c := pingo.Bind(start(t), &today)
	dest := []Cell{{Text: "kept"}}
	var reply rowsNextReply
	require.NoError(t, c.CallContext(t.Context(), "PlainRows.Next", &rowsNextArgs{dest: dest}, &reply))
	require.Nil(t, reply.dest)
	codec.FillSlice(dest, reply.dest)
	require.Equal(t, "kept", dest[0].Text)
}

// older is the version of Listing whose entries know less.
func older() *codec.Contract {
	return &codec.Contract{
		Name: "Listing", Package: listingContract.Package,
		Methods: []codec.Method{{Name: "Stat", Signature: "(name string) (fs.FileInfo)", Fingerprint: 1}},
		Types:   []codec.Type{{Name: "fs.FileInfo", Definition: "*struct{Size int64; Name string; Inode uint64}"}},
	}
}

// olderReply decodes what it knows.
type olderReply struct {
	there bool
	size  int64
	name  string
	inode uint64
}

func (*olderReply) Encode(*codec.Encoder) {}

func (r *olderReply) Decode(d *codec.Decoder) {
	if r.there = d.Bool(); r.there {
		r.size, r.name, r.inode = d.Int64(), d.String(), d.Uint64()
	}
}

func TestSnapshotOfAnotherVersion(t *testing.T) {
	c := pingo.Bind(start(t), older())
	var reply olderReply
	require.NoError(t, c.CallContext(t.Context(), "Listing.Stat", &listingStatArgs{name: "dir/a.txt"}, &reply))
	require.Equal(t, olderReply{there: true, size: 3, name: "a.txt"}, reply)
	require.NoError(t, c.CallContext(t.Context(), "Listing.Stat", &listingStatArgs{name: ""}, &reply))
	require.False(t, reply.there)
}
