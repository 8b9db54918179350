package references

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// die ends this process as how says, or waits for somebody who ends it.
func die(how string) {
	switch how {
	case "exits":
		os.Exit(0)
	case "is killed":
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		if err != nil {
			panic(err)
		}
	}
	select {}
}

// cut is what streams are made of that end with their process.
type cut struct {
	how    string
	begun  bool
	caught chan struct{} // closed when it comes to its end, if not nil
}

func (c *cut) die() {
	if c.caught != nil {
		close(c.caught)
	}
	die(c.how)
}

func (c *cut) seq(yield func(int, error) bool) {
	for i := range 3 {
		if !yield(i, nil) {
			return
		}
	}
	c.die()
}

func (c *cut) channel() <-chan int {
	items := make(chan int)
	go func() {
		items <- 1
		c.die()
	}()
	return items
}

func (c *cut) Read(p []byte) (int, error) {
	if c.begun {
		c.die()
	}
	c.begun = true
	return copy(p, "some"), nil
}

func (c *cut) Write([]byte) (int, error) {
	c.die()
	return 0, nil
}

func (c *cut) Close() error               { return nil }
func (c *cut) Stat() (fs.FileInfo, error) { return nil, fs.ErrInvalid }

// lost is a Lost. It reports to a file how the streams of its host end.
type lost struct{ report []string }

func (lost) Seq(_ context.Context, how string) (iter.Seq2[int, error], error) {
	return (&cut{how: how}).seq, nil
}
func (lost) Chan(_ context.Context, how string) (<-chan int, error) {
	return (&cut{how: how}).channel(), nil
}
func (lost) Reader(_ context.Context, how string) (io.ReadCloser, error)  { return &cut{how: how}, nil }
func (lost) File(_ context.Context, how string) (fs.File, error)          { return &cut{how: how}, nil }
func (lost) Writer(_ context.Context, how string) (io.WriteCloser, error) { return &cut{how: how}, nil }

func (l lost) TakeSeq(_ context.Context, seq iter.Seq2[int, error]) error {
	return l.tell(drainSeq(seq))
}

func (l lost) TakeChan(ctx context.Context, c <-chan int) error {
	for range c {
	}
	return l.tell(ctx.Err()) // there is no other way to know
}

func (l lost) TakeReader(_ context.Context, r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return l.tell(err)
}

func (l lost) TakeWriter(_ context.Context, w io.Writer) error {
	return l.tell(fill(w))
}

func (l lost) tell(err error) error {
	text := "looks complete"
	if err != nil && !errors.Is(err, io.EOF) {
		text = "cut off: " + err.Error()
	}
	if failed := os.WriteFile(l.report[0]+".new", []byte(text), 0o600); failed != nil {
		return failed
	}
	return errors.Join(err, os.Rename(l.report[0]+".new", l.report[0]))
}

func drainSeq(seq iter.Seq2[int, error]) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

// fill writes until that fails.
func fill(w io.Writer) error {
	for {
		if _, err := w.Write(make([]byte, 1<<10)); err != nil {
			return err
		}
	}
}

func transports() []string {
	if runtime.GOOS == "windows" {
		return []string{"auto", "tcp"}
	}
	return []string{"auto", "unix", "tcp"}
}

func startLost(transport string, report ...string) (*pingo.Plugin, error) {
	program, err := os.Executable()
	p := pingo.New(pingo.Config{
		Transport: transport, Path: program, Args: append([]string{asPlugin}, report...),
		StartTimeout: time.Minute, GracePeriod: 500 * time.Millisecond,
	})
	p.Start()
	return p, err
}

// A stream of a plugin that is gone does not look as if it were complete.
func TestStreamsOfALostPlugin(t *testing.T) {
	reads := map[string]func(c Lost, how string, begun func()) error{
		"sequence": func(c Lost, how string, begun func()) error {
			seq, err := c.Seq(context.Background(), how)
			require.NoError(t, err)
			return drainSeq(func(yield func(int, error) bool) {
				seq(func(i int, err error) bool { begun(); return yield(i, err) })
			})
		},
		"reader": func(c Lost, how string, begun func()) error {
			r, err := c.Reader(context.Background(), how)
			require.NoError(t, err)
			return readAll(r, begun)
		},
		"file": func(c Lost, how string, begun func()) error {
			f, err := c.File(context.Background(), how)
			require.NoError(t, err)
			return readAll(f, begun)
		},
		"writer": func(c Lost, how string, begun func()) error {
			w, err := c.Writer(context.Background(), how)
			require.NoError(t, err)
			begun()
			return fill(w)
		},
	}
	methods := map[string]string{
		"sequence": "Range from Lost.Seq", "reader": "Read from Lost.Reader", "file": "Read from Lost.File", "writer": "Write from Lost.Writer",
	}
	for _, transport := range transports() {
		for _, how := range []string{"exits", "is killed", "is stopped"} {
			for what, read := range reads {
				t.Run(transport+"/"+what+" of a plugin that "+how, func(t *testing.T) {
					t.Parallel()
					p, err := startLost(transport)
					require.NoError(t, err)
					t.Cleanup(p.Stop)
					begun := func() {}
					if how == "is stopped" {
						begun = func() { go p.Stop() }
					}
					err = read(NewLostClient(p), how, begun)
					require.Error(t, err)
					require.NotErrorIs(t, err, io.EOF)
					var call *pingo.CallError
					require.ErrorAs(t, err, &call)
					require.Equal(t, methods[what], call.Method)
				})
			}
			t.Run(transport+"/channel of a plugin that "+how, func(t *testing.T) {
				t.Parallel()
				p, err := startLost(transport)
				require.NoError(t, err)
				t.Cleanup(p.Stop)
				items, err := NewLostClient(p).Chan(context.Background(), how)
				require.NoError(t, err)
				if how == "is stopped" {
					<-items
					go p.Stop()
				}
				for range items { // it ends
				}
			})
		}
	}
}

