package pingo_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// grouped opens a group of variants.
func grouped(t *testing.T, dir, pattern string, change func(*pingo.Config)) *pingo.Group {
	t.Helper()
	cfg, _ := setup(t, "variant")
	cfg.Path, cfg.GracePeriod = "", 50*time.Millisecond
	if change != nil {
		change(&cfg)
	}
	g, err := pingo.OpenGroup(dir, pattern, cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Shutdown(ended()) })
	return g
}

func names(plugins []*pingo.Plugin) []string {
	list := []string{}
	for _, p := range plugins {
		exe, _, _ := strings.Cut(p.String(), " ")
		list = append(list, filepath.Base(exe))
	}
	return list
}

func TestGroup(t *testing.T) {
	check := nothingRemains(t)
	path := executables(t, "one", "two", "other", "exits", "gone", "nothing")
	dir := filepath.Dir(path("one"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "text.txt"), nil, 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "dir.exe"), 0o700))
	g := grouped(t, dir, "[^gn]*", nil)
	require.Equal(t, []string{"exits.exe", "one.exe", "other.exe", "two.exe"}, names(g.Plugins()))
	require.ErrorIs(t, g.Ready(t.Context()), pingo.ErrNotStarted)
	g.Start()
	serving, err := g.Serving(t.Context(), "Greeter")
	require.ErrorContains(t, err, "exits.exe")
	require.ErrorContains(t, err, "status 7")
	require.Equal(t, []string{"one.exe", "other.exe", "two.exe"}, names(serving), "one that fails does not hide the others")
	serving, err = g.Serving(t.Context(), "Nobody")
	require.Empty(t, serving)
	require.ErrorContains(t, err, "status 7")
	require.NotErrorIs(t, err, pingo.ErrUnimplemented, "the one that could not be asked may be who serves it")
	require.ErrorContains(t, g.Ready(t.Context()), "status 7")
	require.Nil(t, g.Plugin("gone.exe"))
	msg, err := newGreeterClient(g.Plugin("two.exe")).SayHello(t.Context(), "x")
	require.NoError(t, err)
	require.Equal(t, "two", msg)
	within(t, "Stop", g.Stop)
	require.ErrorContains(t, g.Err(), "exits.exe")
	require.NotContains(t, g.Err().Error(), "one.exe")
	check()
}

// A name that nobody serves is most likely wrong, and who can do without asks for that.
func TestGroupInWhichNobodyServes(t *testing.T) {
	dir := filepath.Dir(executables(t, "one", "stranger")("one"))
	g := grouped(t, dir, "*.exe", nil)
	g.Start()
	serving, err := g.Serving(t.Context(), "Greter")
	require.Empty(t, serving)
	require.ErrorIs(t, err, pingo.ErrUnimplemented)
	require.EqualError(t, err, "pingo: "+pingo.ErrUnimplemented.Error()+": none of the plugins in "+dir+` registers "Greter", but "Greeter", "Lab"; look for a wrong letter, or leave this error aside where there may be none`)

	g = grouped(t, dir, "greeter-*", nil)
	g.Start()
	serving, err = g.Serving(t.Context(), "Greeter")
	require.Empty(t, serving)
	require.ErrorIs(t, err, pingo.ErrUnimplemented)
	require.EqualError(t, err, "pingo: "+pingo.ErrUnimplemented.Error()+": no file in "+dir+` that can be executed matches "greeter-*", so that there is no plugin that could register "Greeter"; `+
		"check both, and the files' mode, or leave this error aside where there may be none")
}

// A plugin whose contract does not fit is in the error, if a client of it was made by then.
func TestGroupServesWhatFits(t *testing.T) {
	dir := filepath.Dir(executables(t, "one", "differs")("one"))
	g := grouped(t, dir, "*.exe", nil)
	g.Start()
	require.NoError(t, g.Ready(t.Context()))
	serving, err := g.Serving(t.Context(), "Greeter")
	require.NoError(t, err, "nobody knows yet by what contract it will be called")
	require.Len(t, serving, 2)
	for _, p := range serving {
		newGreeterClient(p)
	}
	serving, err = g.Serving(t.Context(), "Greeter")
	require.Equal(t, []string{"one.exe"}, names(serving))
	require.ErrorAs(t, err, new(*pingo.ContractError))
	require.ErrorContains(t, err, "plugin "+g.Plugin("differs.exe").String()+" is not ready: plugin and host do not fit together")
	serving, err = g.Serving(t.Context(), "Lab")
	require.NoError(t, err, "another name is not concerned")
	require.Len(t, serving, 2)
}

