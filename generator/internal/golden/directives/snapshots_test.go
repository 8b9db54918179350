package directives

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

var changed = time.Date(2001, 2, 3, 4, 5, 6, 7, time.FixedZone("", 3600))

var tree = fstest.MapFS{
	"dir/b.txt":   {Data: []byte("b"), Mode: 0o644, ModTime: changed},
	"dir/a.txt":   {Data: []byte("aaa"), Mode: 0o600, ModTime: changed.Add(time.Hour)},
	"dir/sub/c":   {Data: []byte("c"), Mode: 0o400},
	"dir/sub/bad": {},
}

// gone is an entry whose file is not there any more.
type gone struct{ fs.DirEntry }

func (gone) Info() (fs.FileInfo, error) {
	return nil, &fs.PathError{Op: "lstat", Path: "bad", Err: fs.ErrNotExist}
}

// listing is a Listing, over tree.
type listing struct{}

func (listing) ReadDir(_ context.Context, name string) ([]fs.DirEntry, error) {
	list, err := tree.ReadDir(name)
	for i, entry := range list {
		if entry.Name() == "bad" {
			list[i] = gone{entry}
		}
	}
	return list, err
}

func (listing) Stat(_ context.Context, name string) (fs.FileInfo, error) {
	if name == "" {
		return nil, nil
	}
	return tree.Stat(name)
}

func (listing) Describe(_ context.Context, info fs.FileInfo) (string, error) {
	if info == nil {
		return "nil", nil
	}
	return fs.FormatFileInfo(info) + " " + strconv.FormatBool(info.Sys() == nil), nil
}

func (listing) Newest(_ context.Context, among map[string]Found) (newest *Found, err error) {
	for _, found := range among {
		if newest == nil || found.Info.ModTime().After(newest.Info.ModTime()) {
			newest = &found
		}
	}
	return newest, nil
}

func (listing) Open(_ context.Context, name string) (fs.File, error) { return tree.Open(name) }

// entries is an Entries.
type entries struct{}

func (entries) ReadDir(name string) ([]fs.DirEntry, error) {
	return listing{}.ReadDir(context.Background(), name)
}

func (entries) Stat(name string) (Found, error) {
	info, err := tree.Stat(name)
	return Found{name, info}, err
}

func (entries) Listing() (Listing, error) { return listing{}, nil }

// walked is an fs.FS for fs.WalkDir, which never opens a file.
type walked struct{ *ListingClient }

func (w walked) Open(name string) (fs.File, error) {
	return w.ListingClient.Open(context.Background(), name)
}
func (w walked) Stat(name string) (fs.FileInfo, error) {
	return w.ListingClient.Stat(context.Background(), name)
}
func (w walked) ReadDir(name string) ([]fs.DirEntry, error) {
	return w.ListingClient.ReadDir(context.Background(), name)
}

func TestSnapshots(t *testing.T) {
	p := start(t)
	c := NewListingClient(p)

	list, err := c.ReadDir(t.Context(), "dir")
	require.NoError(t, err)
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return -strings.Compare(a.Name(), b.Name()) })
	require.Equal(t, []string{"d sub/", "- b.txt", "- a.txt"}, []string{fs.FormatDirEntry(list[0]), fs.FormatDirEntry(list[1]), fs.FormatDirEntry(list[2])})
	info, err := list[1].Info()
	require.NoError(t, err)
	require.True(t, info.ModTime().Equal(changed))
	require.Equal(t, "-rw-r--r-- 1 2001-02-03 04:05:06 b.txt", fs.FormatFileInfo(info))
	require.Equal(t, "- b.txt", fs.FormatDirEntry(fs.FileInfoToDirEntry(info)))
	require.Nil(t, info.Sys())

	exported, imported := p.References()
	require.Zero(t, exported+imported, "nothing stayed where it was")

	list, err = c.ReadDir(t.Context(), "dir/sub")
	require.NoError(t, err)
	info, err = list[0].Info()
	require.Nil(t, info)
	require.ErrorIs(t, err, fs.ErrNotExist)
	var path *fs.PathError
	require.ErrorAs(t, err, &path)

	info, err = c.Stat(t.Context(), "")
	require.NoError(t, err)
	require.True(t, info == nil)
	_, err = c.Stat(t.Context(), "nowhere")
	require.ErrorIs(t, err, fs.ErrNotExist)

	p.Stop()
	require.Equal(t, "bad", list[0].Name(), "a snapshot needs no plugin")
}

func TestSnapshotsAsArguments(t *testing.T) {
	c := NewListingClient(start(t))
	info, err := tree.Stat("dir/a.txt")
	require.NoError(t, err)
	asked := &asking{FileInfo: info}
	text, err := c.Describe(t.Context(), asked)
	require.NoError(t, err)
	require.Equal(t, fs.FormatFileInfo(info)+" true", text)
	require.Equal(t, 1, asked.names, "each getter is called once")
	text, err = c.Describe(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, "nil", text)

	older, err := c.Stat(t.Context(), "dir/b.txt")
	require.NoError(t, err)
	newest, err := c.Newest(t.Context(), map[string]Found{"older": {"dir/b.txt", older}, "newer": {"dir/a.txt", info}})
	require.NoError(t, err)
	require.Equal(t, "dir/a.txt", newest.Path)
	require.EqualValues(t, 3, newest.Info.Size())
}

// asking counts how often it is asked for its name.
type asking struct {
	fs.FileInfo
	names int
}

