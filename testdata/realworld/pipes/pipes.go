// Package pipes has connections in a plugin, which the suite of
// golang.org/x/net/nettest is run on.
package pipes

import (
	"context"
	"net"
)

//go:generate go tool pingogen

// Pipes makes connections. Addresses have no errors: they are zero if the plugin
// is gone.
//
//pingo:plugin failure=zero
type Pipes interface {
	// Pipe returns the two ends of a connection.
	Pipe(ctx context.Context, kind string) (net.Conn, net.Conn, error)
}
