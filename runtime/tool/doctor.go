package tool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/description"
)

// Diagnosis is what is wrong with a plugin's binary, and what to do about it.
type Diagnosis struct {
	Path    string        `json:"path"`
	Problem string        `json:"problem,omitempty"` // "" if there is none
	Remedy  string        `json:"remedy,omitempty"`
	Output  []string      `json:"output,omitempty"` // the last lines that the plugin wrote to stderr
	Took    time.Duration `json:"took,omitempty"`   // the start, if there is no problem
	Serves  []string      `json:"serves,omitempty"` // the contracts, if there is no problem
}

// String returns the diagnosis in lines for people.
func (d *Diagnosis) String() string {
	if d.Problem == "" {
		return fmt.Sprintf("%s: it starts, in %v, and serves %s", d.Path, d.Took.Round(time.Millisecond), list(d.Serves, "no contract"))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", d.Path, d.Problem)
	if len(d.Output) > 0 {
		b.WriteString("\nThe last that it wrote to stderr:")
		for _, line := range d.Output {
			b.WriteString("\n\t" + line)
		}
	}
	if d.Remedy != "" {
		b.WriteString("\nWhat to do: " + d.Remedy)
	}
	return b.String()
}

func list(words []string, none string) string {
	if len(words) == 0 {
		return none
	}
	return strings.Join(words, ", ")
}

// Diagnose says why a binary does not start as a plugin, or does not fit the
// contracts of a host. What can be seen without running it is looked at first.
func Diagnose(ctx context.Context, b Binary, host []description.Contract) *Diagnosis {
	path, err := locate(b.Path)
	if err != nil {
		return &Diagnosis{Path: b.Path, Problem: "there is no such file", Remedy: "check the path; a name without a slash is looked up in $PATH"}
	}
	d := &Diagnosis{Path: path}
	if d.file(path); d.Problem != "" {
		return d
	}
	r, err := Read(path)
	if err != nil {
		d.Problem = "it cannot be read: " + err.Error()
		return d
	}
	var not *NotPluginError
	if errors.As(r.notPlugin(), &not) {
		d.Problem, d.Remedy = "it is no plugin: "+not.Reason, not.Remedy
		return d
	}
	begun := time.Now()
	p, err := b.run(ctx, path)
	if err != nil {
		d.explain(b, err)
		return d
	}
	defer p.Stop()
	d.Took = time.Since(begun)
	if err := r.ask(ctx, p); err != nil {
		d.Problem = "it started, and then: " + err.Error()
		return d
	}
	d.contracts(r, host)
	return d
}

// contracts looks for those that a host calls.
func (d *Diagnosis) contracts(r *Report, host []description.Contract) {
	for _, c := range r.Contracts {
		d.Serves = append(d.Serves, c.Name)
	}
	var problems []string
	for i := range host {
		c := contractNamed(r.Contracts, host[i].Name)
		if c == nil {
			problems = append(problems, fmt.Sprintf("it does not serve %s, but %s", host[i].Name, list(d.Serves, "nothing")))
			continue
		}
		for _, m := range host[i].Methods {
			theirs := c.Method(m.Name)
			switch {
			case theirs == nil:
				problems = append(problems, fmt.Sprintf("its %s has no method %s", c.Name, m.Name))
			case theirs.Fingerprint != m.Fingerprint:
				for _, why := range misfits(&host[i], c, m.Name) {
					problems = append(problems, fmt.Sprintf("%s.%s does not fit: %s", c.Name, m.Name, why))
				}
			}
		}
	}
	if len(problems) > 0 {
		d.Problem = "it starts, but has another contract than the host: " + strings.Join(problems, "; ")
		d.Remedy = "build both from the same interface, or keep the old and add the new under another name; pingogen diff compares the two"
	}
}

// explain says what a start that failed means.
func (d *Diagnosis) explain(b Binary, err error) {
	var crash *pingo.CrashError
	var late pingo.ErrRegistrationTimeout
	var invalid pingo.ErrInvalidMessage
	var started *exec.Error
	var path *fs.PathError
	switch {
	case errors.As(err, &crash):
		d.crashed(crash)
	case errors.As(err, &late):
		d.Problem = fmt.Sprintf("it runs, but was not ready within %v", b.timeout())
		d.Remedy = "its main function has to call pingo.Run; if what it does before takes longer, raise Config.StartTimeout (here: -timeout)"
	case errors.As(err, &invalid):
		d.Problem = "it does not speak this version of the protocol: " + invalid.Error()
		d.Remedy = "build host and plugin with the same version of pingogen; pingogen inspect tells what a binary was built with"
	case errors.As(err, &started), errors.As(err, &path):
		d.system(err)
	default:
		d.Problem = "it did not start: " + err.Error()
	}
}

// crashed says how a plugin ended before it was ready.
func (d *Diagnosis) crashed(c *pingo.CrashError) {
	d.Output = c.Stderr
	switch {
	case c.Signal == syscall.SIGKILL:
		d.Problem = "it was killed from outside before it was ready"
		d.Remedy = "look for a limit of memory (ulimit -v, a cgroup, the kernel's log), or for who killed it"
	case c.Signal != nil:
		d.Problem = fmt.Sprintf("it was ended by the signal %q before it was ready", c.Signal)
		d.Remedy = "see what it wrote, or run it by hand in a debugger"
	case c.ExitCode == 0 && len(c.Stderr) == 0:
		d.Problem = "it exited with status 0 and was not a plugin meanwhile"
		d.Remedy = "a plugin's main function calls a generated Register function and pingo.Run; does this program's?"
	case c.ExitCode == 127 || c.ExitCode == 126:
		d.Problem = fmt.Sprintf("it exited with status %d before it was ready, as a shell does that cannot run a command", c.ExitCode)
		d.Remedy = "see what it wrote: a script that starts a plugin needs \"exec\", and the plugin's absolute path"
	default:
		d.Problem = fmt.Sprintf("it exited with status %d before it was ready", c.ExitCode)
		d.Remedy = "see what it wrote; with -arg it gets arguments"
	}
}

// system says what it means that the system did not start a file.
func (d *Diagnosis) system(err error) {
	d.Problem = "the system does not start it: " + err.Error()
	switch {
	case slices.ContainsFunc(limits, func(limit error) bool { return errors.Is(err, limit) }):
		d.Problem = "a limit keeps it from being started: " + err.Error()
		d.Remedy = "raise the limit of processes, descriptors or memory (ulimit -a shows them), or start fewer plugins"
	case errors.Is(err, fs.ErrPermission):
		d.Remedy = "it is executable, so look for a file system that is mounted with noexec, or for a security policy"
	case errors.Is(err, fs.ErrNotExist):
		d.Remedy = "the file is there, so its loader or interpreter is missing: build it with CGO_ENABLED=0, or install that"
	}
}
