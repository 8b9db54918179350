// Package optionaldep has interfaces that embed others of the package.
package optionaldep

type Base interface{ Do() error }

// Falls has a function that does the same.
type Falls interface {
	Base
	Sum(parts ...int) (int, error)
}

func Sum(b Base, parts ...int) (int, error) { return 0, b.Do() }

// Exact has a function of the name that does something else.
type Exact interface {
	Base
	Size() (int, error)
}

func Size(b Base, more int) (int, error) { return more, b.Do() }

// Unsendable cannot travel, Silent has no error, Again is there twice, Reader
// is streamed, Sealed is nobody else's: all of them are left out.
type Unsendable interface {
	Base
	Address(p uintptr) error
}

type Silent interface {
	Base
	Len() int
}

type TwiceAgain interface {
	Base
	Size() (int64, error)
}

type Reader interface {
	Base
	Read(p []byte) (int, error)
}

type Sealed interface {
	Base
	sealed() error
}

type Box interface {
	Base
	Value() (hidden, error)
}

type hidden interface {
	Base
	Hidden() error
}

// Unrelated has the method, but does not embed.
type Unrelated interface {
	Do() error
	Other() error
}

// Many has more than there are proxies for.
type Many interface{ Do() error }

type Many1 interface {
	Many
	One() error
}

type Many2 interface {
	Many
	Two() error
}

type Many3 interface {
	Many
	Three() error
}

type Many4 interface {
	Many
	Four() error
}
