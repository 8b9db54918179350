package pingotest_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/examples/callbacks/counter"
	"github.com/pingogen/pingogen/examples/callbacks/words"
	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/pingotest"
)

const wordsPlugin = "github.com/pingogen/pingogen/examples/callbacks/cmd/words-plugin"

var _ = pingotest.Use(counter.New, words.NewCounterClient, words.RegisterCounter, wordsPlugin)

// placement tells what makes them differ.
func placement(c words.Counter) string {
	if _, direct := c.(*counter.Counter); direct {
		return "direct"
	}
	return "client"
}

func TestRun(t *testing.T) {
	var seen []string
	pingotest.Run(t, func(t *testing.T, c words.Counter) {
		seen = append(seen, t.Name()+" "+placement(c))
		counts, err := c.Count(t.Context(), strings.NewReader("a b a"), func(int) error { return nil })
		require.NoError(t, err)
		n, err := counts.Words(t.Context(), "a")
		require.NoError(t, err)
		for w, err := range n {
			require.NoError(t, err)
			require.Equal(t, words.Word{Text: "a", Count: 2}, w)
		}
		require.NoError(t, counts.Close())
	})
	if _, err := exec.LookPath("go"); err == nil {
		require.Equal(t, []string{"TestRun/implementation direct", "TestRun/in-process client", "TestRun/subprocess client"}, seen)
	}
}

// Each placement of each test has an implementation of its own, also at the same time.
func TestParallel(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			pingotest.Run(t, func(t *testing.T, c words.Counter) {
				log := &logged{}
				require.NoError(t, c.UseLog(t.Context(), log))
				counts, err := c.Count(t.Context(), strings.NewReader("a b a"), func(int) error { return nil })
				require.NoError(t, err)
				require.NoError(t, counts.Close())
				require.NoError(t, c.UseLog(t.Context(), nil))
				require.Equal(t, []string{"counted 3 words, 2 of them different", "closed counts"}, log.all())
			})
		})
	}
}

type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) Log(_ context.Context, line string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	return nil
}

func (l *logged) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines
}

// What crosses the wire in a process is a copy, and an error of the runtime says where.
func TestInProcess(t *testing.T) {
	pingotest.CheckLeaks(t)
	p, err := pingo.NewInProcess(func() { words.RegisterCounter(counter.New()) })
	require.NoError(t, err)
	defer p.Close()
	err = p.CallContext(t.Context(), "Counter.Nothing", &codec.Nothing{}, &codec.Nothing{})
	require.EqualError(t, err, "plugin in process: Counter.Nothing: not delivered: not implemented: Counter has no method Nothing; it has Count, UseLog")
	p.Close()
	_, err = words.NewCounterClient(p).Count(t.Context(), strings.NewReader(""), nil)
	require.ErrorIs(t, err, pingo.ErrStopped)
}

func TestUse(t *testing.T) {
	require.PanicsWithValue(t, "pingotest: Use: *pingotest_test.logged is not a words.Counter", func() {
		pingotest.Use(func() *logged { return nil }, words.NewCounterClient, words.RegisterCounter, "")
	})
}

// A program is linked again only if its source has changed.
func TestBuildCaches(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip(err)
	}
	objects, err := exec.Command("go", "env", "GOCACHE").Output()
	require.NoError(t, err)
	t.Setenv("GOCACHE", strings.TrimSpace(string(objects)))
	t.Setenv("GOWORK", "off")
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache")) // elsewhere the cache of the user serves as well
	write := func(text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() { println("+text+") }\n"), 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/m\n\ngo 1.26.0\n"), 0o600))
	write("1")
	t.Chdir(dir)
	path := pingotest.Build(t, ".")
	before, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, path, pingotest.Build(t, "."))

	// Another process finds what is there, and replaces it only by something else.
	pingotest.ForgetBuilt()
	require.Equal(t, path, pingotest.Build(t, "."))
	same, err := os.Stat(path)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		require.True(t, os.SameFile(before, same), "it was linked again")
	}
	pingotest.ForgetBuilt()
	write("2")
	out, err := exec.Command(pingotest.Build(t, ".")).CombinedOutput()
	require.NoError(t, err)
	require.Equal(t, "2\n", string(out))
}