// A sequence or a channel ends with the context of the call that returned it, whatever the
// plugin does. A reader, which has a Close, does not.
func TestContextOfAReturnedStream(t *testing.T) {
	p, err := startLost("auto")
	require.NoError(t, err)
	t.Cleanup(p.Stop)
	c := NewLostClient(p)

	ctx, cancel := context.WithCancel(t.Context())
	seq, err := c.Seq(ctx, "never returns")
	require.NoError(t, err)
	n := 0
	require.ErrorIs(t, drainSeq(func(yield func(int, error) bool) {
		seq(func(i int, err error) bool {
			if n++; n == 3 {
				time.AfterFunc(time.Millisecond, cancel) // when it waits
			}
			return yield(i, err)
		})
	}), context.Canceled)
	require.ErrorIs(t, drainSeq(seq), context.Canceled, "once more")

	ctx, cancel = context.WithCancel(t.Context())
	seq, err = c.Seq(ctx, "never returns")
	require.NoError(t, err)
	n = 0
	for _, err = range seq {
		n++
		cancel() // what has arrived is not wanted
	}
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 2, n)

	ctx, cancel = context.WithCancel(t.Context())
	items, err := c.Chan(ctx, "never returns")
	require.NoError(t, err)
	require.Equal(t, 1, <-items)
	cancel()
	_, ok := <-items
	require.False(t, ok)

	ctx, cancel = context.WithCancel(t.Context())
	r, err := c.Reader(ctx, "")
	require.NoError(t, err)
	cancel()
	_, err = r.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, r.Close())
}

// A reader that is dropped in the middle is found by the collector.
func TestReaderThatNobodyReadsOn(t *testing.T) {
	c := NewFilesClient(start(t)) // wants nothing to be kept in the end
	r, err := c.Open(t.Context(), "x")
	require.NoError(t, err)
	_, err = r.Read(make([]byte, 1))
	require.NoError(t, err)
}

func readAll(r io.Reader, begun func()) error {
	if _, err := r.Read(make([]byte, 1)); err != nil {
		return err
	}
	begun()
	_, err := io.Copy(io.Discard, r)
	return err
}

// asHost is the argument with which this test's binary is a host that ends while
// its plugin reads from it.
const asHost = "lose-host"

func loseHost(args []string) {
	transport, what, how, report := args[0], args[1], args[2], args[3]
	p, err := startLost(transport, report)
	if err != nil {
		panic(err)
	}
	stream := &cut{how: how, caught: make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- give(NewLostClient(p), what, stream) }()
	select {
	case <-stream.caught:
		if how == "stops" {
			p.Stop()
			os.Exit(0)
		}
		select {}
	case err := <-done:
		panic(err)
	}
}

func give(c Lost, what string, stream *cut) error {
	ctx := context.Background()
	switch what {
	case "sequence":
		return c.TakeSeq(ctx, stream.seq)
	case "channel":
		return c.TakeChan(ctx, stream.channel())
	case "reader":
		return c.TakeReader(ctx, stream)
	default:
		return c.TakeWriter(ctx, stream)
	}
}

// reportOfALostHost is what a plugin has to tell whose host has ended. The plugin is about to end then as well, and on a busy
// machine may not come to tell it: that says nothing, and another one is asked.
func reportOfALostHost(t *testing.T, transport, what, how string) string {
	program, err := os.Executable()
	require.NoError(t, err)
	var report string
	told := func() bool {
		_, err := os.Stat(report)
		return err == nil
	}
	for range 20 {
		report = filepath.Join(t.TempDir(), "report")
		out, err := exec.Command(program, asHost, transport, what, how, report).CombinedOutput()
		t.Logf("the host: %v %s", err, out)
		for late := time.Now().Add(tellTime); !told() && time.Now().Before(late); {
			time.Sleep(5 * time.Millisecond)
		}
		if told() {
			text, err := os.ReadFile(report)
			require.NoError(t, err)
			return string(text)
		}
	}
	require.FailNow(t, "no plugin has told anything")
	return ""
}

// tellTime is longer than a plugin lives without its host, unless it does not get to run.
const tellTime = 3 * time.Second

// What a plugin reads of a host that is gone does not look as if it were complete either.
func TestStreamsOfALostHost(t *testing.T) {
	for _, transport := range transports() {
		for _, how := range []string{"exits", "is killed", "stops"} {
			for _, what := range []string{"sequence", "channel", "reader", "writer"} {
				t.Run(transport+"/"+what+" of a host that "+how, func(t *testing.T) {
					t.Parallel()
					text := reportOfALostHost(t, transport, what, how)
					require.Contains(t, text, "cut off: ")
					t.Log(text)
				})
			}
		}
	}
}