func (a *asking) Name() string {
	a.names++
	return a.FileInfo.Name()
}

func TestWalkSnapshots(t *testing.T) {
	var found []string
	err := fs.WalkDir(walked{NewListingClient(start(t))}, "dir", func(path string, d fs.DirEntry, err error) error {
		found = append(found, path)
		return err
	})
	require.NoError(t, err)
	require.Equal(t, []string{"dir", "dir/a.txt", "dir/b.txt", "dir/sub", "dir/sub/bad", "dir/sub/c"}, found)
}

func TestSnapshotBelowAReference(t *testing.T) {
	f, err := NewListingClient(start(t)).Open(t.Context(), "dir/a.txt")
	require.NoError(t, err)
	info, err := f.Stat()
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.Equal(t, "a.txt", info.Name())
	require.IsType(t, &fsFileInfoSnapshot{}, info)
}

func TestReferenceInsideASnapshot(t *testing.T) {
	p := start(t)
	c := NewEntriesClient(p)
	list, err := c.ReadDir("dir")
	require.NoError(t, err)
	require.Equal(t, "a.txt", list[0].Name())
	info, err := list[0].Info()
	require.NoError(t, err)
	require.IsType(t, fsFileInfoProxy{}, info)
	require.EqualValues(t, 3, info.Size())
	found, err := c.Stat("dir/a.txt")
	require.NoError(t, err)
	require.IsType(t, fsFileInfoProxy{}, found.Info)
	l, err := c.Listing()
	require.NoError(t, err)
	inner, err := l.Stat(t.Context(), "dir/a.txt")
	require.NoError(t, err)
	require.IsType(t, fsFileInfoProxy{}, inner)
	p.Stop()
	require.Equal(t, "a.txt", list[0].Name())
	require.Panics(t, func() { info.Size() }, "only the info stayed where it was")
}

// node is a Node.
type node struct {
	name     string
	children []Node
	parent   Node
}

func (n *node) Name() string {
	if n.name == "panic" {
		panic("no name")
	}
	return n.name
}
func (n *node) Children() []Node { return n.children }
func (n *node) Parent() (Node, error) {
	if n.parent == nil {
		return nil, fs.ErrNotExist
	}
	return n.parent, nil
}
func (n *node) Size() (width, height int) { return len(n.name), len(n.children) }
func (n *node) Hash() [4]byte             { return [4]byte([]byte(n.name + "....")) }
func (n *node) Err() error                { return errors.New("of " + n.name) }
func (n *node) private() bool             { return true }

// trees is a Trees.
type trees struct{}

func (trees) Root(_ context.Context, depth int) (Node, error) {
	n := &node{name: "leaf"}
	for range depth {
		n = &node{name: "twig", children: []Node{n, nil}}
	}
	return n, nil
}

func (trees) Same(_ context.Context, n Node) (Node, error) { return n, nil }

func (trees) Cycle(context.Context) (Node, error) {
	n := &node{name: "cycle"}
	n.children, n.parent = []Node{n, n, n}, n
	return n, nil
}

func (trees) Panic(context.Context) (Node, error) { return &node{name: "panic"}, nil }

func (trees) Pair(_ context.Context, p Pair[int]) (Pair[string], error) {
	return twins(strconv.Itoa(p.Left() + p.Right())), nil
}

// twins is a Pair.
type twins string

func (s twins) Left() string  { return string(s) }
func (s twins) Right() string { return string(s) }

// numbers is another.
type numbers [2]int

func (n numbers) Left() int  { return n[0] }
func (n numbers) Right() int { return n[1] }

func TestRecursiveSnapshots(t *testing.T) {
	c := NewTreesClient(start(t))
	n, err := c.Root(t.Context(), 2)
	require.NoError(t, err)
	n, err = c.Same(t.Context(), n)
	require.NoError(t, err)
	width, height := n.Size()
	require.Equal(t, []int{4, 2}, []int{width, height})
	require.Nil(t, n.Children()[1])
	leaf := n.Children()[0].Children()[0]
	require.Equal(t, "leaf", leaf.Name())
	require.Equal(t, [4]byte{'l', 'e', 'a', 'f'}, leaf.Hash())
	require.EqualError(t, leaf.Err(), "of leaf")
	require.True(t, leaf.private())
	_, err = leaf.Parent()
	require.Equal(t, fs.ErrNotExist, err)

	pair, err := c.Pair(t.Context(), numbers{2, 3})
	require.NoError(t, err)
	require.Equal(t, "5", pair.Right())
}

func TestSnapshotOfACycle(t *testing.T) {
	c := NewTreesClient(start(t))
	_, err := c.Cycle(t.Context())
	require.ErrorContains(t, err, "a cycle in the data cannot be sent")
	cycle, err := trees{}.Cycle(t.Context())
	require.NoError(t, err)
	_, err = c.Same(t.Context(), cycle)
	require.ErrorContains(t, err, "a cycle in the data cannot be sent")
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	_, err = c.Root(t.Context(), 10)
	require.NoError(t, err)
}

func TestPanicInAGetter(t *testing.T) {
	c := NewTreesClient(start(t))
	_, err := c.Panic(t.Context())
	var panicked *pingo.PanicError
	require.ErrorAs(t, err, &panicked)
	require.Contains(t, panicked.Error(), "no name")
	require.Panics(t, func() { _, _ = c.Same(t.Context(), &node{name: "panic"}) }, "the caller's own")
	_, err = c.Root(t.Context(), 1)
	require.NoError(t, err, "and the connection lives")
}
