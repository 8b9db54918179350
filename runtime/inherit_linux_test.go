package pingo_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// inventory is a plugin that prints what it got from its host, and hangs.
const inventory = `
for f in /proc/$$/fd/*; do [ -e $f ] && echo fd ${f##*/}; done
for v in $(env | cut -d= -f1); do echo env $v; done
echo umask $(umask)
while read name value rest; do case $name in SigIgn:|SigBlk:|NoNewPrivs:) echo $name $value;; esac; done </proc/$$/status
cut -d' ' -f5-7 /proc/$$/stat
(exec 9</dev/tty) 2>/dev/null && echo terminal
read line && echo stdin $line
echo dir $(pwd)
read file <&3 && echo file $file
echo $$ end
exec sleep 1000`

func TestNothingIsInheritedThatWasNotNamed(t *testing.T) {
	null, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer null.Close()
	for _, leak := range []int{120, 37} { // without close-on-exec, as from C code, or from whoever started this program
		require.NoError(t, syscall.Dup3(int(null.Fd()), leak, 0))
		defer syscall.Close(leak)
	}
	file := filepath.Join(t.TempDir(), "named")
	require.NoError(t, os.WriteFile(file, []byte("content\n"), 0o600))
	named, err := os.Open(file)
	require.NoError(t, err)
	defer named.Close()
	t.Setenv("AWS_SECRET_ACCESS_KEY", "x")
	t.Setenv("PATHS", "x")
	t.Setenv("LC_MESSAGES", "C")
	signal.Ignore(syscall.SIGWINCH)
	defer signal.Reset(syscall.SIGWINCH)
	dir := t.TempDir()

	rec := newRecorder(t)
	start(t, pingo.Config{
		Path: "/bin/sh", Args: []string{"-c", inventory}, Dir: dir,
		Env: []string{"NAMED=1", "HOME=/nowhere"}, Files: []*os.File{named},
		StartTimeout: patience, GracePeriod: -1, ErrorHandler: rec,
	})
	var pid string
	rec.awaitFunc(func(lines []string, _ []error) bool {
		i := slices.IndexFunc(lines, func(l string) bool { return strings.HasSuffix(l, " end") })
		if i >= 0 {
			pid = strings.TrimSuffix(lines[i], " end")
		}
		return i >= 0
	})
	lines, _, _ := rec.snapshot()
	var fds, env []string
	rest := slices.DeleteFunc(slices.Clone(lines), func(l string) bool {
		fd, isFd := strings.CutPrefix(l, "fd ")
		name, isEnv := strings.CutPrefix(l, "env ")
		if isFd {
			fds = append(fds, fd)
		}
		if isEnv {
			env = append(env, name)
		}
		return isFd || isEnv
	})
	want := []string{"0", "1", "2", "3", "4"}
	if pingo.SharesMemory {
		want = append(want, "5")
	}
	require.Equal(t, want, fds, "stdin, stdout, stderr, the named file and the connection")
	allowed := []string{
		"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LANGUAGE", // as docs/security.md lists them
		"NAMED", "PINGO_TRANSPORT", "PINGO_FILES", "PINGO_MEMORY",
		"PWD", "OLDPWD", "_", "SHLVL", // of the shell
	}
	for _, name := range env {
		require.True(t, slices.Contains(allowed, name) || strings.HasPrefix(name, "LC_"), "%s in %q", name, env)
	}
	require.Contains(t, env, "LC_MESSAGES")
	require.Contains(t, env, "PATH")
	require.Contains(t, env, "NAMED")

	own := statusOf(t)
	require.Equal(t, []string{
		"umask " + own["Umask:"], // inherited, as docs/security.md says
		"SigBlk: 0000000000000000",
		"SigIgn: " + own["SigIgn:"],
		"NoNewPrivs: " + own["NoNewPrivs:"],
		pid + " " + pid + " 0", // leads a group and a session of its own, without a terminal
		"dir " + dir,
		"file content",
		pid + " end",
	}, sortedLike(rest))
}

// sortedLike brings the lines of /proc/pid/status, whose order is the kernel's, into that of the test.
func sortedLike(lines []string) []string {
	order := []string{"umask", "SigBlk:", "SigIgn:", "NoNewPrivs:"}
	rank := func(l string) int {
		if i := slices.IndexFunc(order, func(p string) bool { return strings.HasPrefix(l, p) }); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(lines, func(a, b string) int { return rank(a) - rank(b) })
	return lines
}

func statusOf(t *testing.T) map[string]string {
	b, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	values := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 {
			values[f[0]] = f[1]
		}
	}
	return values
}

