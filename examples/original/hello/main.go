// Hello is a plugin with a hand-written object: any type whose methods obey
// the rules of net/rpc will do, and nothing is generated.
package main

import (
	"log"

	pingo "github.com/pingogen/pingogen/runtime"
)

// Plugin is the object that the host calls.
type Plugin struct{}

// SayHello greets name.
func (*Plugin) SayHello(name string, msg *string) error {
	*msg = "Hello, " + name
	return nil
}

func main() {
	pingo.Register(&Plugin{})
	log.Fatal(pingo.Run())
}
