package conn

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/frame"
)

func TestCallsAreFoundByTheirNumbers(t *testing.T) {
	cs := newCalls()
	known := map[uint64]*call{}
	var numbers []uint64 // of known
	last := uint64(0)
	add := func() {
		c := &call{}
		cs.add(c)
		require.Greater(t, c.id, last)
		last = c.id
		known[c.id] = c
		numbers = append(numbers, c.id)
	}
	remove := func(i int) {
		c := known[numbers[i]]
		cs.remove(c)
		cs.remove(c)
		require.Nil(t, cs.get(c.id))
		delete(known, c.id)
		numbers[i] = numbers[len(numbers)-1]
		numbers = numbers[:len(numbers)-1]
	}
	check := func() {
		require.Equal(t, len(known), cs.n)
		for id, c := range known {
			require.Same(t, c, cs.get(id))
		}
		found := 0
		for c := range cs.all {
			require.Same(t, known[c.id], c)
			found++
		}
		require.Equal(t, len(known), found)
		require.Nil(t, cs.get(last+1))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, most := range []int{3, 100, 5000, 20} {
		for range 20_000 {
			if len(numbers) < most && random.IntN(2) == 0 {
				add()
			} else if len(numbers) > 0 && random.IntN(most) < len(numbers) { // those at the front stay for long
				remove(len(numbers) - 1 - random.IntN(min(len(numbers), 10)))
			}
		}
		check()
	}
	for len(numbers) > 0 {
		remove(0)
	}
	check()
	require.Len(t, cs.table, minTable)
	require.Less(t, last, uint64(200_000), "few numbers are left out")
}

// A number that was left out is not that of a call which has had its reply.
func TestReplyToANumberThatWasLeftOut(t *testing.T) {
	c, peer := scripted(t, Config{})
	var first sync.WaitGroup
	defer first.Wait()
	for id := uint64(1); id <= minTable+2; id++ {
		if id == minTable+1 { // has the place of the first
			continue
		}
		over := make(chan struct{})
		first.Go(func() {
			defer close(over)
			_, _, _ = invoke(c, t.Context(), "echo", "")
		})
		require.Equal(t, id, readFrame(t, peer).ID)
		if id > 1 {
			utter(t, peer, frame.Header{Kind: frame.Reply, ID: id}, "\x00")
			<-over
		}
	}
	utter(t, peer, frame.Header{Kind: frame.Reply, ID: minTable + 1}, "\x00")
	<-c.Done()
	require.ErrorContains(t, c.Err(), "a reply to a number that was left out")
}
