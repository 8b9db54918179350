package other

// Coin has nothing that could travel by itself.
type Coin struct{ text string }

// NewCoin returns a Coin.
func NewCoin(text string) Coin { return Coin{text} }

// Text returns its text.
func (t Coin) Text() string { return t.text }

// Ticket has a Coin in a field.
type Ticket struct{ Coin Coin }

// Box hides a value.
type Box[T any] struct{ value T }

// NewBox returns a Box.
func NewBox[T any](value T) Box[T] { return Box[T]{value} }

// Value returns what is in it.
func (b Box[T]) Value() T { return b.value }

// Scanner fills its arguments.
type Scanner interface {
	Scan(dest []int, _ map[string]string) error
}
