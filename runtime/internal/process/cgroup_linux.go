package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// cgroup is a control group (version 2) for one process and what it starts.
type cgroup struct {
	path string
	dir  *os.File
}

// newCgroup makes one inside that which was handed to this host.
func newCgroup(l Limits) (*cgroup, error) {
	path, err := os.MkdirTemp(l.Cgroup, "pingo-")
	if err != nil {
		return nil, fmt.Errorf("Limits.Cgroup: %w", err)
	}
	g := &cgroup{path: path}
	if g.dir, err = os.Open(path); err == nil {
		err = g.limit(l)
	}
	if err != nil {
		g.remove(0)
		return nil, err
	}
	return g, nil
}

func (g *cgroup) limit(l Limits) error {
	if _, err := os.Stat(filepath.Join(g.path, "cgroup.procs")); err != nil {
		return fmt.Errorf("Limits.Cgroup: %s is not in a hierarchy of version 2: %w", filepath.Dir(g.path), err)
	}
	if l.Memory > 0 {
		if err := g.set("memory", "memory.max", l.Memory); err != nil {
			return err
		}
		_ = g.set("memory", "memory.swap.max", 0)  // where there is no swap, there is nothing to limit
		_ = g.set("memory", "memory.oom.group", 1) // since Linux 4.19; else it is the process that uses most
	}
	if l.Processes > 0 {
		return g.set("pids", "pids.max", int64(l.Processes))
	}
	return nil
}

func (g *cgroup) set(controller, file string, value int64) error {
	err := g.write(file, strconv.FormatInt(value, 10))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("Limits.Cgroup: write +%s to cgroup.subtree_control of %s: its groups do not have that controller: %w", controller, filepath.Dir(g.path), err)
	}
	return err
}

// write writes to a file of the group, which the kernel has made, or nobody.
func (g *cgroup) write(file, text string) error {
	f, err := os.OpenFile(filepath.Join(g.path, file), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// outOf is the limit that the group ran into, or "".
func (g *cgroup) outOf() string {
	switch {
	case g.count("memory.events", "oom_kill") > 0:
		return "Memory"
	case g.count("pids.events", "max") > 0:
		return "Processes"
	}
	return ""
}

// count reads a counter.
func (g *cgroup) count(file, name string) int {
	b, err := os.ReadFile(filepath.Join(g.path, file))
	if err != nil {
		return 0 // the controller is not there, and has counted nothing
	}
	for line := range strings.Lines(string(b)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(value)) // the kernel writes numbers
			return n
		}
	}
	return 0
}

// kill ends all that is in the group, also what has left the process group.
func (g *cgroup) kill() { _ = g.write("cgroup.kill", "1") } // since Linux 5.14

// remove ends what is left in the group, and the group itself.
func (g *cgroup) remove(atMost time.Duration) {
	g.kill()
	if g.dir != nil {
		_ = g.dir.Close()
	}
	for end := time.Now().Add(atMost); os.Remove(g.path) != nil && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}
