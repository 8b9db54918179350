// Package cgo uses C.
package cgo

// typedef struct { int a; } thing;
import "C"

//pingo:plugin
type Store interface {
	Put(n C.int, t *C.thing) error
	Held(h Holder) error
	Fine(n int) error
}

type Holder struct{ T C.thing }
