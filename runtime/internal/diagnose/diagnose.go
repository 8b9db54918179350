// Package diagnose says why a program does not start as a plugin, and what to do
// about it. The words are written once, for the errors of a host and for pingogen
// doctor. It reads the headers of executables itself: a host must not link packages
// debug/elf, macho and pe for an error that it may never see.
package diagnose

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// Finding is what is wrong, and what to do about it. The zero value means that
// nothing was found.
type Finding struct{ Problem, Remedy string }

// Rebuild is the remedy for contracts that do not fit: for who runs the host, and for who writes it.
const Rebuild = "use host and plugin of versions that fit, or rebuild both from the same interface; in that, keep the old and add the new under another name"

const remedyPath = "check the path; a name without a slash is looked up in $PATH"

// Missing means that there is no file of the name.
func Missing() Finding { return Finding{"there is no such file", remedyPath} }

// Directory means that a program cannot work in dir, where its own path may begin. There may be nothing wrong with it.
func Directory(dir string, path string) Finding {
	info, err := os.Stat(dir)
	f := Finding{Remedy: "create it, or change Config.Dir"}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Problem = "there is no working directory " + dir
	case err == nil && !info.IsDir():
		f.Problem = "the working directory " + dir + " is no directory"
	default:
		return Finding{}
	}
	if filepath.Base(path) != path && !filepath.IsAbs(path) {
		f.Problem += ", where the relative Config.Path begins"
	}
	return f
}

// Late means that a process runs, and was not ready in time.
func Late(timeout time.Duration) Finding {
	return Finding{
		fmt.Sprintf("it runs, but was not ready within %v", timeout),
		"its main function has to call pingo.Run; if what it does before takes longer, raise the host's Config.StartTimeout",
	}
}

// LateChecksum means that the time for a start was over before there was a process.
func LateChecksum(timeout time.Duration) Finding {
	return Finding{
		fmt.Sprintf("its file was not read within %v, to compare its checksum", timeout),
		"raise Config.StartTimeout (-timeout of pingogen), or put the file on a faster disk",
	}
}

// LateHealth means that a process is ready, and has not said in time that it is well.
func LateHealth(timeout time.Duration) Finding {
	return Finding{
		fmt.Sprintf("it runs, but its Health method has not returned within %v", timeout),
		"have Health return when its context ends; if it needs longer, raise Config.StartTimeout",
	}
}

// Protocol means that what was said before the first call was not understood.
func Protocol(err error) Finding {
	return Finding{
		"it does not speak this version of the protocol: " + err.Error(),
		"use host and plugin that were built with the same version of github.com/pingogen/pingogen, which go version -m tells of a binary",
	}
}

// Limit means that a limit ended the process before it was ready.
func Limit(err error) Finding {
	return Finding{
		"a limit ended it before it was ready: " + err.Error(),
		"raise the limit, or see what the plugin needs that much for when it starts",
	}
}

// Exited is how a process ended before it was ready. Silent tells that it wrote
// nothing to stderr.
func Exited(code int, signal os.Signal, silent bool) Finding {
	switch {
	case signal == syscall.SIGKILL:
		return Finding{
			"it was killed from outside before it was ready",
			"look for a limit of memory (ulimit -v, a cgroup, the kernel's log), or for who killed it",
		}
	case signal != nil:
		return Finding{
			fmt.Sprintf("it was ended by the signal %q before it was ready", signal),
			"see what it wrote, or run it by hand in a debugger",
		}
	case code == 0 && silent:
		return Finding{
			"it exited with status 0 without calling pingo.Run",
			"a plugin's main function calls a generated Register function and pingo.Run; does this program's?",
		}
	case code == 126 || code == 127:
		return Finding{
			fmt.Sprintf("it exited with status %d before it was ready, as a shell does that cannot run a command", code),
			"see what it wrote: a script that starts a plugin needs \"exec\", and the plugin's absolute path",
		}
	}
	return Finding{
		fmt.Sprintf("it exited with status %d before it was ready", code),
		"see what it wrote; the host's Config.Args are its arguments",
	}
}

// Refused means that the system did not start the file at path.
func Refused(path string, err error) Finding {
	if slices.ContainsFunc(limits, func(limit error) bool { return errors.Is(err, limit) }) {
		return Finding{
			"a limit keeps it from being started: " + err.Error(),
			"raise the limit of processes, descriptors or memory (ulimit -a shows them), or start fewer plugins",
		}
	}
	if path == "" {
		return Finding{"no path of an executable was given", "set Config.Path, or pass the path to NewPlugin"}
	}
	if found := File(path); found != (Finding{}) {
		return found
	}
	f := Finding{Problem: "the system does not start it: " + err.Error()}
	switch {
	case errors.Is(err, exec.ErrNotFound):
		f.Remedy = "a file of this name is in the working directory, but a name without a slash is looked up in $PATH: write ." + string(os.PathSeparator) + path
	case errors.Is(err, exec.ErrDot):
		f.Remedy = "name it by its absolute path"
	case errors.Is(err, fs.ErrPermission):
		f.Remedy = "it is executable, so look for a directory that its user may not enter, a file system that is mounted with noexec, or a security policy"
	case errors.Is(err, fs.ErrNotExist):
		f.Remedy = "the file is there, so its loader or interpreter is missing: build it with CGO_ENABLED=0, or install that"
	case errors.Is(err, syscall.ETXTBSY):
		f.Remedy = "somebody has it open to write it: start it when that is over, and put a new file in place by renaming it"
	}
	return f
}
