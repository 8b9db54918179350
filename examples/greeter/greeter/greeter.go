// Package greeter is the contract between the host and its plugins.
package greeter

import "context"

//go:generate go tool pingogen

// Greeter greets people.
//
//pingo:plugin
type Greeter interface {
	// SayHello returns a greeting for name.
	SayHello(ctx context.Context, name string) (string, error)
}
