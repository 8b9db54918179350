package pingo

import (
	"fmt"

	"github.com/pingogen/pingogen/runtime/internal/handshake"
)

// FailSetUp makes the set-up of some transports fail until restore is called.
func FailSetUp(kinds ...string) (restore func()) {
	newOffer = func(kind, dir string) (*handshake.Offer, error) {
		for _, k := range kinds {
			if k == kind {
				return nil, fmt.Errorf("no %s today", kind)
			}
		}
		return handshake.NewOffer(kind, dir)
	}
	return func() { newOffer = handshake.NewOffer }
}
