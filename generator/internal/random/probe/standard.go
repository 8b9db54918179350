package probe

import (
	"io"

	"github.com/pingogen/pingogen/generator/internal/random/plain"
)

// The interfaces of other packages that drawn ones mention.
func init() {
	Interface(func(o *Object) io.Reader { return o })
	Interface(func(o *Object) io.Writer { return o })
	Interface(func(o *Object) io.Closer { return o })
	Interface(func(o *Object) io.ReadCloser { return o })
	Interface(func(o *Object) io.WriteCloser { return o })
	Interface(func(o *Object) io.ReadWriteCloser { return o })
	Interface(func(o *Object) io.ReaderAt { return o })
	Interface(func(o *Object) io.ReadSeeker { return o })
	Interface(func(o *Object) io.ReadSeekCloser { return o })
	Interface(func(o *Object) plain.Named { return named{o} })
}

// named is a plain.Named.
type named struct{ o *Object }

func (n named) Name() (name string, err error) {
	n.o.Call(NoContext, "Name", nil, []any{&name, &err})
	return name, err
}

func (n named) Rename(name string) (renamed plain.Named, err error) {
	n.o.Call(NoContext, "Rename", []any{&name}, []any{&renamed, &err})
	return renamed, err
}
