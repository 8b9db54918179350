// Package dep is imported by other cases.
package dep

type Base interface{ Base() error }

type Dotted interface{ Dot() error }

type Pair[A, B any] interface{ Both(A) (B, error) }

type hidden struct{ A int }

type Exposes struct {
	H hidden
	P *hidden
}

type AliasOfHidden = hidden

// Contract has generated code, or seems to.
//
//pingo:plugin
type Contract interface{ Serve() error }

type ContractClient struct{}

func NewContractClient() {}
func RegisterContract()  {}

// Phantom has a type argument that is not exported.
type Phantom struct{ ID ID[[]hidden] }

type ID[T any] string

// Halved can be marshaled, but not unmarshaled.
type Halved struct{ n int }

func (Halved) MarshalBinary() ([]byte, error) { return nil, nil }
