package suites

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/fnv"
	"image"
	"image/color"
	"io/fs"
	"maps"
	"os"
	"strings"
	"sync"
	"testing/fstest"
	"time"
)

// counter counts calls by name.
type counter struct {
	mu    sync.Mutex // protects following
	calls map[string]int
}

var calls = counter{calls: map[string]int{}}

func (c *counter) count(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[name]++
}

func (c *counter) all() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.calls)
}

// plain counts how often the files are opened.
type plain struct{ fs.FS }

func (p plain) Open(name string) (fs.File, error) {
	calls.count("Open")
	return p.FS.Open(name)
}

// lister is all that os.DirFS is.
type lister struct{ plain }

func (l lister) ReadDir(name string) ([]fs.DirEntry, error) {
	calls.count("ReadDir")
	return fs.ReadDir(l.FS, name)
}

func (l lister) ReadFile(name string) ([]byte, error) {
	calls.count("ReadFile")
	return fs.ReadFile(l.FS, name)
}

func (l lister) Stat(name string) (fs.FileInfo, error) {
	calls.count("Stat")
	return fs.Stat(l.FS, name)
}

func (l lister) ReadLink(name string) (string, error) {
	calls.count("ReadLink")
	return fs.ReadLink(l.FS, name)
}

func (l lister) Lstat(name string) (fs.FileInfo, error) {
	calls.count("Lstat")
	return fs.Lstat(l.FS, name)
}

// everything is all that an fs.FS can be.
type everything struct{ lister }

func (e everything) Glob(pattern string) ([]string, error) {
	calls.count("Glob")
	return fs.Glob(e.FS, pattern)
}

func (e everything) Sub(dir string) (fs.FS, error) {
	calls.count("Sub")
	return fs.Sub(e.FS, dir)
}

// content is in each FS.
var content = map[string]string{
	"a.txt":         strings.Repeat("a", 40_000),
	"dir/b.txt":     "b",
	"dir/sub/empty": "",
}

func names() []string {
	list := make([]string, 0, len(content))
	for name := range content {
		list = append(list, name)
	}
	return list
}

func mapFS() fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range content {
		m[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o640, ModTime: time.Unix(1e9, 0)}
	}
	m["link"] = &fstest.MapFile{Data: []byte("a.txt"), Mode: fs.ModeSymlink | 0o777}
	return m
}

const noCollector = "none"

// library is a Library.
type library struct{}

// FS knows maps and directories by name: "map", "map plain", "/tmp/dir", "/tmp/dir plain".
func (library) FS(_ context.Context, name string) (fs.FS, error) {
	name, hide := strings.CutSuffix(name, " plain")
	var all fs.FS
	files := mapFS()
	if hide {
		delete(files, "link") // of which the suite would want what fs.Lstat cannot tell
	}
	switch name {
	case noCollector:
		return nil, nil
	case "map":
		all = everything{lister{plain{files}}}
	default:
		all = lister{plain{os.DirFS(name)}}
	}
	if hide {
		return plain{struct{ fs.FS }{all}}, nil
	}
	return all, nil
}

// bare is an image.Image and nothing else.
type bare struct{ image.Image }

func (library) Image(_ context.Context, name string) (image.Image, error) {
	bounds := image.Rect(0, 0, 2, 2)
	palette := color.Palette{color.Black, color.White}
	switch name {
	case "bare":
		return bare{image.NewGray(bounds)}, nil
	case "rgba64":
		return image.NewGray(bounds), nil
	case "paletted":
		paletted := image.NewPaletted(bounds, palette)
		paletted.SetColorIndex(1, 1, 1)
		return paletted, nil
	}
	return nil, fmt.Errorf("no image %s", name)
}

func (library) Hash(_ context.Context, name string) (hash.Hash, error) {
	switch name {
	case "crc32":
		return struct{ hash.Hash32 }{crc32.NewIEEE()}, nil
	case "fnv64":
		return fnv.New64(), nil
	case "sha256":
		return sha256.New(), nil
	}
	return nil, nil
}

func (library) Has(_ context.Context, files fs.FS, file fs.File) ([]string, error) {
	var list []string
	if _, ok := file.(fs.ReadDirFile); ok {
		list = append(list, "ReadDirFile")
	}
	text, err := fs.ReadFile(files, "dir/b.txt")
	return append(list, string(text)), err
}
