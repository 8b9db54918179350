package references

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

var digits = strings.Repeat("0123456789", 100_000)

// file is in memory.
type file struct {
	*bytes.Reader
	written bytes.Buffer
}

func (f *file) Write(p []byte) (int, error) { return f.written.Write(p) }
func (f *file) Close() error {
	if f.Reader == nil {
		return fs.ErrClosed
	}
	f.Reader = nil
	return nil
}

// files is a Files.
type files struct{}

func (files) Copy(_ context.Context, w io.Writer, r io.Reader) (int64, error) { return io.Copy(w, r) }
func (files) Open(_ context.Context, name string) (io.ReadSeekCloser, error) {
	if name == "" {
		return nil, fs.ErrNotExist
	}
	if name == "exit" {
		os.Exit(3)
	}
	if name == "sequential" {
		return &sequential{}, nil
	}
	if name == "pipe" {
		r, w := io.Pipe()
		go func() { _, _ = w.Write([]byte("1")) }()
		return struct {
			io.ReadCloser
			io.Seeker
		}{r, nil}, nil
	}
	return &file{Reader: bytes.NewReader([]byte(name + digits))}, nil
}

// sequential is a reader that is not safe for concurrent use, of a slow medium.
type sequential struct {
	reading atomic.Bool
	calls   int // without a lock, for the race detector
}

func (s *sequential) Read(p []byte) (int, error) {
	s.reading.Store(true)
	s.calls++
	time.Sleep(time.Millisecond)
	s.reading.Store(false)
	return len(p), nil
}

func (s *sequential) Seek(int64, int) (int64, error) { return 0, nil }

func (s *sequential) Close() error {
	if s.reading.Load() {
		return errors.New("closed in the middle of a Read")
	}
	s.calls++
	return nil
}

// Who calls one method after the other is not who calls two at once because of what is
// read ahead. Close waits for that for 100 ms, which a busy machine may take for a Read.
func TestCloseAfterRead(t *testing.T) {
	c := NewFilesClient(start(t))
	for range 200 {
		f, err := c.Open(t.Context(), "sequential")
		require.NoError(t, err)
		_, err = f.Read(make([]byte, 1))
		require.NoError(t, err)
		begin := time.Now()
		if err := f.Close(); time.Since(begin) < 100*time.Millisecond {
			require.NoError(t, err)
		}
	}
}

func (files) Create(_ context.Context, name string) (io.WriteCloser, error) {
	if name == "explosive" {
		return struct {
			io.Writer
			io.Closer
		}{explosive{}, limited{}}, nil
	}
	return limited{7}, nil
}
func (files) Update(context.Context, string) (io.ReadWriteSeeker, error) {
	return &overlay{text: []byte(digits)}, nil
}
func (files) At(_ context.Context, r io.ReaderAt) (*Ends, error) {
	var b [2]byte
	_, err := r.ReadAt(b[:1], 0)
	_, last := r.ReadAt(b[1:], int64(len(digits)-1))
	return &Ends{First: b[0], Last: b[1], Source: r, Closer: &file{Reader: bytes.NewReader(nil)}}, errors.Join(err, last)
}
func (files) Lines(_ context.Context, r io.ReadCloser) (io.ByteScanner, error) {
	text, err := io.ReadAll(r)
	return strings.NewReader(string(text)), errors.Join(err, r.Close())
}
func (files) Buffered(r io.Reader) (Peeker, error) {
	b := bufio.NewReader(r)
	_, err := b.Peek(1)
	return b, err
}
func (files) To(_ context.Context, w io.WriterTo, r io.ReaderFrom) (int64, error) {
	var b bytes.Buffer
	n, err := w.WriteTo(&b)
	m, failed := r.ReadFrom(&b)
	if m != n {
		failed = errors.New("not all was read")
	}
	return n, errors.Join(err, failed)
}

// limited takes so many bytes.
type limited struct{ n int }

func (l limited) Write(p []byte) (int, error) {
	if len(p) > l.n {
		return l.n, io.ErrShortWrite
	}
	return len(p), nil
}
func (l limited) Close() error { return nil }

// overlay reads and writes at one position.
type overlay struct {
	text []byte
	at   int
}

func (o *overlay) Read(p []byte) (int, error) {
	n := copy(p, o.text[o.at:])
	o.at += n
	return n, nil
}
func (o *overlay) Write(p []byte) (int, error) {
	n := copy(o.text[o.at:], p)
	o.at += n
	return n, nil
}
func (o *overlay) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekCurrent {
		offset += int64(o.at)
	}
	o.at = int(offset)
	return offset, nil
}

// source is a Source.
type source struct{ file }

