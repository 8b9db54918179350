package references

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator/internal/golden/other"
)

// node is a Node.
type node struct {
	name     string
	parent   Node
	children []Node
	closed   bool
}

func (n *node) Name() (string, error)                { return n.name, nil }
func (n *node) Parent(context.Context) (Node, error) { return n.parent, nil }
func (n *node) Children() ([]Node, error)            { return n.children, nil }
func (n *node) sealed() error                        { return errors.New("sealed") }
func (n *node) Close(context.Context) error {
	if n.closed {
		return errors.New("closed twice")
	}
	n.closed = true
	return nil
}

// names are those of nodes, which may be anywhere.
func names(nodes ...Node) (string, error) {
	var list []string
	for _, n := range nodes {
		if n == nil {
			list = append(list, "nil")
			continue
		}
		name, err := n.Name()
		if err != nil {
			return "", err
		}
		list = append(list, name)
	}
	return strings.Join(list, " "), nil
}

// What a callback returned is the same error when the plugin hands it on, though no variable is known.
func TestErrorOfACallbackComesHome(t *testing.T) {
	c := NewTreeClient(start(t))
	enough := errors.New("enough")
	visited := 0
	err := c.Walk(t.Context(), func(context.Context, Node) error {
		visited++
		return enough
	})
	require.Equal(t, enough, err)
	require.Equal(t, 1, visited)
	err = c.Rename(t.Context(), func(string) (string, error) { return "", fmt.Errorf("rename: %w", enough) }, func(Node) error { return enough })
	require.ErrorIs(t, err, enough)
	require.EqualError(t, err, "rename: enough\nenough")
}

// tree is a Tree.
type tree struct {
	Tree
	name string
}

func (t *tree) Root(context.Context) (Node, error) {
	root := &node{name: t.name + " root"}
	root.children = []Node{&node{name: "first", parent: root}, nil, &node{name: "last", parent: root}}
	return root, nil
}

func (t *tree) Same(_ context.Context, a, b Node) (Node, bool, error) { return a, a == b, nil }

func (t *tree) All(_ context.Context, nodes []Node, byName map[string]Node, pair Pair) ([]Node, map[string]Node, Pair, error) {
	for name, n := range byName {
		if got, err := names(n); err != nil || got != name {
			return nil, nil, Pair{}, errors.New("the map has " + got + " as " + name)
		}
	}
	if text, err := io.ReadAll(pair.Data); err != nil || string(text) != "data" {
		return nil, nil, Pair{}, errors.New("wrong data")
	}
	return nodes, byName, Pair{Left: pair.Right, Right: pair.Left, Visit: pair.Visit, Data: strings.NewReader("more")}, pair.Visit(pair.Left)
}

func (t *tree) Sub(name string) (Tree, error) { return &tree{name: name}, nil }

func (t *tree) Adopt(ctx context.Context, other Tree) (string, error) {
	root, err := other.Root(ctx)
	if err != nil {
		return "", err
	}
	return names(root)
}

