package pingo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStartError(t *testing.T) {
	limit := &LimitError{Limit: "Limits.Memory", Value: 1 << 20}
	err := (&Config{}).whyNoStart("plugin", &CrashError{ExitCode: 2, Stderr: []string{"out of memory"}, Err: limit})
	require.EqualError(t, err, "the plugin did not start: a limit ended it before it was ready: "+limit.Error()+
		"; raise the limit, or see what the plugin needs that much for when it starts; the last it wrote to stderr:\n\tout of memory")
	require.ErrorIs(t, err, limit)

	cfg := &Config{Limits: Limits{OpenFiles: 4}}
	loader := &CrashError{ExitCode: 127, Stderr: []string{"bin/plugin: error while loading shared libraries: libc.so.6: cannot open shared object file: Error 24"}}
	require.ErrorContains(t, cfg.whyNoStart("plugin", loader), "; raise Config.Limits.OpenFiles, which is too little to start with; else see what it wrote")
	require.NotContains(t, (&Config{}).whyNoStart("plugin", loader).Error(), "OpenFiles")

	require.Equal(t, ErrStopped, (&Config{}).whyNoStart("plugin", ErrStopped), "says enough")
	require.ErrorContains(t, (&Config{}).whyNoStart("", errors.New("exec: no command")), "set Config.Path")
}

// The error of a call says that it was the plugin's, also if that has no name.
func TestStartWithoutAPath(t *testing.T) {
	p := New(Config{})
	p.Start()
	defer p.Stop()
	err := p.Call("Store.Get", "", nil)
	require.EqualError(t, err, `plugin "": Store.Get: not delivered: the plugin did not start: no path of an executable was given; set Config.Path, or pass the path to NewPlugin`)
}

// A path is no command line, whatever else looks for the file.
func TestStartOfAPathWithArguments(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	for _, cfg := range []Config{{}, {SHA256: strings.Repeat("0", 64)}} {
		cfg.Path = exe + " -v"
		p := New(cfg)
		p.Start()
		err := p.Ready(t.Context())
		p.Stop()
		require.ErrorContains(t, err, "the plugin did not start: there is no such file; the path is "+exe+` alone: ["-v"] go into Config.Args`)
	}
}

// The system says of a working directory what it says of a program: there is no such file.
func TestStartInADirectoryThatIsNotThere(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	none := filepath.Join(t.TempDir(), "none")
	for path, want := range map[string]string{
		exe:        "; create it, or change Config.Dir",
		"./plugin": ", where the relative Config.Path begins; create it, or change Config.Dir",
	} {
		for dir, problem := range map[string]string{none: "there is no working directory " + none, exe: "the working directory " + exe + " is no directory"} {
			p := New(Config{Path: path, Dir: dir})
			p.Start()
			err := p.Ready(t.Context())
			p.Stop()
			require.ErrorContains(t, err, "the plugin did not start: "+problem+want)
		}
	}
	p := New(Config{Path: "./plugin", Dir: t.TempDir()})
	p.Start()
	defer p.Stop()
	require.ErrorContains(t, p.Ready(t.Context()), "there is no such file")
}

// The time for a start may be over before there is a process.
func TestStartThatIsLateWithItsChecksum(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	p := New(Config{Path: exe, SHA256: strings.Repeat("0", 64), StartTimeout: 1})
	p.Start()
	defer p.Stop()
	err = p.Ready(t.Context())
	require.ErrorAs(t, err, new(ErrRegistrationTimeout))
	require.ErrorContains(t, err, "plugin "+exe+": the plugin did not start: its file was not read within 1ns, to compare its checksum; raise Config.StartTimeout")
}

// What is set for who debugs has to mean something.
func TestWrongSettings(t *testing.T) {
	for _, fine := range [][2]string{{"", ""}, {"wait", "listen"}, {"wait:a", "a=b"}, {"", "a=b,c=d=e,"}} {
		t.Setenv(envDebug, fine[0])
		t.Setenv(envAttach, fine[1])
		require.NoError(t, wrongSetting(), fine)
	}
	for _, wrong := range [][3]string{
		{"Wait", "", "PINGO_DEBUG=Wait; set it to wait, for all plugins, or wait:NAME, for those with an executable of that name, or not at all: see https://github.com/pingogen/pingogen/blob/main/docs/debugging.md"},
		{"1", "a=b", "PINGO_DEBUG=1;"},
		{"wait:", "", "PINGO_DEBUG=wait:;"},
		{"", "a=b,c", "PINGO_ATTACH=a=b,c; set it to what a plugin prints that was started with PINGO_ATTACH=listen, or not at all: see https://github.com/pingogen/pingogen/blob/main/docs/debugging.md"},
		{"wait", "Listen", "PINGO_ATTACH=Listen;"},
		{"", "=b", "PINGO_ATTACH==b;"},
	} {
		t.Setenv(envDebug, wrong[0])
		t.Setenv(envAttach, wrong[1])
		p := New(Config{Path: "plugin"})
		p.Start()
		err := p.Ready(t.Context())
		p.Stop()
		require.ErrorContains(t, err, "the plugin did not start: the host's environment has "+wrong[2])
		require.ErrorAs(t, err, new(*StartError))
	}
}
