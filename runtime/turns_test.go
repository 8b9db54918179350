package pingo_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Callers take turns also where Go has one processor, as in a container that is allowed one: none of them goes on and on
// while the others wait for the processor.
func TestCallersTakeTurns(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			skipUnlessHas(t, transport)
			cfg, _ := setup(t, "lab")
			use(&cfg, transport)
			p := start(t, cfg)
			require.NoError(t, p.Ready(t.Context()))
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))

			const callers, each, atOnce = 8, 1000, 16
			var mu sync.Mutex
			last, row, alone := 0, 0, 0 // who called last, how often in a row, and how many calls were one of many in a row
			var wg sync.WaitGroup
			for caller := range callers {
				wg.Go(func() {
					for range each {
						if p.Call("Lab.Echo", "x", nil) != nil {
							return // the count tells
						}
						mu.Lock()
						if last != caller {
							last, row = caller, 0
						}
						if row++; row > atOnce {
							alone++
						}
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			require.NoError(t, p.Call("Lab.Echo", "x", nil))
			require.Less(t, alone, callers*each*3/4)
		})
	}
}