// misbehaving are tests that have to fail, and what they have to say.
var misbehaving = map[string]struct {
	test func(t *testing.T)
	want []string
	os   string // if it is for one system only
}{
	"goroutine": {
		test: func(t *testing.T) {
			pingotest.Run(t, func(t *testing.T, _ words.Counter) {
				go func() { select {} }()
			})
		},
		want: []string{"--- FAIL: TestMisbehaving/implementation", "--- FAIL: TestMisbehaving/in-process", "goroutines that the test has left behind:\n\tgithub.com/pingogen/pingogen/runtime/pingotest_test."},
	},
	"descriptor": {
		os: "linux",
		test: func(t *testing.T) {
			pingotest.CheckLeaks(t)
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			kept = l
		},
		want: []string{"the test has left behind:\n\tdescriptor ", " socket:["},
	},
	"process": {
		os: "linux",
		test: func(t *testing.T) {
			pingotest.CheckLeaks(t)
			require.NoError(t, exec.Command("sleep", "9").Start())
		},
		want: []string{"the test has left behind:\n\t", "\tprocess ", " sleep 9"}, // and its pidfd, until that is collected
	},
	"reference": {
		test: func(t *testing.T) {
			pingotest.Run(t, func(t *testing.T, c words.Counter) {
				kept, _ = c.Count(t.Context(), strings.NewReader("a"), nil)
			})
		},
		want: []string{"--- FAIL: TestMisbehaving/subprocess", "the test still holds 1 references to what is in the plugin: close what it returns by reference, or drop it"},
	},
	"implementation": {
		test: func(t *testing.T) {
			pingotest.Run(t, func(t *testing.T, c words.Counter) {
				require.NoError(t, c.UseLog(t.Context(), &logged{}))
			})
		},
		want: []string{"--- FAIL: TestMisbehaving/in-process", "the implementation still holds 1 references to what the test passed, and Kit.Keeps is 0"},
	},
	"no kit": {
		test: func(t *testing.T) { pingotest.Run(t, func(*testing.T, fmt.Stringer) {}) },
		want: []string{"nothing says how to make a fmt.Stringer; call pingotest.Use"},
	},
	"two kits": {
		test: func(t *testing.T) {
			pingotest.Use(counter.New, words.NewCounterClient, words.RegisterCounter, "")
			pingotest.Run(t, func(*testing.T, words.Counter) {})
		},
		want: []string{"pingotest.Use was called 2 times for words.Counter; call Run of the Kits that it returned"},
	},
	"no plugin": {
		test: func(t *testing.T) {
			pingotest.Use(counter.New, words.NewCounterClient, words.RegisterCounter, "./nowhere").Run(t, func(*testing.T, words.Counter) {})
		},
		want: []string{"--- FAIL: TestMisbehaving/subprocess", "building the plugin ./nowhere: exit status 1\n"},
	},
}

var kept any // what a misbehaving test does not let go of

const misbehave = "PINGOTEST_MISBEHAVE"

func TestMisbehaving(t *testing.T) {
	if name := os.Getenv(misbehave); name != "" {
		pingotest.SetLeakTime(300 * time.Millisecond)
		misbehaving[name].test(t)
		return
	}
	exe, err := os.Executable()
	require.NoError(t, err)
	for name, c := range misbehaving {
		t.Run(name, func(t *testing.T) {
			if c.os != "" && c.os != runtime.GOOS {
				t.Skip("not known on this system")
			}
			if _, err := exec.LookPath("go"); err != nil {
				t.Skip(err)
			}
			t.Parallel()
			cmd := exec.Command(exe, "-test.run=^TestMisbehaving$")
			cmd.Env = append(os.Environ(), misbehave+"="+name)
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "%s", out)
			text := regexp.MustCompile("\n +").ReplaceAllString(string(out), "\n")
			for _, want := range c.want {
				require.Contains(t, text, want)
			}
		})
	}
}
