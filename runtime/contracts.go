package pingo

import (
	"context"
	"slices"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/handshake"
)

// Contracts returns the contracts that the plugin has registered, as it described
// them when it started. They are shared and must not be changed. Contracts waits as
// [Plugin.Ready] does, and returns the same errors.
func (p *Plugin) Contracts(ctx context.Context) ([]codec.Contract, error) {
	s, err := p.running(ctx)
	if err != nil {
		return nil, p.of(err)
	}
	return slices.Clone(s.peer.Contracts), nil
}

// protocolText is in each program that serves, for who looks for it there: see
// package description.
const protocolText = "pingogen protocol " + handshake.VersionText + "\n"
