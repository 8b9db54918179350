//go:build unix

package descriptors

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func temporary(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err)
	return f
}

func requireContent(t *testing.T, want, name string) {
	t.Helper()
	got, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

// The plugin closes what it gets, and the host what it has kept.
func TestFileOfTheHost(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		f := temporary(t)
		require.NoError(t, NewFilesClient(p).Write(t.Context(), f, "by the plugin, "))
		at, err := f.Seek(0, io.SeekCurrent)
		require.NoError(t, err)
		require.EqualValues(t, len("by the plugin, "), at) // it is one open file
		_, err = io.WriteString(f, "by the host")
		require.NoError(t, err)
		require.NoError(t, f.Close())
		requireContent(t, "by the plugin, by the host", f.Name())
	})
}

func TestFileOfThePlugin(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		name := filepath.Join(t.TempDir(), "file")
		f, err := NewFilesClient(p).Create(t.Context(), name)
		require.NoError(t, err)
		require.Equal(t, name, f.Name())
		_, err = io.WriteString(f, "by the host")
		require.NoError(t, err)
		require.NoError(t, f.Close())
		requireContent(t, "by the host", name)
		_, err = NewFilesClient(p).Create(t.Context(), filepath.Dir(name))
		require.ErrorContains(t, err, "is a directory")
	})
}

// Since the plugin has no end left, reading ends when the host closes the other.
func TestPipeOfThePlugin(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		r, w, err := NewFilesClient(p).Pipe()
		require.NoError(t, err)
		require.NoError(t, r.SetReadDeadline(time.Now().Add(time.Millisecond)))
		_, err = r.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, r.SetReadDeadline(time.Time{}))
		_, err = io.WriteString(w, "text")
		require.NoError(t, err)
		require.NoError(t, w.Close())
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, "text", string(got))
		require.NoError(t, r.Close())
	})
}

func TestNil(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		f, err := NewFilesClient(p).Echo(nil)
		require.NoError(t, err)
		require.Nil(t, f)
		b, err := NewFilesClient(p).Many(Bundle{List: []*os.File{nil, nil}})
		require.NoError(t, err)
		require.Equal(t, Bundle{List: []*os.File{nil, nil}}, b)
	})
}

func TestFilesInAllPositions(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		var mine []*os.File
		next := func() *os.File {
			mine = append(mine, temporary(t))
			return mine[len(mine)-1]
		}
		far := next()
		b := Bundle{Name: "bundle", One: next(), List: []*os.File{next(), nil, next()}, Named: map[string]*os.File{"a": next(), "b": next()}, Far: &far}
		b.Inner.Two = next()
		got, err := NewFilesClient(p).Many(b)
		require.NoError(t, err)
		require.Nil(t, got.List[1])
		for _, pair := range [][2]*os.File{{b.One, got.One}, {b.List[0], got.List[0]}, {b.List[2], got.List[2]}, {b.Named["a"], got.Named["a"]},
			{b.Named["b"], got.Named["b"]}, {b.Inner.Two, got.Inner.Two}, {*b.Far, *got.Far}} {
			sameFile(t, pair[0], pair[1])
			require.NoError(t, pair[1].Close())
		}
		for _, f := range mine {
			require.NoError(t, f.Close())
		}
	})
}

func sameFile(t *testing.T, a, b *os.File) {
	t.Helper()
	infoA, err := a.Stat()
	require.NoError(t, err)
	infoB, err := b.Stat()
	require.NoError(t, err)
	require.True(t, os.SameFile(infoA, infoB))
	require.Equal(t, a.Name(), b.Name())
}

func TestSameFileTwice(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		a, b, err := NewFilesClient(p).Same()
		require.NoError(t, err)
		sameFile(t, a, b)
		require.NoError(t, a.Close())
		require.NoError(t, b.Close())
	})
}

// What belongs to the whole process is not given away.
func TestStandardOutputStaysOpen(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		for range 2 {
			f, err := NewFilesClient(p).Output()
			require.NoError(t, err)
			require.NoError(t, (*os.File)(f).Close())
		}
	})
}