func (s *source) Read(p []byte) (int, error) {
	if s.Reader == nil {
		s.Reader = bytes.NewReader([]byte(digits))
	}
	return s.Reader.Read(p)
}
func (s *source) Again() (Source, error) { return s, nil }

// tests is an FS.
type tests struct{}

var testFS = fstest.MapFS{"dir/a.txt": {Data: []byte(digits), ModTime: time.Unix(1, 0), Mode: 0o600}, "b": {}}

func (tests) Open(name string) (fs.File, error)                { return testFS.Open(name) }
func (tests) Sub(_ context.Context, dir string) (fs.FS, error) { return fs.Sub(testFS, dir) }
func (tests) Dir(name string) (fs.ReadDirFile, error) {
	f, err := testFS.Open(name)
	if err != nil {
		return nil, err
	}
	return f.(fs.ReadDirFile), nil
}

func TestStreamsOfBytes(t *testing.T) {
	c := NewFilesClient(start(t))
	var to bytes.Buffer
	n, err := c.Copy(t.Context(), &to, strings.NewReader(digits))
	require.NoError(t, err)
	require.EqualValues(t, len(digits), n)
	require.Equal(t, digits, to.String())

	f, err := c.Open(t.Context(), "")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.Nil(t, f)
	f, err = c.Open(t.Context(), "name")
	require.NoError(t, err)
	require.NoError(t, iotest.TestReader(f, []byte("name"+digits)))
	require.NoError(t, f.Close())
	_, err = f.Read(make([]byte, 1))
	require.ErrorIs(t, err, fs.ErrClosed)

	w, err := c.Create(t.Context(), "")
	require.NoError(t, err)
	_, err = w.Write([]byte(digits[:8]))
	require.NoError(t, err, "it is on its way")
	require.ErrorIs(t, w.Close(), io.ErrShortWrite)
}

// idler returns nothing again and again.
type idler struct{}

func (idler) Read([]byte) (int, error) { return 0, nil }

func TestReaderWithoutProgress(t *testing.T) {
	_, err := NewFilesClient(start(t)).Copy(t.Context(), io.Discard, idler{})
	require.ErrorIs(t, err, io.ErrNoProgress)
}

// What was read ahead is not lost where the value cannot seek.
func TestSeekThatFails(t *testing.T) {
	c := NewFilesClient(start(t))
	f, err := c.Open(t.Context(), "name")
	require.NoError(t, err)
	p := make([]byte, 4)
	_, err = io.ReadFull(f, p)
	require.NoError(t, err)
	for range 2 {
		_, err = f.Seek(-1, io.SeekStart)
		require.ErrorContains(t, err, "negative position")
		_, err = io.ReadFull(f, p[:2])
		require.NoError(t, err)
	}
	require.Equal(t, "23", string(p[:2]))
	at, err := f.Seek(1, io.SeekCurrent)
	require.NoError(t, err)
	require.EqualValues(t, len("name01234"), at)
	rest, err := io.ReadAll(f)
	require.NoError(t, err)
	require.Equal(t, digits[5:], string(rest))
	require.NoError(t, f.Close())
}

// What is on its way counts as read ahead.
func TestSeekWhileItIsReadAhead(t *testing.T) {
	c := NewFilesClient(start(t))
	for range 20 {
		f, err := c.Open(t.Context(), "name")
		require.NoError(t, err)
		p := make([]byte, 4)
		_, err = io.ReadFull(f, p)
		require.NoError(t, err)
		at, err := f.Seek(0, io.SeekCurrent)
		require.NoError(t, err)
		require.EqualValues(t, 4, at)
		_, err = io.ReadFull(f, p)
		require.NoError(t, err)
		require.Equal(t, digits[:4], string(p))
		require.NoError(t, f.Close())
	}
}

// A call that is over does not take what it has read ahead with it.
func TestReaderThatIsKept(t *testing.T) {
	c := NewFilesClient(start(t))
	for range 20 {
		r, err := c.Buffered(strings.NewReader(digits))
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, len(digits), len(text))
		require.True(t, digits == string(text))
	}
}

// A reader that nobody reads to its end, nor closes, is let go of: start sees to that.
func TestReaderThatIsDropped(t *testing.T) {
	f, err := NewFilesClient(start(t)).Open(t.Context(), "name")
	require.NoError(t, err)
	_, err = io.ReadFull(f, make([]byte, 4))
	require.NoError(t, err)
}

func TestCloseEndsARead(t *testing.T) {
	f, err := NewFilesClient(start(t)).Open(t.Context(), "pipe")
	require.NoError(t, err)
	reads := make(chan error)
	go func() {
		for range 2 { // the second has to wait
			_, err := f.Read(make([]byte, 1))
			reads <- err
		}
	}()
	require.NoError(t, <-reads)
	require.NoError(t, f.Close())
	err = <-reads
	require.True(t, errors.Is(err, io.ErrClosedPipe) || errors.Is(err, fs.ErrClosed), "%v", err) // the latter if the Close was first
}

