// Package directives has directives that do not parse, or stand where they do not apply.
package directives

//pingo:plugn
type A interface{ Do() error }

//pingo:plugin failure=explode
type B interface{ Do() error }

//pingo:plugin failure
type B2 interface{ Do() error }

//pingo:plugin fail=panic
type C interface{ Do() error }

// pingo:plugin
type D interface{ Do() error }

//pingo:plugin
type E struct{ A int }

//pingo:plugin
var F int

//pingo:plugin
const G = 1

//pingo:plugin
type (
	H interface{ Do() error }

	//pingo:plugin
	I interface{ Do() error }
)

//pingo:plugin
type J interface {
	//pingo:timeout 5s
	Slow() error
	//pingo:plugin
	Wrong() error
	//pingo:idempotant
	Typo() error
}

//pingo:oneway
type K interface{ Do() error }

//pingo:plugin

type L interface{ Do() error }

//pingo:plugin
//pingo:plugin
type M interface{ Do() error }

type N struct {
	//pingo:plugin
	Field int
}

func inside() {
	//pingo:plugin
	type local interface{ Do() error }
}

//pingo:value io/fs.FileInfo
type P interface{ Do() error }

// The pingo:plugin directive in prose is no mistake, nor is // pingo:plugin said in passing.
type Q interface{ Do() error }

//pingogen:plugin failure=zero
type R interface{ Do() error }

// NearlyDirectives have what Go takes for prose.
type NearlyDirectives interface {
	// pingo:timeout 500ms
	A() error
	// pingo:timout 1m30s
	B() error
	//Pingo:timeout 5s
	C() error
	//pingo timeout 5s
	D() error
	// pingo:timeout bounds a call, in prose
	F() error
	//pingo calls this first, in prose
	G() error
}
