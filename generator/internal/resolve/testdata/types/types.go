// Package types mentions each kind of type that cannot travel.
package types

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"sync"
	"time"
	"unsafe"

	"github.com/pingogen/pingogen/generator/internal/resolve/testdata/dep"
)

//pingo:plugin
type Store interface {
	Chan(c chan int) error
	Func(f func()) error
	Pointer(p unsafe.Pointer) error
	Address(p uintptr) error
	Any(v any) error
	Interface(r io.Reader) error
	InlineInterface(r interface{ Foo() }) error
	Result() (<-chan int, error)
	Unnamed(int, []map[string]*chan int) error
	Blank(_ func()) error
	Variadic(more ...func()) error
	Deep(m map[string][]*struct{ A, B func() }) error
	Put(item Item) error
	PutAgain(items []*Item) error
	Foreign(r http.Request) error
	Foreign2(r http.Request) error
	Expr(re *regexp.Regexp) error
	LateContext(name string, ctx context.Context) error
	ContextResult() (context.Context, error)
	ContextInside(v Holder) error
	Copied(v Locked) error
	CopiedSlice(v []Locked) error
	Fine(v *Locked, w Skipping) error
	PointerKey(m map[*int]int) error
	StructKey(m map[Key]int) error
	ErrorKey(m map[error]int) error
	InterfaceKey(m map[any]int) error
	TimeAlias(t Moment) error
	Promoted(e Event) error
	Half(h http.Cookie, i Halved, j dep.Halved) error
	Tree(t Tree) error
	Generic(b Box[chan int]) error
	Phantom(id ID[func()], other ID[Callback]) error
	PhantomDeep(id ID[map[string][]*struct{ C [2]ID[chan int] }]) error
	PhantomBehind(id ID[struct{ _ int }]) error
	PhantomHidden(p dep.Phantom) error
	Behind(v struct {
		A int
		F func() `pingo:"-"`
	}) error
	Gap(v []struct{ _ int }) error
	Named(v Behind) error
}

type Item struct {
	Name string
	mu   sync.Mutex
	Sub  struct{ Ch chan int }
}

type Holder struct {
	ctx context.Context
}

type Locked struct {
	mu   sync.Mutex `pingo:"-"`
	Name string
}

type Skipping struct {
	F func() `pingo:"-"`
	_ chan int
	A int
}

type Key struct{ P *int }

type Moment = time.Time

type Behind = struct {
	F func() `pingo:"-"`
}

// Event would lose its name if it travelled by the methods of time.Time.
type Event struct {
	time.Time
	Name string
}

type Halved struct{ ch chan int }

func (Halved) MarshalText() ([]byte, error) { return nil, nil }

type Tree struct {
	Left, Right *Tree
	Visit       func(*Tree)
}

type Box[T any] struct{ Value T }

type ID[T any] string

type Callback func()
