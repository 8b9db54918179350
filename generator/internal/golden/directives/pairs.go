package directives

import (
	"context"
	"errors"
	"net/mail"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/pingogen/pingogen/generator/internal/golden/other"
)

// Pairs passes types that its package carries.
//
//pingo:plugin
type Pairs interface {
	Coin(ctx context.Context, t other.Coin) (other.Coin, error)
	Pointer(ctx context.Context, t *other.Coin) (*other.Coin, error)
	Many(ctx context.Context, list []other.Coin, keys map[other.Coin]*other.Coin) (map[other.Coin]*other.Coin, error)
	Inside(ctx context.Context, h Holds) (Holds, error)
	Match(ctx context.Context, re *regexp.Regexp, text string) (bool, error)
	Compiled(ctx context.Context, re regexp.Regexp) (*regexp.Regexp, error)
	Guarded(ctx context.Context, g *Guarded) (*Guarded, error)
	Shape(ctx context.Context, s Shape) (Shape, error)
	Box(ctx context.Context, b other.Box[int]) (other.Box[int], error)
	Token(ctx context.Context, t other.Token) (other.Token, error)
	File(ctx context.Context, f *os.File) (string, error)
}

// Holds has a type that is carried in its fields, one of them of another package.
type Holds struct {
	other.Coin
	List    []*other.Coin
	Foreign other.Ticket
	Mail    mail.Address // which is carried by its fields
}

// Guarded must not be copied.
type Guarded struct {
	mu   sync.Mutex
	text string
}

// Shape is one of several types.
type Shape interface{ Area() float64 }

// Square and Rect are Shapes.
type (
	Square float64
	Rect   struct{ w, h float64 }
)

func (s Square) Area() float64 { return float64(s * s) }
func (r Rect) Area() float64   { return r.w * r.h }

//pingo:codec
func encodeCoin(t other.Coin) ([]byte, error) {
	if t.Text() == "" {
		return nil, errors.New("a coin without a text")
	}
	return []byte(t.Text()), nil
}

//pingo:codec
func decodeCoin(b []byte) (other.Coin, error) {
	if string(b) == "bad" {
		return other.Coin{}, errors.New("a bad coin")
	}
	return other.NewCoin(string(b)), nil
}

//pingo:codec
func encodeRegexp(re *regexp.Regexp) ([]byte, error) { return []byte(re.String()), nil }

//pingo:codec
func decodeRegexp(b []byte) (*regexp.Regexp, error) {
	if string(b) == "nil" {
		return nil, nil
	}
	return regexp.Compile(string(b))
}

//pingo:codec
func encodeGuarded(g *Guarded) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return []byte(g.text), nil
}

//pingo:codec
func decodeGuarded(b []byte) (*Guarded, error) { return &Guarded{text: string(b)}, nil }

// EncodeShape writes the sides of a shape.
//
//pingo:codec
func EncodeShape(s Shape) ([]byte, error) {
	switch s := s.(type) {
	case Square:
		return strconv.AppendFloat(nil, float64(s), 'g', -1, 64), nil
	case Rect:
		return []byte(strconv.FormatFloat(s.w, 'g', -1, 64) + "x" + strconv.FormatFloat(s.h, 'g', -1, 64)), nil
	case nil:
		return nil, nil
	}
	return nil, errors.New("an unknown shape")
}

// DecodeShape is its inverse.
//
//pingo:codec
func DecodeShape(b []byte) (Shape, error) {
	if len(b) == 0 {
		return nil, nil
	}
	first, second, two := strings.Cut(string(b), "x")
	w, err := strconv.ParseFloat(first, 64)
	if err != nil || !two {
		return Square(w), err
	}
	h, err := strconv.ParseFloat(second, 64)
	return Rect{w, h}, err
}

//pingo:codec
func encodeBox(b other.Box[int]) ([]byte, error) {
	return strconv.AppendInt(nil, int64(b.Value()), 10), nil
}

//pingo:codec
func decodeBox(b []byte) (other.Box[int], error) {
	n, err := strconv.Atoi(string(b))
	return other.NewBox(n), err
}

// encodeToken hides a token, whose own method would not.
//
//pingo:codec
func encodeToken(other.Token) ([]byte, error) { return nil, nil }

//pingo:codec
func decodeToken([]byte) (other.Token, error) { return other.NewToken("hidden"), nil }

// Files travel by their names here.
//
//pingo:codec
func encodeFile(f *os.File) ([]byte, error) { return []byte(f.Name()), nil }

//pingo:codec
func decodeFile(name []byte) (*os.File, error) { return os.Open(string(name)) }