func (t *tree) Walk(ctx context.Context, visit func(ctx context.Context, n Node) error) error {
	root, _ := t.Root(ctx)
	children, _ := root.Children()
	for _, n := range append(children, root) {
		if err := visit(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) Visitor(_ context.Context, visit Visit) (Visit, error) {
	if visit == nil {
		return nil, nil
	}
	return func(n Node) error { return visit(n) }, nil
}

func (t *tree) Rename(_ context.Context, rename func(string) (string, error), more ...Visit) error {
	name, err := rename(t.name)
	for _, visit := range more {
		err = errors.Join(err, visit(&node{name: name}))
	}
	return err
}

func (t *tree) Boxes(_ context.Context, b Box[Node], l other.List[string]) (Box[other.List[Node]], error) {
	name, err := names(b.Value)
	if err != nil {
		return Box[other.List[Node]]{}, err
	}
	if err := l.Add(name); err != nil {
		return Box[other.List[Node]]{}, err
	}
	return Box[other.List[Node]]{&list{[]Node{b.Value}}}, nil
}

func (t *tree) Literal(_ context.Context, v interface {
	Name() (string, error)
	io.Closer
}) (*Leaf, error) {
	name, err := v.Name()
	if err != nil {
		return nil, err
	}
	return &Leaf{Name: name, Next: &Leaf{Node: &node{name: "in a leaf"}}}, v.Close()
}

func (t *tree) Service(context.Context) error { return nil }

// list is a list of nodes.
type list struct{ nodes []Node }

func (l *list) Add(n Node) error {
	l.nodes = append(l.nodes, n)
	return nil
}
func (l *list) All() ([]Node, error) { return l.nodes, nil }

// strs is a list of strings.
type strs struct{ all []string }

func (l *strs) Add(s string) error {
	l.all = append(l.all, s)
	return nil
}
func (l *strs) All() ([]string, error) { return l.all, nil }

func TestHandles(t *testing.T) {
	c := NewTreeClient(start(t))
	root, err := c.Root(t.Context())
	require.NoError(t, err)
	children, err := root.Children()
	require.NoError(t, err)
	got, err := names(append(children, root)...)
	require.NoError(t, err)
	require.Equal(t, "first nil last plugin root", got)
	parent, err := children[0].Parent(t.Context())
	require.NoError(t, err)
	none, err := parent.Parent(t.Context())
	require.NoError(t, err)
	require.Nil(t, none)
	require.EqualError(t, children[0].sealed(), "sealed")

	require.NoError(t, root.Close(t.Context()))
	_, err = root.Name()
	require.ErrorContains(t, err, "released")
	again, err := names(parent)
	require.NoError(t, err)
	require.Equal(t, "plugin root", again)
	require.ErrorContains(t, parent.Close(t.Context()), "closed twice")

	require.NoError(t, c.Service(t.Context()))
}

func TestHandlesComeHome(t *testing.T) {
	c := NewTreeClient(start(t))
	mine := &node{name: "mine"}
	back, same, err := c.Same(t.Context(), mine, mine)
	require.NoError(t, err)
	require.Same(t, mine, back)
	require.False(t, same, "each mention is a handle of its own")

	root, err := c.Root(t.Context())
	require.NoError(t, err)
	back, same, err = c.Same(t.Context(), root, root)
	require.NoError(t, err)
	require.True(t, same, "the plugin has its own again")
	got, err := names(back)
	require.NoError(t, err)
	require.Equal(t, "plugin root", got)

	sub, err := c.Sub("sub")
	require.NoError(t, err)
	adopted, err := c.Adopt(t.Context(), sub)
	require.NoError(t, err)
	require.Equal(t, "sub root", adopted)
	adopted, err = c.Adopt(t.Context(), &tree{name: "host"})
	require.NoError(t, err)
	require.Equal(t, "host root", adopted)
}

func TestReferencesInData(t *testing.T) {
	c := NewTreeClient(start(t))
	a, b := &node{name: "a"}, &node{name: "b"}
	var visited Node
	nodes, byName, pair, err := c.All(t.Context(), []Node{a, nil, b}, map[string]Node{"a": a, "b": b}, Pair{
		Left: a, Right: b, Data: strings.NewReader("data"),
		Visit: func(n Node) error { visited = n; return nil },
	})
	require.NoError(t, err)
	require.Same(t, a, visited)
	require.Equal(t, []Node{a, nil, b}, nodes)
	require.Equal(t, map[string]Node{"a": a, "b": b}, byName)
	require.Same(t, b, pair.Left)
	require.NoError(t, pair.Visit(b), "called from here, there and here again")
	require.Same(t, b, visited)
	text, err := io.ReadAll(pair.Data)
	require.NoError(t, err)
	require.Equal(t, "more", string(text))

	box, err := c.Boxes(t.Context(), Box[Node]{a}, &strs{})
	require.NoError(t, err)
	all, err := box.Value.All()
	require.NoError(t, err)
	require.Equal(t, []Node{a}, all)

	leaf, err := c.Literal(t.Context(), struct {
		Named
		io.Closer
	}{a, io.NopCloser(nil)})
	require.NoError(t, err)
	require.Equal(t, "a", leaf.Name)
	require.Nil(t, leaf.Node)
	name, err := leaf.Next.Node.Name()
	require.NoError(t, err)
	require.Equal(t, "in a leaf", name)
}

func TestCallbacks(t *testing.T) {
	c := NewTreeClient(start(t))
	var seen []string
	require.NoError(t, c.Walk(t.Context(), func(ctx context.Context, n Node) error {
		name, err := names(n)
		seen = append(seen, name)
		return errors.Join(err, ctx.Err())
	}))
	require.Equal(t, []string{"first", "nil", "last", "plugin root"}, seen)

	require.ErrorIs(t, c.Walk(t.Context(), func(context.Context, Node) error { return io.ErrUnexpectedEOF }), io.ErrUnexpectedEOF)

	none, err := c.Visitor(t.Context(), nil)
	require.NoError(t, err)
	require.Nil(t, none)

	var renamed Node
	require.NoError(t, c.Rename(t.Context(), func(s string) (string, error) { return s + "!", nil }, func(n Node) error {
		name, err := names(n)
		require.Equal(t, "plugin!", name)
		renamed = n
		return err
	}))
	_, err = renamed.Name()
	require.NoError(t, err, "it is kept beyond the call")
}

// Errors of what was passed by reference say where that was from.
func TestErrorsNameTheCallThatBroughtAReference(t *testing.T) {
	c := NewTreeClient(start(t))
	const gone = "not delivered: the reference was released"
	root, err := c.Root(t.Context())
	require.NoError(t, err)
	children, err := root.Children()
	require.NoError(t, err)
	for want, n := range map[string]Node{"Name from Tree.Root: " + gone: root, "Name from Children: " + gone: children[0]} {
		require.NoError(t, n.Close(t.Context()))
		_, err = n.Name()
		require.ErrorContains(t, err, want)
	}
	err = c.Walk(t.Context(), func(context.Context, Node) error { panic("boom") })
	require.ErrorContains(t, err, "host: Call for Tree.Walk: executed: panic: boom")
	require.NoError(t, c.Walk(t.Context(), func(ctx context.Context, n Node) error {
		if n == nil {
			return nil
		}
		require.NoError(t, n.Close(ctx))
		_, err := n.Name()
		require.ErrorContains(t, err, "Name for func(Node) error.Call: "+gone)
		return nil
	}))
}