func TestFileBesideAnError(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		f, err := NewFilesClient(p).Fail()
		require.EqualError(t, err, errBeside.Error())
		require.NoError(t, f.Close())
	})
}

// A reply that cannot be sent leaves nothing open.
func TestFileInAReplyThatFails(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		f, _, err := NewFilesClient(p).Unsendable()
		require.ErrorContains(t, err, "the reply cannot be sent")
		require.Nil(t, f)
		mine := temporary(t)
		defer mine.Close()
		f, err = NewFilesClient(p).Crash(mine)
		var panicked *pingo.PanicError
		require.ErrorAs(t, err, &panicked)
		require.Nil(t, f)
	})
}

// An error has no descriptors.
func TestFileInAnError(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		f, err := NewFilesClient(p).Kept()
		require.EqualError(t, err, "/dev/stdout is broken")
		require.False(t, errors.As(err, new(*Broken)))
		require.Nil(t, f)
	})
}

// What is returned is given away: it cannot be returned again.
func TestReturnedFileIsClosed(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		f := temporary(t)
		require.NoError(t, NewFilesClient(p).Keep(f))
		require.NoError(t, f.Close())
		kept, err := NewFilesClient(p).Kept()
		require.NoError(t, err)
		require.NoError(t, kept.Close())
		_, err = NewFilesClient(p).Kept()
		require.ErrorContains(t, err, "the reply cannot be sent: cannot encode: cannot duplicate *os.File "+f.Name()+": file already closed")
	})
}

func TestFileThatIsClosed(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		f := temporary(t)
		require.NoError(t, f.Close())
		err := NewFilesClient(p).Write(t.Context(), f, "")
		require.ErrorIs(t, err, os.ErrClosed)
		var call *pingo.CallError
		require.ErrorAs(t, err, &call)
		require.Equal(t, pingo.NotDelivered, call.Fate)
	})
}

func TestFileWithALargeMessage(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		f := temporary(t)
		defer f.Close()
		// Around the size from which on a message travels in chunks, byte by byte.
		for size := 32<<10 - 200; size < 32<<10+40; size++ {
			pad(t, p, f, size)
		}
		pad(t, p, f, 3<<20)
	})
}

func pad(t *testing.T, p *pingo.Plugin, f *os.File, size int) {
	t.Helper()
	got, back, err := NewFilesClient(p).Pad(f, make([]byte, size))
	require.NoError(t, err)
	require.Len(t, back, size)
	sameFile(t, f, got)
	require.NoError(t, got.Close())
}

// A reply that comes when nobody waits for it any more leaves nothing open.
func TestFileInADroppedReply(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		defer r.Close()
		for range 20 {
			ctx, cancel := context.WithCancel(t.Context())
			failed := make(chan error)
			go func() {
				_, err := NewFilesClient(p).Block(ctx, w)
				failed <- err
			}()
			_, err = r.Read(make([]byte, 1)) // it is being served
			require.NoError(t, err)
			cancel()
			require.ErrorIs(t, <-failed, context.Canceled)
		}
		require.NoError(t, w.Close())
	})
}

func TestFilesOfManyCallers(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		c := NewFilesClient(p)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for i := range 30 {
					if err := passAround(c, make([]byte, i%3*30<<10)); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	})
}

// passAround sends one end of a pipe to the plugin and back, twice, and uses it.
func passAround(c *FilesClient, pad []byte) error {
	r, w, err := c.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	defer w.Close()
	back, _, err := c.Pad(w, pad)
	if err != nil {
		return err
	}
	defer back.Close()
	if err := c.Write(context.Background(), back, "text"); err != nil {
		return err
	}
	got := make([]byte, 4)
	if _, err := io.ReadFull(r, got); err != nil {
		return err
	}
	if string(got) != "text" {
		return errors.New("read " + string(got))
	}
	return nil
}

// The rules hold for functions that a call brings, too: the host is the one that is called.
func TestFilesOfACallback(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		name := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(name, []byte("text"), 0o600))
		got, err := NewFilesClient(p).Ask(t.Context(), func(_ context.Context, f *os.File) (*os.File, error) {
			defer f.Close()
			if f.Name() != os.DevNull {
				return nil, errors.New("it is " + f.Name())
			}
			return os.Open(name)
		})
		require.NoError(t, err)
		require.Equal(t, "text", got)
	})
}