// What the executable in memory takes as its number is not in the way of what is inherited.
func TestManyFilesBesideAnExecutableInMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lab")
	cfg, _, sum := labAt(t, path, "1")
	cfg.SHA256 = sum
	for range 50 {
		f, err := os.Open(path)
		require.NoError(t, err)
		defer f.Close()
		cfg.Files = append(cfg.Files, f)
	}
	slices.Reverse(cfg.Files)
	p := start(t, cfg)
	var numbers []int
	require.NoError(t, p.Call("Lab.Same", path, &numbers))
	want := make([]int, 50)
	for i := range want {
		want[i] = 3 + i
	}
	require.Equal(t, want, numbers)
	var exe string
	require.NoError(t, p.Call("Lab.Executable", 0, &exe))
	require.Equal(t, "/memfd:pingo:lab", exe, "as docs/security.md says")
	var pid int
	require.NoError(t, p.Call("Lab.SpawnSelf", 0, &pid), "by /proc/self/exe")
}

// Same lists the descriptors that are the file at path.
func (*Lab) Same(path string, r *[]int) error {
	want, err := os.Stat(path)
	if err != nil {
		return err
	}
	for fd := range 1000 {
		var st syscall.Stat_t
		if syscall.Fstat(fd, &st) == nil && st.Ino == want.Sys().(*syscall.Stat_t).Ino && st.Dev == want.Sys().(*syscall.Stat_t).Dev {
			*r = append(*r, fd)
		}
	}
	return nil
}

func (*Lab) Executable(_ int, r *string) (err error) { *r, err = os.Executable(); return err }

func (*Lab) SpawnSelf(_ int, r *int) error {
	cmd := exec.Command("/proc/self/exe", helperPrefix+"block")
	err := cmd.Start()
	if err == nil {
		*r = cmd.Process.Pid
	}
	return err
}

// As somebody else the plugin has nobody else's groups, and still finds its host.
func TestUserAndGroup(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root becomes somebody else")
	}
	eachTransport(t, func(t *testing.T, transport string) {
		cfg := labForAll(t)
		use(&cfg, transport)
		cfg.SocketDirectory = sharedDir(t)
		cfg.User, cfg.Group = "65533", "65534"
		p := pingo.New(cfg)
		p.Start()
		var who string
		require.NoError(t, p.Call("Lab.Who", 0, &who))
		require.Equal(t, "65533 65533 65534 65534 []", who)
		p.Stop()
		require.NoError(t, p.Err())
		left, err := os.ReadDir(cfg.SocketDirectory)
		require.NoError(t, err)
		require.Empty(t, left)
	})
}

func TestUserThatIsKnown(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root becomes somebody else")
	}
	cfg := labForAll(t)
	cfg.User = "nobody"
	var env []string
	require.NoError(t, start(t, cfg).Call("Lab.Environ", 0, &env))
	require.Contains(t, env, "USER=nobody")
	require.NotContains(t, env, "HOME="+os.Getenv("HOME"))
}

func TestUserThatCannotBe(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root becomes somebody else")
	}
	for want, cfg := range map[string]pingo.Config{
		"Config.User: user: unknown user no-such-user":                                             {User: "no-such-user"},
		"Config.Group: group: unknown group no-such-group":                                         {Group: "no-such-group"},
		"Config.User: this system does not know the user 4000000, nor its group; set Config.Group": {User: "4000000"},
	} {
		lab, _ := setup(t, "lab")
		lab.User, lab.Group = cfg.User, cfg.Group
		require.ErrorContains(t, start(t, lab).Call("Lab.Echo", "x", nil), want)
	}
	cfg := labForAll(t)
	cfg.User, cfg.Group = "65534", "65534"
	err := start(t, cfg).Call("Lab.StartAsRoot", 0, nil)
	require.ErrorContains(t, err, "operation not permitted: only a privileged host (root, or with CAP_SETUID and CAP_SETGID) can start a plugin as user 0 and group 0; leave Config.User and Config.Group empty")
}

// labForAll is a lab that every user may execute: the directory of the test binary is not for all.
func labForAll(t *testing.T) pingo.Config {
	path := filepath.Join(t.TempDir(), "lab")
	cfg, _, sum := labAt(t, path, "1")
	cfg.SHA256 = sum
	cfg.Dir = "/"
	return cfg
}

// sharedDir is a directory that every user may go through.
func sharedDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "pingo-test-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o711))
	return dir
}

func (*Lab) Who(_ int, r *string) error {
	groups, err := os.Getgroups()
	*r = fmt.Sprint(os.Getuid(), os.Geteuid(), os.Getgid(), os.Getegid(), slices.DeleteFunc(groups, func(g int) bool { return g == os.Getgid() }))
	return err
}

func (*Lab) StartAsRoot(_ int, _ *int) error {
	p := pingo.New(pingo.Config{Path: "/bin/true", User: "0"})
	p.Start()
	defer p.Stop()
	return p.Call("Lab.Echo", "x", nil)
}
