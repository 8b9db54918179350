package diagnose

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/runtime/internal/regular"
)

// File looks for what keeps the file at path from being run on this system, without
// running it. It opens regular files only: others may not end, or make it wait.
func File(path string) Finding {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return commandLine(path)
	case err != nil:
		return Finding{Problem: err.Error(), Remedy: remedyPath}
	case info.IsDir():
		return Finding{"it is a directory", "name the plugin's binary in it"}
	case !info.Mode().IsRegular():
		return Finding{"it is no regular file", "name the plugin's binary"}
	case info.Size() == 0:
		return Finding{"it is empty", "build or copy it again"}
	}
	h, readable := headerOf(path, info.Size())
	if readable && (h.kind == unknown || h.kind == archive) {
		return format(h) // which no permission changes
	}
	if abs, err := filepath.Abs(path); err == nil {
		if _, err := exec.LookPath(abs); errors.Is(err, fs.ErrPermission) {
			return Finding{"it is not executable", "chmod +x " + path}
		}
	}
	if !readable {
		return Finding{} // who may run it need not be able to read it
	}
	return format(h)
}

// commandLine is Missing, also of a path that has arguments behind the name of a program.
func commandLine(path string) Finding {
	for i := range path {
		if path[i] != ' ' {
			continue
		}
		args := strings.Fields(path[i:])
		if _, err := exec.LookPath(path[:i]); err == nil && len(args) > 0 {
			return Finding{Missing().Problem, fmt.Sprintf("the path is %s alone: %q go into Config.Args, or behind the path of NewPlugin", path[:i], args)}
		}
	}
	return Missing()
}

// Machine tells whether the file at path is a program in machine code, and no script that may start one.
func Machine(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	h, _ := headerOf(path, info.Size())
	return h.kind == program
}

// headerOf reads the header of a file, if that may be read.
func headerOf(path string, size int64) (h header, readable bool) {
	f, err := regular.Open(path)
	if err != nil {
		return header{}, false
	}
	defer f.Close()
	return readHeader(f, size), true
}

// maxSearched is how much of a file is searched that is no program of a known form.
const maxSearched = 1 << 30

// Constants returns what has to be read of a file of the given size to find the constants of
// a program, in the order of the file, or what it means that a part of that is missing.
// A large file is not read as a whole: a program by what of it is loaded, and of another
// form, as those of other systems are, up to a gigabyte.
func Constants(r io.ReaderAt, size int64) (io.Reader, Finding) {
	h := readHeader(r, size)
	if h.damaged {
		return nil, format(h)
	}
	if len(h.loaded) == 0 {
		return io.NewSectionReader(r, 0, min(size, maxSearched)), Finding{}
	}
	slices.SortFunc(h.loaded, func(a, b part) int { return cmp.Compare(a.at, b.at) })
	var parts []io.Reader
	end := uint64(0) // of what is read already
	for _, p := range h.loaded {
		from, to := max(p.at, end), p.at+p.length
		if from < to {
			parts = append(parts, io.NewSectionReader(r, int64(from), int64(to-from)))
			end = to
		}
	}
	return io.MultiReader(parts...), Finding{}
}

// format says what it means that a file has a header.
func format(h header) Finding {
	switch {
	case h.damaged:
		return Finding{"it is damaged: a part of it is missing", "build or copy it again"}
	case h.kind == unknown:
		return Finding{"it is no program that this system knows", "name the plugin's binary; a script begins with #! and its interpreter"}
	case h.kind == archive:
		return Finding{"it is a compiled package, and no program", "build a package main; go build -o writes others as they are"}
	case h.kind == script:
		return interpreter(h.loader)
	case !slices.ContainsFunc(h.systems, runsHere):
		return Finding{
			fmt.Sprintf("it was built for %s, and this is %s/%s", strings.Join(h.systems, " and "), runtime.GOOS, runtime.GOARCH),
			fmt.Sprintf("build it with GOOS=%s GOARCH=%s", runtime.GOOS, runtime.GOARCH),
		}
	case h.loader != "" && missing(h.loader):
		return Finding{
			fmt.Sprintf("it needs the loader %s, which is not there", h.loader),
			"build it with CGO_ENABLED=0, or for the C library of this system",
		}
	}
	return Finding{}
}

// interpreter looks for that of a script.
func interpreter(path string) Finding {
	_, err := os.Stat(path)
	switch {
	case path == "" || path == "\r":
		return Finding{"it is a script that names no interpreter", "write it behind #!"}
	case strings.HasSuffix(path, "\r") && err != nil: // to some systems it is no name at all
		return Finding{
			"it is a script whose first line ends with a carriage return (\\r\\n), which the system takes for a part of the interpreter's name",
			"end its lines with \\n alone: tr -d '\\r', dos2unix, or eol=lf in .gitattributes",
		}
	case missing(path):
		return Finding{fmt.Sprintf("it is a script whose interpreter %s is not there", path), "install that, or write another one behind #!"}
	}
	return Finding{}
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// runsHere tells whether programs for a system run on this one. What is not known is
// tried.
func runsHere(system string) bool {
	goos, arch, _ := strings.Cut(system, "/")
	return goos == runtime.GOOS && (arch == "" || arch == runtime.GOARCH || arch == "386" && runtime.GOARCH == "amd64" || arch == "amd64" && runtime.GOARCH == "arm64" && goos != "linux")
}
