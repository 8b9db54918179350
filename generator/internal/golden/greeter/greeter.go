// Package greeter is the contract of the README.
package greeter

import "context"

// Greeter greets people.
//
//pingo:plugin
type Greeter interface {
	// SayHello greets name.
	SayHello(ctx context.Context, name string) (string, error)
}
