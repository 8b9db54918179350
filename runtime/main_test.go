package pingo_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// The test binary is also every plugin and every host that the tests start: with
// "helper:NAME" as its first argument it runs a helper instead of the tests.

const helperPrefix = "helper:"

// helpers are the programs by name; each file of tests adds its own.
var helpers = map[string]func(){}

var used sync.Map // names of the helpers that were started

func helper(name string, run func()) bool {
	if helpers[name] != nil {
		panic("two helpers named " + name)
	}
	helpers[name] = run
	return true
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], helperPrefix) {
		name := strings.TrimPrefix(os.Args[1], helperPrefix)
		os.Args = slices.Delete(os.Args, 1, 2)
		helpers[name]()
		return
	}
	code := m.Run()
	if code == 0 && wholeSuite() {
		code = unusedHelpers()
	}
	os.Exit(code)
}

func wholeSuite() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.short"} {
		if v := flag.Lookup(name).Value.String(); v != "" && v != "false" {
			return false
		}
	}
	return true
}

// unusedHelpers fails a run in which a helper was never started.
func unusedHelpers() int {
	code := 0
	for _, name := range slices.Sorted(maps.Keys(helpers)) {
		if _, ok := used.Load(name); !ok {
			fmt.Fprintf(os.Stderr, "no test used the helper %q\n", name)
			code = 1
		}
	}
	return code
}

// program returns the path and the first argument that run a helper.
func program(t *testing.T, name string) (path, arg string) {
	t.Helper()
	require.Contains(t, helpers, name)
	used.Store(name, true)
	exe, err := os.Executable()
	require.NoError(t, err)
	return exe, helperPrefix + name
}

// originals are the transports that NewPlugin takes.
var originals = []string{"auto", "unix", "tcp"}

// transports are those of this system; memory and socket are auto with SharedMemory and without.
var transports = []string{"memory", "socket", "unix", "tcp"}

// has tells whether this system has one of transports.
func has(transport string) bool {
	return (transport != "memory" || runtime.GOOS == "linux") && (transport != "unix" || unixSockets())
}

func skipUnlessHas(t testing.TB, transport string) {
	if !has(transport) {
		t.Skip("this system does not have it")
	}
}

// use sets one of transports.
func use(cfg *pingo.Config, transport string) {
	switch transport {
	case "memory":
		cfg.SharedMemory = pingo.DefaultSharedMemory
	case "socket":
		cfg.SharedMemory = -1
	default:
		cfg.Transport = transport
	}
}

// eachTransport runs a test over every transport.
func eachTransport(t *testing.T, test func(t *testing.T, transport string)) {
	eachOf(t, transports, test)
}

func eachOf(t *testing.T, transports []string, test func(t *testing.T, transport string)) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			skipUnlessHas(t, transport)
			t.Parallel()
			test(t, transport)
		})
	}
}

// noRaceSleep is for the environment of children: an exit that takes a second is of no use here.
const noRaceSleep = "GORACE=atexit_sleep_ms=0"

// setup is a Config for a helper, with a generous time-out, and the recorder
// that is its handler.
func setup(t *testing.T, name string, args ...string) (pingo.Config, *recorder) {
	t.Helper()
	path, arg := program(t, name)
	rec := newRecorder(t)
	return pingo.Config{
		Path:         path,
		Args:         append([]string{arg}, args...),
		Env:          []string{noRaceSleep},
		StartTimeout: patience,
		GracePeriod:  patience,
		ErrorHandler: rec,
	}, rec
}

// start starts a helper and stops it when the test ends.
func start(t *testing.T, cfg pingo.Config) *pingo.Plugin {
	t.Helper()
	p := pingo.New(cfg)
	p.Start()
	t.Cleanup(p.Stop)
	return p
}
