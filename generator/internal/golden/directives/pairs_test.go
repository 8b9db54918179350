package directives

import (
	"context"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator/internal/golden/other"
	pingo "github.com/pingogen/pingogen/runtime"
)

// carries is a Pairs.
type carries struct{}

func (carries) Coin(_ context.Context, c other.Coin) (other.Coin, error) {
	if c.Text() == "swallow" {
		return other.Coin{}, nil
	}
	return c, nil
}

func (carries) Pointer(_ context.Context, c *other.Coin) (*other.Coin, error) { return c, nil }

func (carries) Many(_ context.Context, list []other.Coin, keys map[other.Coin]*other.Coin) (map[other.Coin]*other.Coin, error) {
	for i := range list {
		keys[list[i]] = &list[i]
	}
	return keys, nil
}

func (carries) Inside(_ context.Context, h Holds) (Holds, error) { return h, nil }

func (carries) Match(_ context.Context, re *regexp.Regexp, text string) (bool, error) {
	return re != nil && re.MatchString(text), nil
}

func (carries) Compiled(_ context.Context, re regexp.Regexp) (*regexp.Regexp, error) {
	if re.String() == "none" {
		return nil, nil
	}
	return &re, nil
}

func (carries) Guarded(_ context.Context, g *Guarded) (*Guarded, error) { return g, nil }

func (carries) Shape(_ context.Context, s Shape) (Shape, error) { return s, nil }

func (carries) Box(_ context.Context, b other.Box[int]) (other.Box[int], error) {
	return other.NewBox(b.Value() + 1), nil
}

func (carries) Token(_ context.Context, t other.Token) (other.Token, error) { return t, nil }

func (carries) File(_ context.Context, f *os.File) (string, error) {
	if f == nil {
		return "nil", nil
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	return string(text), err
}

// A pair wins over the descriptor: the file need not even be open.
func TestFileByPair(t *testing.T) {
	c := NewPairsClient(start(t))
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err)
	_, err = f.WriteString("text")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	got, err := c.File(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, "text", got)
	got, err = c.File(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, "nil", got)
}

func TestPairs(t *testing.T) {
	c := NewPairsClient(start(t))
	coin := other.NewCoin("heads")
	got, err := c.Coin(t.Context(), coin)
	require.NoError(t, err)
	require.Equal(t, coin, got)

	p, err := c.Pointer(t.Context(), &coin)
	require.NoError(t, err)
	require.Equal(t, &coin, p)
	p, err = c.Pointer(t.Context(), nil)
	require.NoError(t, err)
	require.Nil(t, p)

	tails := other.NewCoin("tails")
	all, err := c.Many(t.Context(), []other.Coin{coin}, map[other.Coin]*other.Coin{tails: nil})
	require.NoError(t, err)
	require.Equal(t, map[other.Coin]*other.Coin{coin: &coin, tails: nil}, all)

	h := Holds{Coin: coin, List: []*other.Coin{nil, &tails}, Foreign: other.Ticket{Coin: tails}, Mail: mail.Address{Name: "n", Address: "a"}}
	back, err := c.Inside(t.Context(), h)
	require.NoError(t, err)
	require.Equal(t, h, back)

	box, err := c.Box(t.Context(), other.NewBox(41))
	require.NoError(t, err)
	require.Equal(t, 42, box.Value())

	token, err := c.Token(t.Context(), other.NewToken("secret"))
	require.NoError(t, err)
	require.Equal(t, other.NewToken("hidden"), token, "the pair wins over the type's own methods")
}

func TestPairsOfPointers(t *testing.T) {
	c := NewPairsClient(start(t))
	ok, err := c.Match(t.Context(), regexp.MustCompile("^a+$"), "aaa")
	require.NoError(t, err)
	require.True(t, ok)
	ok, err = c.Match(t.Context(), nil, "aaa")
	require.NoError(t, err)
	require.False(t, ok)

	re, err := c.Compiled(t.Context(), *regexp.MustCompile("a|b"))
	require.NoError(t, err)
	require.Equal(t, "a|b", re.String())
	re, err = c.Compiled(t.Context(), *regexp.MustCompile("none"))
	require.NoError(t, err)
	require.Nil(t, re)

	g, err := c.Guarded(t.Context(), &Guarded{text: "kept"})
	require.NoError(t, err)
	require.Equal(t, "kept", g.text)
}

func TestPairsOfInterfaces(t *testing.T) {
	c := NewPairsClient(start(t))
	for _, shape := range []Shape{nil, Square(2), Rect{2, 3}} {
		got, err := c.Shape(t.Context(), shape)
		require.NoError(t, err)
		require.Equal(t, shape, got)
	}
}

func TestErrorsOfPairs(t *testing.T) {
	c := NewPairsClient(start(t))
	_, err := c.Coin(t.Context(), other.Coin{})
	require.ErrorContains(t, err, "Pairs.Coin")
	require.ErrorContains(t, err, "encode other.Coin: a coin without a text")
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))

	_, err = c.Coin(t.Context(), other.NewCoin("bad"))
	require.ErrorContains(t, err, "Pairs.Coin")
	require.ErrorContains(t, err, "decode other.Coin: a bad coin")
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))

	_, err = c.Coin(t.Context(), other.NewCoin("swallow"))
	require.ErrorContains(t, err, "Pairs.Coin")
	require.ErrorContains(t, err, "encode other.Coin: a coin without a text")
	require.Equal(t, pingo.Executed, pingo.FateOf(err))

	_, err = c.Match(t.Context(), regexp.MustCompile("nil"), "")
	require.ErrorContains(t, err, "decode *regexp.Regexp: the decoder returned nil")
}