// An io.Reader and an io.Writer are streams, whatever they are.
func TestFilesAsStreams(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		from, to := temporary(t), temporary(t)
		_, err := from.WriteAt([]byte("text"), 0)
		require.NoError(t, err)
		n, err := NewFilesClient(p).Copy(to, from)
		require.NoError(t, err)
		require.EqualValues(t, 4, n)
		require.NoError(t, from.Close())
		require.NoError(t, to.Close())
		requireContent(t, "text", to.Name())
	})
}

func TestTooManyFiles(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		f := temporary(t)
		defer f.Close()
		list := make([]*os.File, 64)
		for i := range list {
			list[i] = f
		}
		got, err := NewFilesClient(p).Many(Bundle{List: list})
		require.NoError(t, err)
		for _, f := range got.List {
			require.NoError(t, f.Close())
		}
		_, err = NewFilesClient(p).Many(Bundle{List: append(list, f)})
		require.ErrorContains(t, err, "more than 64 files and connections in one message")
	})
}

// A side that cannot have more files open refuses the call that brings them, and no other.
func TestFilesThatDoNotFit(t *testing.T) {
	p := start(t, "auto")
	c := NewFilesClient(p)
	require.NoError(t, c.Narrow(8))
	plugin, err := c.Open()
	require.NoError(t, err)
	f := temporary(t)
	defer f.Close()
	_, err = c.Many(Bundle{List: []*os.File{f, f, f, f, f, f, f, f, f, f, f, f}})
	require.ErrorContains(t, err, "this process cannot have more of them open")
	var call *pingo.CallError
	require.ErrorAs(t, err, &call)
	require.Equal(t, pingo.NotDelivered, call.Fate)
	requireOpen(t, plugin, c.Open)
	require.NoError(t, c.Write(t.Context(), f, "text"))
	requireContent(t, "text", f.Name())
}

// A plugin that goes takes nothing of the host's with it, and leaves nothing.
func TestFilesOfADeadPlugin(t *testing.T) {
	before, err := open()
	require.NoError(t, err)
	p := start(t, "auto")
	r, w, err := os.Pipe()
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			f, err := NewFilesClient(p).Block(ctx, w)
			if err == nil {
				f.Close()
			}
		})
		_, err = r.Read(make([]byte, 1))
		require.NoError(t, err)
	}
	for range 8 {
		wg.Go(func() {
			for ctx.Err() == nil {
				if passAround(NewFilesClient(p), make([]byte, 1<<20)) != nil {
					return
				}
			}
		})
	}
	cancel()
	p.Stop()
	wg.Wait()
	require.NoError(t, w.Close())
	_, err = io.ReadAll(r) // to its end: nobody has the other one
	require.NoError(t, err)
	require.NoError(t, r.Close())
	requireOpen(t, before, open)
}

func TestNoFilesOverTCP(t *testing.T) {
	p := start(t, "tcp")
	f := temporary(t)
	defer f.Close()
	host, err := open()
	require.NoError(t, err)
	err = NewFilesClient(p).Write(t.Context(), f, "text")
	const why = `only unix sockets pass descriptors, and the connection between host and plugin is none: use "auto" or "unix"`
	require.ErrorContains(t, err, "cannot encode: the file "+f.Name()+" cannot be sent: "+why+"; what is in it can be, by an io.Reader or io.Writer")
	var call *pingo.CallError
	require.ErrorAs(t, err, &call)
	require.Equal(t, pingo.NotDelivered, call.Fate)
	_, err = NewFilesClient(p).Create(t.Context(), f.Name())
	require.ErrorContains(t, err, "the reply cannot be sent: cannot encode: the file "+f.Name()+" cannot be sent: "+why)
	got, err := NewFilesClient(p).Echo(nil)
	require.NoError(t, err)
	require.Nil(t, got)
	requireOpen(t, host, open)
}