// explosive is a writer that panics.
type explosive struct{}

func (explosive) Write([]byte) (int, error) { panic("boom") }

// A writer runs on no goroutine that anybody could recover: its panic is the call's.
func TestWriterThatPanics(t *testing.T) {
	c := NewFilesClient(start(t))
	for range 2 { // both sides live on
		_, err := c.Copy(t.Context(), explosive{}, strings.NewReader(digits))
		require.ErrorContains(t, err, "panic: boom\n\tat ")
		require.ErrorContains(t, err, "explosive.Write")
	}
	for range 2 {
		w, err := c.Create(t.Context(), "explosive")
		require.NoError(t, err)
		_, err = w.Write([]byte(digits[:8]))
		require.NoError(t, err, "it is on its way")
		var panicked *pingo.PanicError
		require.ErrorAs(t, w.Close(), &panicked)
		require.Equal(t, "boom", panicked.Value)
	}
}

func TestOnePositionForReadAndWrite(t *testing.T) {
	c := NewFilesClient(start(t))
	f, err := c.Update(t.Context(), "")
	require.NoError(t, err)
	p := make([]byte, 5)
	_, err = io.ReadFull(f, p)
	require.NoError(t, err)
	_, err = f.Write([]byte("xyz"))
	require.NoError(t, err)
	_, err = f.Seek(-1, io.SeekCurrent)
	require.NoError(t, err)
	_, err = io.ReadFull(f, p)
	require.NoError(t, err)
	require.Equal(t, "z8901", string(p))
}

func TestOthersOfPackageIO(t *testing.T) {
	c := NewFilesClient(start(t))
	ends, err := c.At(t.Context(), strings.NewReader(digits))
	require.NoError(t, err)
	require.Equal(t, "09", string([]byte{ends.First, ends.Last}))
	require.IsType(t, &strings.Reader{}, ends.Source)
	require.NoError(t, ends.Close())

	scan, err := c.Lines(t.Context(), io.NopCloser(strings.NewReader("ab")))
	require.NoError(t, err)
	b, err := scan.ReadByte()
	require.NoError(t, err)
	require.NoError(t, scan.UnreadByte())
	again, err := scan.ReadByte()
	require.NoError(t, err)
	require.Equal(t, b, again)

	peek, err := c.Buffered(strings.NewReader("peek and read"))
	require.NoError(t, err)
	head, err := peek.Peek(4)
	require.NoError(t, err)
	require.Equal(t, "peek", string(head))
	text, err := io.ReadAll(peek)
	require.NoError(t, err)
	require.Equal(t, "peek and read", string(text))

	var to bytes.Buffer
	n, err := c.To(t.Context(), strings.NewReader(digits), &to)
	require.NoError(t, err)
	require.EqualValues(t, len(digits), n)
	require.Equal(t, digits, to.String())
}

// A contract that reads is called once for each Read, and its values likewise.
func TestSource(t *testing.T) {
	c := NewSourceClient(start(t))
	p := make([]byte, 10)
	_, err := io.ReadFull(c, p)
	require.NoError(t, err)
	require.Equal(t, "0123456789", string(p))
	_, err = c.ReadAt(p, 5)
	require.NoError(t, err)
	require.Equal(t, "5678901234", string(p))
	n, err := c.Write([]byte("written"))
	require.NoError(t, err)
	require.Equal(t, 7, n)
	at, err := c.Seek(1, io.SeekCurrent)
	require.NoError(t, err)
	require.EqualValues(t, 11, at)
	again, err := c.Again()
	require.NoError(t, err)
	_, err = io.ReadFull(again, p)
	require.NoError(t, err)
	require.Equal(t, "1234567890", string(p))
	require.NoError(t, again.Close())
	_, err = again.Read(p)
	require.ErrorIs(t, err, fs.ErrClosed)
}

func TestFS(t *testing.T) {
	c := NewFSClient(start(t))
	sub, err := c.Sub(t.Context(), "dir")
	require.NoError(t, err)
	f, err := sub.Open("a.txt")
	require.NoError(t, err)
	info, err := f.Stat()
	require.NoError(t, err)
	require.Equal(t, "a.txt", info.Name())
	require.EqualValues(t, len(digits), info.Size())
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	require.True(t, info.ModTime().Equal(time.Unix(1, 0)))
	require.Nil(t, info.Sys())
	text, err := io.ReadAll(f)
	require.NoError(t, err)
	require.Equal(t, digits, string(text))
	require.NoError(t, f.Close())

	dir, err := c.Dir(".")
	require.NoError(t, err)
	entries, err := dir.ReadDir(-1)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.True(t, entries[1].IsDir())
}