func TestGroupIsSwappedAsOne(t *testing.T) {
	check := nothingRemains(t)
	first := executables(t, "one", "two")
	g := grouped(t, filepath.Dir(first("one")), "*.exe", nil)
	g.Start()
	require.NoError(t, g.Ready(t.Context()))
	before := []int{pidOf(t, g.Plugins()[0]), pidOf(t, g.Plugins()[1])}

	incomplete := executables(t, "one")
	require.ErrorIs(t, g.Swap(t.Context(), filepath.Dir(incomplete("one"))), os.ErrNotExist)
	require.Equal(t, before, []int{pidOf(t, g.Plugins()[0]), pidOf(t, g.Plugins()[1])}, "nothing has changed")

	second := executables(t, "one", "two", "three")
	require.NoError(t, g.Swap(t.Context(), filepath.Dir(second("one"))))
	for i, p := range g.Plugins() {
		require.NotEqual(t, before[i], pidOf(t, p))
	}
	require.Len(t, g.Plugins(), 2)
	exe, _, _ := strings.Cut(g.Plugin("two.exe").String(), " ")
	require.Equal(t, second("two"), exe)
	within(t, "Stop", g.Stop)
	check()
}

func TestGroupThatCannotBeOpened(t *testing.T) {
	_, err := pingo.OpenGroup(t.TempDir(), "[", pingo.Config{})
	require.ErrorIs(t, err, filepath.ErrBadPattern)
	_, err = pingo.OpenGroup(filepath.Join(t.TempDir(), "none"), "*", pingo.Config{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = pingo.OpenGroup(t.TempDir(), "*", pingo.Config{Path: "x"})
	require.ErrorContains(t, err, "Config.Path is set")
	g, err := pingo.OpenGroup(t.TempDir(), "*", pingo.Config{})
	require.NoError(t, err)
	g.Start()
	require.NoError(t, g.Ready(t.Context()))
	require.Empty(t, g.Plugins())
	require.NoError(t, g.Swap(t.Context(), t.TempDir()))
	g.Stop()
}

// A member that was stopped before it was started is left aside, as others that have ended.
func TestGroupIsSwappedWithoutWhatWasNeverStarted(t *testing.T) {
	check := nothingRemains(t)
	path := executables(t, "one", "two")
	g := grouped(t, filepath.Dir(path("one")), "*.exe", nil)
	g.Plugin("two.exe").Stop()
	g.Start()
	one := g.Plugin("one.exe")
	require.NoError(t, one.Ready(t.Context()))
	before := pidOf(t, one)
	require.NoError(t, g.Swap(t.Context(), filepath.Dir(path("one"))))
	require.NotEqual(t, before, pidOf(t, one))
	within(t, "Stop", g.Stop)
	require.ErrorIs(t, g.Swap(t.Context(), filepath.Dir(path("one"))), pingo.ErrStopped)
	check()
}

// Who stops one member does not wait for another, which is being swapped.
func TestStopOfOneWhileAllAreSwapped(t *testing.T) {
	check := nothingRemains(t)
	path := executables(t, "well", "two")
	said := make(chan string, 10)
	g := grouped(t, filepath.Dir(path("two")), "*.exe", func(cfg *pingo.Config) {
		cfg.Events = func(e pingo.Event) {
			if e, ok := e.(pingo.EventOutput); ok {
				said <- e.Line
			}
		}
	})
	well, two := g.Plugin("well.exe"), g.Plugin("two.exe")
	g.Start()
	require.NoError(t, g.Ready(t.Context()))
	old := pidOf(t, two)
	go func() { _ = two.Call("Lab.Hang", 0, nil) }()
	require.Equal(t, "hanging", <-said)
	swapped := make(chan error, 2)
	go func() { swapped <- two.Swap(context.Background(), path("two")) }()
	eventually(t, "the first swap", func() string { return fmt.Sprint(pidOf(t, two) != old) }, "true")
	old = pidOf(t, two)
	go func() { swapped <- g.Swap(context.Background(), filepath.Dir(path("two"))) }() // it waits for the end of the first
	require.Equal(t, "asked", <-said)
	eventually(t, "it is fit", func() string { return fmt.Sprint(strings.Contains(goroutines(), "examine")) }, "false")
	within(t, "Stop of one", well.Stop)
	require.Equal(t, old, pidOf(t, two))
	within(t, "Stop of all", g.Stop)
	for range 2 {
		if err := <-swapped; err != nil {
			require.ErrorIs(t, err, pingo.ErrStopped)
		}
	}
	check()
}
