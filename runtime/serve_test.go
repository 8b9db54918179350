package pingo_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func TestRunByHand(t *testing.T) {
	for name, want := range map[string]string{
		"greeter": ": this program is a plugin: it is started by its host, not by hand.\n" +
			"It serves:\n\tGreeter.Meet(name string) (string)\n\tGreeter.SayHello(name string) (string)\n",
		"nothing": ": this program is a plugin: it is started by its host, not by hand.\n" +
			"It serves nothing: no object is registered.\n",
	} {
		path, arg := program(t, name)
		out, err := exec.Command(path, arg).Output()
		require.Empty(t, string(out), "nothing on stdout")
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		require.Equal(t, 2, exit.ExitCode())
		require.Contains(t, string(exit.Stderr), want)
	}
}

// What is set for who debugs is said to be in vain where it is.
func TestRunByHandWithSettings(t *testing.T) {
	path, arg := program(t, "nothing")
	cmd := exec.Command(path, arg)
	cmd.Env = append(os.Environ(), "PINGO_ATTACH=lisen", "PINGO_DEBUG=wait")
	_, err := cmd.Output()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Contains(t, string(exit.Stderr), "\nPINGO_ATTACH=lisen means nothing to it: with PINGO_ATTACH=listen it waits for a host."+
		"\nPINGO_DEBUG=wait is for its host.\n")
}

var _ = helper("nothing", func() { fail(pingo.Run()) })

// A host may be newer than its plugin.
func TestTransportThatThePluginDoesNotKnow(t *testing.T) {
	path, arg := program(t, "lab")
	cmd := exec.Command(path, arg)
	cmd.Env = append(os.Environ(), "PINGO_TRANSPORT=pigeon", "PINGO_FILES=3,4")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), `the transport "pigeon" is not known to this plugin; build it with the same pingo as its host`)
}

func TestRunAsAPluginWithoutObjects(t *testing.T) {
	cfg, _ := setup(t, "nothing")
	p := start(t, cfg)
	objects, err := p.Objects()
	require.NoError(t, err)
	require.Empty(t, objects)
	err = p.Call("Lab.Echo", "x", nil)
	require.ErrorContains(t, err, "not implemented: nothing is registered")
}

// Late registers itself while the plugin runs.
type Late struct{}

// Panics replies with what Register panics with.
func (Late) Panics(_ int, text *string) error {
	func() {
		defer func() { *text = fmt.Sprint(recover()) }()
		pingo.Register(new(Lab))
	}()
	return nil
}

// Again replies with the error of another Serve.
func (Late) Again(_ int, text *string) error {
	*text = pingo.Serve(context.Background()).Error()
	return nil
}

var _ = helper("late", func() {
	pingo.Register(Late{})
	fail(pingo.Run())
})

func TestRegisterAfterRunPanics(t *testing.T) {
	cfg, _ := setup(t, "late")
	p := start(t, cfg)
	var text string
	require.NoError(t, p.Call("Late.Panics", 0, &text))
	require.Equal(t, "pingo: Register called after Run", text)
	require.NoError(t, p.Call("Late.Again", 0, &text))
	require.Equal(t, "pingo: Run or Serve was called before; they can be called once", text)
}

// Unsuitable has no method to call.
type Unsuitable struct{}

func TestRegisterRefuses(t *testing.T) {
	require.PanicsWithValue(t, "pingo: Register: cannot register a *pingo_test.Unsuitable: it has no exported method of the form func (T) Method(args A, reply *R) error with exported or predeclared types", func() {
		pingo.Register(new(Unsuitable))
	})
	require.PanicsWithValue(t, "pingo: Register: cannot register nil", func() { pingo.Register(nil) })
}

// Quitter ends its plugin from within.
type Quitter struct{ quit context.CancelFunc }

// Quit ends the context of Serve, and still replies.
func (q Quitter) Quit(_ int, r *string) error {
	q.quit()
	*r = "bye"
	return nil
}

var _ = helper("quitter", func() {
	ctx, cancel := context.WithCancel(context.Background())
	pingo.Register(Quitter{cancel})
	if err := pingo.Serve(ctx); err != nil {
		fail(err)
	}
	fmt.Println("done")
	os.Exit(0)
})

func TestServeEndsWithItsContext(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, rec := setup(t, "quitter")
		use(&cfg, transport)
		p := start(t, cfg)
		var reply string
		require.NoError(t, p.Call("Quitter.Quit", 0, &reply), "the call under way finishes")
		require.Equal(t, "bye", reply)
		wait(t, "the end", p.Done())
		lines, _, _ := rec.snapshot()
		require.Equal(t, []string{"done"}, lines)
		var crash *pingo.CrashError
		require.ErrorAs(t, p.Err(), &crash)
		require.Equal(t, 0, crash.ExitCode)
	})
}
