package conn

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

// big is a contract that takes several frames.
func big(name string) codec.Contract {
	c := codec.Contract{Name: name, Package: "example.com/" + name}
	for i := range 100 {
		c.Types = append(c.Types, codec.Type{Name: fmt.Sprintf("T%d", i), Definition: strings.Repeat("x", 1000)})
	}
	return c
}

// A contract is there before the first call that is made by it.
func TestDescribe(t *testing.T) {
	var got []codec.Contract // calls are served one after the other here
	plugin := Config{
		Described: func(c codec.Contract) error { got = append(got, c); return nil },
		Lookup: methods{"Names": func(_ context.Context, _ string) (string, error) {
			return got[len(got)-1].Name, nil
		}}.lookup,
	}
	over(t, Config{}, plugin, func(t *testing.T, h, p *Conn) {
		got = nil
		want := []codec.Contract{big("A"), big("B"), {Name: "C"}}
		for i := range want {
			require.NoError(t, h.Describe(&want[i]))
			name, _, err := invoke(h, t.Context(), "Names", strings.Repeat("large", 100_000*i))
			require.NoError(t, err)
			require.Equal(t, want[i].Name, name)
		}
		require.Equal(t, want, got)
	})
}

func TestDescribeOnceTooOften(t *testing.T) {
	over(t, Config{}, Config{}, func(t *testing.T, h, p *Conn) {
		var err error
		c := big("C")
		for err == nil {
			err = h.Describe(&c)
		}
		require.EqualError(t, err, "more than 1000 contracts or 4194304 bytes of them were described on one connection")
		require.NoError(t, h.Drain(t.Context()), "the connection does not end with that")
	})
}

func TestDescribedRefuses(t *testing.T) {
	refuse := Config{Described: func(codec.Contract) error { return errors.New("twice") }}
	over(t, Config{}, refuse, func(t *testing.T, h, p *Conn) {
		require.NoError(t, h.Describe(&codec.Contract{Name: "C"}))
		<-p.Done()
		require.EqualError(t, p.Err(), "twice")
		<-h.Done()
		require.Error(t, h.Describe(&codec.Contract{Name: "D"}))
	})
}
