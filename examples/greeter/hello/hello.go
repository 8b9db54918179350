// Package hello greets in English. It knows nothing of plugins.
package hello

import (
	"context"
	"errors"

	"github.com/pingogen/pingogen/examples/greeter/greeter"
)

//go:generate go tool pingogen main -o ../cmd/hello-plugin

// Hello is a greeter.Greeter.
type Hello struct{}

var _ greeter.Greeter = (*Hello)(nil)

// New returns a Hello.
//
//pingo:plugin
func New() *Hello { return &Hello{} }

// SayHello greets name.
func (*Hello) SayHello(_ context.Context, name string) (string, error) {
	if name == "" {
		return "", errors.New("nobody to greet")
	}
	return "Hello, " + name, nil
}
