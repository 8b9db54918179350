package pingo

import (
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/watch"
)

// What is found while another swap is under way is swapped in after it, however long that takes, unless
// that has put something else in its place, or the same.
func TestWatchWaitsForAnotherSwap(t *testing.T) {
	noTransport(t)
	here, err := os.Executable()
	require.NoError(t, err)
	old, found := &watch.Sighting{Path: here}, watch.Look(here, "")
	for name, meanwhile := range map[string]*watch.Sighting{"found in vain": nil, "the same": watch.Look(here, ""), "another": {Path: "there"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := New(Config{Path: here, Transport: "unix", ErrorHandler: discard{}})
				p.started = true
				p.program.Store(old)
				p.swapping <- struct{}{}
				result := make(chan error, 1)
				go func() {
					_, err := p.renew(found)
					result <- err
				}()
				time.Sleep(24 * time.Hour)
				synctest.Wait()
				require.Empty(t, result)
				if meanwhile != nil {
					p.program.Store(meanwhile)
				}
				<-p.swapping
				if err := <-result; meanwhile != nil {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, "no transport today", "it was tried")
				}
				require.Empty(t, p.swapping)
			})
		})
	}
}
