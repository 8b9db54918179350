package shapes

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator/internal/golden/loop"
	"github.com/pingogen/pingogen/generator/internal/golden/other"
	pingo "github.com/pingogen/pingogen/runtime"
)

type key struct{}

// impl answers with what it was asked.
type impl struct{ Shapes }

var errImpl = errors.New("impl")

func (impl) NothingContext(ctx context.Context) error {
	if ctx.Value(key{}) == nil {
		return errors.New("the context was not passed on")
	}
	return nil
}

func (impl) Some(_ context.Context, a, p1 int, b string) (int, string, error) {
	return a + p1, b, errImpl
}

func (impl) Variadic(_ context.Context, format string, args ...int) error {
	if format != "f" || !reflect.DeepEqual(args, []int{1, 2}) {
		return errImpl
	}
	return nil
}

func (impl) VariadicOnly(names ...string) ([]string, error) { return names, nil }

func (impl) Many(a, b, c, d, e, f, g, h int) (int, int, int, int, int, int, int, int, error) {
	return h, g, f, e, d, c, b, a, nil
}

func client() *ShapesClient {
	a := shapesAdapter{impl: impl{}}
	return &ShapesClient{caller: loop.New(&shapesContract, a.blank, a.close, a.errorFirst, a.many, a.namedResults,
		a.noContext, a.nothing, a.nothingContext, a.ping, a.some, a.twice, a.unnamed, a.variadic, a.variadicOnly)}
}

func TestShapes(t *testing.T) {
	c := client()
	require.NoError(t, c.NothingContext(context.WithValue(t.Context(), key{}, 1)))

	sum, b, err := c.Some(t.Context(), 1, 2, "b")
	require.EqualError(t, err, "impl")
	require.Equal(t, 3, sum, "results come with the error")
	require.Equal(t, "b", b)

	require.NoError(t, c.Variadic(t.Context(), "f", 1, 2))
	names, err := c.VariadicOnly()
	require.NoError(t, err)
	require.Nil(t, names)
	names, err = c.VariadicOnly("a", "b")
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, names)

	r0, _, _, _, _, _, _, r7, err := c.Many(1, 2, 3, 4, 5, 6, 7, 8)
	require.NoError(t, err)
	require.Equal(t, []int{8, 1}, []int{r0, r7})
}

// failing is a Caller whose calls fail after part of the reply has come.
type failing struct{}

var errCall = errors.New("the call failed")

func (failing) CallContext(_ context.Context, method string, _, reply any) error {
	if r, ok := reply.(*zeroingLenReply); ok {
		r.r0 = 42
	}
	return errCall
}

func TestFailurePanic(t *testing.T) {
	c := &PanickingClient{caller: failing{}}
	require.PanicsWithError(t, errCall.Error(), func() { c.Len() })
	require.PanicsWithError(t, errCall.Error(), c.Reset)
	require.PanicsWithError(t, errCall.Error(), func() { c.Size() })
	_, err := c.Both(t.Context())
	require.ErrorIs(t, err, errCall)
}

func TestFailureZero(t *testing.T) {
	c := &ZeroingClient{caller: failing{}}
	require.Zero(t, c.Len(), "what came of the reply is not returned")
	c.Reset()
	width, height := c.Size()
	require.Zero(t, width+height)
}

// TestOnlyTheInterface fails when a generated type has exported methods or
// fields beside those of its interface.
func TestOnlyTheInterface(t *testing.T) {
	for client, contract := range map[any]reflect.Type{
		&ShapesClient{}:  reflect.TypeFor[Shapes](),
		&StringsClient{}: reflect.TypeFor[Strings](),
		&PointsClient{}:  reflect.TypeFor[other.List[other.Point]](),
		&NoneClient{}:    reflect.TypeFor[None](),
		&hiddenClient{}:  reflect.TypeFor[hidden](),
	} {
		c := reflect.TypeOf(client)
		require.Equal(t, contract.NumMethod(), c.NumMethod(), "%s", c)
		for i := range c.Elem().NumField() {
			require.False(t, c.Elem().Field(i).IsExported())
		}
	}
}

func TestContractsAreSorted(t *testing.T) {
	var names []string
	for _, m := range shapesContract.Methods {
		names = append(names, m.Name)
	}
	require.IsIncreasing(t, names)
	require.NotContains(t, strings.Join(names, " "), "_")
}

var _ = []any{newHiddenClient, registerHidden, NewNoneClient, RegisterNone, pingo.Caller(failing{})}
