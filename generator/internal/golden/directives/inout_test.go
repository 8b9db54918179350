package directives

import (
	"context"
	"errors"
	"io"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator/internal/golden/other"
)

// rows is a Rows.
type rows struct{}

func (rows) Next(dest []Cell) error {
	for i := range dest {
		if dest[i].Text == "keep" {
			return io.EOF
		}
		dest[i] = Cell{Text: "filled", Next: &Cell{Text: dest[i].Text}}
	}
	_ = append(dest, Cell{Text: "unseen"})
	return nil
}

func (rows) Update(_ context.Context, counts map[string]int, by int) (int, error) {
	if counts == nil {
		return -1, nil
	}
	maps.DeleteFunc(counts, func(_ string, n int) bool { return n == 0 })
	for key := range counts {
		counts[key] += by
	}
	counts["new"] = by
	return len(counts), nil
}

func (rows) Load(key string, into, missing *Cell) error {
	if missing != nil {
		return errors.New("not nil")
	}
	into.Text += key
	into = &Cell{Text: "unseen"}
	_ = into
	return nil
}

func (rows) Variadic(reply []byte, args ...int) (total int, err error) {
	for i := range args {
		total += args[i]
		args[i] = -args[i]
	}
	return total, errors.Join(nil, fillAll(reply))
}

func fillAll(b []byte) error {
	for i := range b {
		b[i] = 'x'
	}
	return nil
}

func (rows) Readers(readers []Reader) error {
	n, err := readers[0].Read()
	readers[1] = fixed(n + 1)
	return err
}

func (rows) Panic(dest []int) error {
	dest[0] = 1
	panic("after it was filled")
}

func (rows) Plain(dest []int) error {
	dest[0] = 1
	return nil
}

func (rows) Scanner(context.Context) (other.Scanner, error) { return scanner{}, nil }

func (rows) UseFiller(ctx context.Context, f Filler) error {
	words := []string{"a", "b"}
	if err := f.Fill(ctx, words); err != nil {
		return err
	}
	if words[1] != "filled" {
		return errors.New("not filled: " + words[1])
	}
	return nil
}

// fixed is a Reader.
type fixed int

func (f fixed) Read() (int, error) { return int(f), nil }

// scanner is an other.Scanner.
type scanner struct{}

func (scanner) Scan(dest []int, names map[string]string) error {
	dest[0], names["first"] = 7, "seven"
	return io.EOF
}

// filler is a Filler.
type filler struct{}

func (filler) Fill(_ context.Context, words []string) error {
	words[1] = "filled"
	return nil
}

func TestSliceIsFilled(t *testing.T) {
	c := NewRowsClient(start(t))
	dest := make([]Cell, 2, 3)
	dest[0].Text = "old"
	require.NoError(t, c.Next(dest))
	require.Equal(t, []Cell{{"filled", &Cell{Text: "old"}}, {"filled", &Cell{}}, {}}, dest[:3])

	dest = []Cell{{}, {Text: "keep"}}
	require.Equal(t, io.EOF, c.Next(dest), "the error is the method's own")
	require.Equal(t, []Cell{{"filled", &Cell{}}, {Text: "keep"}}, dest, "what was filled before it came back")
	require.NoError(t, c.Next(nil))
}

func TestMapIsFilled(t *testing.T) {
	c := NewRowsClient(start(t))
	counts := map[string]int{"gone": 0, "kept": 1}
	n, err := c.Update(t.Context(), counts, 2)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, map[string]int{"kept": 3, "new": 2}, counts)
	n, err = c.Update(t.Context(), nil, 2)
	require.NoError(t, err)
	require.Equal(t, -1, n)
}

func TestPointerIsFilled(t *testing.T) {
	c := NewRowsClient(start(t))
	into := Cell{Text: "k"}
	require.NoError(t, c.Load("ey", &into, nil))
	require.Equal(t, "key", into.Text)
}

func TestSeveralAreFilled(t *testing.T) {
	c := NewRowsClient(start(t))
	reply, args := []byte("ab"), []int{1, 2}
	total, err := c.Variadic(reply, args...)
	require.NoError(t, err)
	require.Equal(t, 3, total)
	require.Equal(t, "xx", string(reply))
	require.Equal(t, []int{-1, -2}, args)
}

func TestReferencesComeHome(t *testing.T) {
	c := NewRowsClient(start(t))
	readers := []Reader{fixed(1), nil}
	require.NoError(t, c.Readers(readers))
	require.Equal(t, fixed(1), readers[0], "it is the caller's own")
	n, err := readers[1].Read()
	require.NoError(t, err)
	require.Equal(t, 2, n)
}

func TestNothingIsFilledWithoutAReply(t *testing.T) {
	p := start(t)
	c := NewRowsClient(p)
	dest := []int{0}
	require.ErrorContains(t, c.Panic(dest), "after it was filled")
	require.Equal(t, []int{0}, dest)
	require.NoError(t, c.Plain(dest))
	require.Equal(t, []int{0}, dest, "there is no directive")

	p.Stop()
	counts, into, cells := map[string]int{"kept": 1}, Cell{Text: "kept"}, []Cell{{Text: "kept"}}
	_, err := c.Update(t.Context(), counts, 1)
	require.Error(t, err)
	require.Error(t, c.Load("", &into, nil))
	require.Error(t, c.Next(cells))
	require.Equal(t, map[string]int{"kept": 1}, counts)
	require.Equal(t, []Cell{{Text: "kept"}}, append(cells[:0:0], into))
	require.Equal(t, "kept", cells[0].Text)
}

func TestFilledThroughReferences(t *testing.T) {
	c := NewRowsClient(start(t))
	s, err := c.Scanner(t.Context())
	require.NoError(t, err)
	dest, names := []int{0}, map[string]string{}
	require.Equal(t, io.EOF, s.Scan(dest, names))
	require.Equal(t, []int{7}, dest)
	require.Equal(t, map[string]string{"first": "seven"}, names)
	require.NoError(t, c.UseFiller(t.Context(), filler{}))
}

// fillers is a Fillers.
type fillers struct{}

func (fillers) Fill(dest []int) { dest[0] = 1 }

func (fillers) Get(m map[int]int) int {
	m[1] = 2
	return m[0]
}

// zeroFillers is a ZeroFillers.
type zeroFillers struct{}

func (zeroFillers) Fill(p *int, fail bool) int {
	*p = 1
	if fail {
		panic("failed")
	}
	return 2
}

func TestFilledWithoutErrors(t *testing.T) {
	p := start(t)
	c, zero := NewFillersClient(p), NewZeroFillersClient(p)
	dest, m, n := []int{0}, map[int]int{0: 3}, 0
	c.Fill(dest)
	require.Equal(t, []int{1}, dest)
	require.Equal(t, 3, c.Get(m))
	require.Equal(t, map[int]int{0: 3, 1: 2}, m)
	require.Zero(t, zero.Fill(&n, true))
	require.Zero(t, n)
	require.Equal(t, 2, zero.Fill(&n, false))
	require.Equal(t, 1, n)

	p.Stop()
	require.Panics(t, func() { c.Fill(dest) })
	require.Zero(t, zero.Fill(&n, false))
	require.Equal(t, 1, n)
}
