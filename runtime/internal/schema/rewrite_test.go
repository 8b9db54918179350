package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

// planOf plans parameters for parameters.
func planOf(t testing.TB, writer, reader []string) *Plan {
	plan, mismatches := Arguments(New(contract(writer...), "there"), New(contract(reader...), "here"), "M")
	require.Empty(t, mismatches)
	require.NotNil(t, plan)
	return plan
}

func TestRewriteRefuses(t *testing.T) {
	list := planOf(t, []string{"(l []Octet, n *uint8, e error, dropped bool) ()", "Octet = uint8"}, []string{"(l []int, n *int, e error) ()"})
	for _, c := range []struct{ msg, want string }{
		{"", "at byte 0 of 0: message ends early"},
		{"\x03\x01", "at byte 1 of 2: message ends early"},
		{"\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "at byte 1 of 12: malformed varint"},
		{"\x02\x80\x02", "at byte 3 of 3: 256 does not fit uint8"},
		{"\x00\x02", "at byte 2 of 2: a pointer is neither nil nor not"},
		{"\x00\x00\x6e", "unknown kind of error"},
		{"\x00\x00\x00", "at byte 3 of 3: message ends early"},
	} {
		_, err := list.Rewrite([]byte(c.msg), 100)
		require.ErrorContains(t, err, c.want, "%q", c.msg)
	}
	got, err := list.Rewrite([]byte("\x02\x7f\x01\x80\x01\x00\x01"), 100)
	require.NoError(t, err)
	require.Equal(t, "\x02\xfe\x01\x01\x80\x02\x00", string(got))
}

// A few bytes can ask for many zeros.
func TestRewriteKeepsTheLimit(t *testing.T) {
	plan := planOf(t, []string{"(l []struct{}) ()"}, []string{"(l []struct{A [1000]byte}) ()"})
	msg := append([]byte{101}, make([]byte, 100)...)
	got, err := plan.Rewrite(msg, 1+100*1000)
	require.NoError(t, err)
	require.Len(t, got, 1+100*1000)
	_, err = plan.Rewrite(msg, 100*1000)
	require.ErrorContains(t, err, "the message becomes larger than the limit of 100000 bytes")
}

func TestRewriteKeepsTheDepth(t *testing.T) {
	tree := []string{"(t Tree) ()", "Tree = struct{Next *Tree; N uint8}"}
	plan := planOf(t, tree, []string{"(t Tree) ()", "Tree = struct{N int; Next *Tree}"})
	deep := func(n int) []byte { return []byte(strings.Repeat("\x01", n) + "\x00" + strings.Repeat("\x07", n+1)) }
	got, err := plan.Rewrite(deep(900), 1<<20)
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("\x0e\x01", 900)+"\x0e\x00", string(got))
	_, err = plan.Rewrite(deep(1<<20), 1<<20)
	require.ErrorContains(t, err, "value nested too deep")
}

func TestRewriteReferences(t *testing.T) {
	plan := planOf(t, []string{"(a func(), b func(), n uint8, c <-chan int) ()"}, []string{"(c <-chan int, n int, a func(), x interface{Close() error}) ()"})
	got, err := plan.Rewrite([]byte("\x01\x80\x01\x02\x05\x07\x00"), 100)
	require.NoError(t, err)
	require.Equal(t, "\x00\x0e\x01\x80\x01\x00", string(got))
	optional := "\x03\x09\x02\x04Stat\x04Size"
	got, err = plan.Rewrite([]byte(optional+"\x00\x07\x00"), 100)
	require.NoError(t, err)
	require.Equal(t, "\x00\x0e"+optional+"\x00", string(got))
	for _, short := range []string{"\x03", "\x03\x09\x01", "\x03\x09\xff\xff\x03\x01a", "\x03\x09\x01\x05Stat"} {
		_, err = plan.Rewrite([]byte(short), 100)
		require.ErrorContains(t, err, "message ends early")
	}
	descriptor := "\x04\x09\x04name"
	got, err = plan.Rewrite([]byte(descriptor+"\x00\x07\x00"), 100)
	require.NoError(t, err)
	require.Equal(t, "\x00\x0e"+descriptor+"\x00", string(got))
	for _, short := range []string{"\x04", "\x04\x09\x05name"} {
		_, err = plan.Rewrite([]byte(short), 100)
		require.ErrorContains(t, err, "message ends early")
	}
	_, err = plan.Rewrite([]byte("\x05\x01"), 100)
	require.ErrorContains(t, err, "a reference of an unknown kind")
}

// FuzzRewrite reads anything that a peer may send, described as it likes.
func FuzzRewrite(f *testing.F) {
	own := contract("(items []Item, n *Node, m map[string]float64) ()",
		"Item = struct{Key string; Size int; When time.Time; More [3]Small}", "Small = struct{A int8; E error; V any; R slog.Record}",
		"Node = struct{Next *Node; Item Item; Nodes []Node}")
	f.Add("(n *Node, items []Item) ()", "Item", "struct{Size uint8; Key string; E error}", "Node", "struct{Old []Item; Next *Node; Item Item}",
		[]byte("\x01\x02\x01\x01a\x00\x00\x01\x01a\x00\x02\x01\x00\x00"))
	f.Add("(n *T, m map[string]float32) ()", "T", "struct{Next *T; Item struct{More [3]struct{A int8}}}", "U", "int", []byte("\x00\x02\x01a\x00\x00\x80\x3f"))
	f.Fuzz(func(t *testing.T, signature, name1, definition1, name2, definition2 string, msg []byte) {
		theirs := contract(signature, name1+" = "+definition1, name2+" = "+definition2)
		plan, _ := Arguments(New(theirs, ""), New(own, ""), "M")
		if plan == nil {
			return
		}
		out, err := plan.Rewrite(msg, 1<<16)
		require.True(t, (out == nil) == (err != nil))
		require.LessOrEqual(t, len(out), 1<<16)
	})
}

// BenchmarkRewrite is what a plan adds to a message: 20 items of which each has lost a field and got one.
func BenchmarkRewrite(b *testing.B) {
	plan := planOf(b,
		[]string{"(items []Item) ()", "Item = struct{Key string; Value []byte; Labels map[string]string; Old int}"},
		[]string{"(items []Item) ()", "Item = struct{Key string; New bool; Value []byte; Labels map[string]string}"})
	var e codec.Encoder
	codec.EncodeSlice(&e, make([]int, 20), func(e *codec.Encoder, i int) {
		e.String("a key of some length")
		e.Bytes(make([]byte, 100))
		codec.EncodeMap(e, map[string]string{"colour": "green"}, (*codec.Encoder).String, (*codec.Encoder).String)
		e.Int(i)
	})
	b.SetBytes(int64(len(e.Buffer())))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := plan.Rewrite(e.Buffer(), 1<<20); err != nil {
			b.Fatal(err)
		}
	}
}
