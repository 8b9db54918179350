package tool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/description"
	"github.com/pingogen/pingogen/runtime/internal/diagnose"
)

// Diagnosis is what is wrong with a plugin's binary, and what to do about it.
type Diagnosis struct {
	Path    string        `json:"path"`
	Problem string        `json:"problem,omitempty"` // "" if there is none
	Remedy  string        `json:"remedy,omitempty"`  // what to do; also without a problem, if it starts and serves nothing
	Output  []string      `json:"output,omitempty"`  // the last lines that the plugin wrote to stderr
	Took    time.Duration `json:"took,omitempty"`    // the start, if it started
	Serves  []string      `json:"serves,omitempty"`  // the contracts, if it started
	Objects []string      `json:"objects,omitempty"` // that are not of a contract, if it started
}

// String returns the diagnosis in lines for people.
func (d *Diagnosis) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", cmp.Or(d.Path, `""`), cmp.Or(d.Problem, d.starts()))
	if len(d.Output) > 0 {
		b.WriteString("\nThe last that it wrote to stderr:")
		for _, line := range d.Output {
			b.WriteString("\n\t" + line)
		}
	}
	if d.Remedy != "" {
		b.WriteString("\nWhat to do: " + d.Remedy)
	}
	return printable(b.String())
}

func list(words []string, none string) string {
	if len(words) == 0 {
		return none
	}
	return strings.Join(words, ", ")
}

// Diagnose says why a binary does not start as a plugin, or does not fit the
// contracts of a host. What can be seen without running it is looked at first.
// The Timeout of b is the Config.StartTimeout of the host. If it is zero, a start that takes
// longer than the default of that is a problem, but is waited for, to say how long it takes.
func Diagnose(ctx context.Context, b Binary, host []description.Contract) *Diagnosis {
	path, found := hosted(b.Path)
	d := &Diagnosis{Path: path, Problem: found.Problem, Remedy: flagsHere.Replace(found.Remedy)}
	if d.Problem != "" {
		return d
	}
	r, err := Read(ctx, path)
	if err != nil {
		d.Problem = "it cannot be read: " + err.Error()
		return d
	}
	var not *NotPluginError
	if errors.As(r.notPlugin(), &not) {
		d.Problem, d.Remedy = "it is no plugin: "+not.Reason, not.Remedy
		return d
	}
	if r.foreign() && len(b.Args) == 0 { // which may name what it is to start
		d.Problem = "it does not say that it is a plugin: it was not built with Go, or was compressed or obfuscated"
		d.Remedy = "name the plugin's binary; if this is it, or starts it, pingogen inspect -start starts it and asks"
		return d
	}
	begun := time.Now()
	p, err := b.run(ctx, path)
	if err != nil {
		d.explain(err)
		return d
	}
	defer p.Stop()
	d.Took = time.Since(begun)
	if err := r.ask(ctx, p); err != nil {
		d.Problem = "it started, and then: " + err.Error()
		return d
	}
	d.contracts(r, host)
	if d.Problem == "" && b.Timeout <= 0 {
		d.slow(pingo.DefaultStartTimeout)
	}
	return d
}

// hosted returns the file that a host starts for path, and what keeps that from being run.
// Other tools take a name without a slash for a file that is in the working directory; to a host it
// is one in $PATH.
func hosted(path string) (string, diagnose.Finding) {
	if filepath.Base(path) == path || path == "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return path, diagnose.Refused(path, err)
		}
		path = found
	}
	return path, diagnose.File(path)
}

// slow sees whether the start took longer than a host waits for it.
func (d *Diagnosis) slow(waits time.Duration) {
	if d.Took <= waits {
		return
	}
	d.Problem = d.starts() + fmt.Sprintf(", but a host that sets no Config.StartTimeout waits no longer than %v", waits)
	d.Remedy = "set Config.StartTimeout to what it takes on a busy machine, and pass that as -timeout here; or do less before pingo.Run"
}

// starts says that it does.
func (d *Diagnosis) starts() string {
	serves := list(d.Serves, "no contract")
	if len(d.Objects) > 0 {
		serves += ", and in the style of net/rpc " + list(d.Objects, "")
	}
	return fmt.Sprintf("it starts, in %v, and serves %s", d.Took.Round(time.Millisecond), serves)
}

// file looks for what keeps a file from being run on this system.
func (d *Diagnosis) file(path string) {
	found := diagnose.File(path)
	d.Problem, d.Remedy = found.Problem, found.Remedy
}

// contracts looks for those that a host calls.
func (d *Diagnosis) contracts(r *Report, host []description.Contract) {
	d.Objects = r.Objects
	for _, c := range r.Contracts {
		d.Serves = append(d.Serves, c.Name)
	}
	var problems, remedies []string
	for i := range host {
		c := contractNamed(r.Contracts, host[i].Name)
		if c == nil {
			problems = append(problems, fmt.Sprintf("it does not serve %s, but %s", host[i].Name, list(d.Serves, "nothing")))
			remedies = append(remedies, fmt.Sprintf("have its main function call Register%s before pingo.Run, or name the plugin that does", host[i].Name))
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
	if len(problems) > len(remedies) { // some contract does not fit
		remedies = append(remedies, diagnose.Rebuild+"; pingogen diff compares the two")
	}
	if len(problems) > 0 {
		d.Problem = "it starts, but has another contract than the host:" + onLines(problems)
		d.Remedy = strings.Join(remedies, "; ")
	}
	if len(host)+len(d.Serves)+len(d.Objects) == 0 {
		d.Remedy = "for a host to call it, have its main function call RegisterX of a contract's package, or pingo.Register, before pingo.Run"
	}
}

// onLines puts one text behind what stands before it, and each of several on a line of its own.
func onLines(list []string) string {
	if len(list) == 1 {
		return " " + list[0]
	}
	return "\n\t" + strings.Join(list, "\n\t")
}

// flagsHere adds to what a host can set how it is set for these tools.
var flagsHere = strings.NewReplacer("Config.StartTimeout", "Config.StartTimeout (-timeout here)", "Config.Args", "Config.Args (-arg here)")

// explain takes over what a start that failed means.
func (d *Diagnosis) explain(err error) {
	var crash *pingo.CrashError
	if errors.As(err, &crash) {
		d.Output = crash.Stderr
	}
	var start *pingo.StartError
	if errors.As(err, &start) {
		d.Problem, d.Remedy = start.Problem, flagsHere.Replace(start.Remedy)
		return
	}
	d.Problem = "it did not start: " + err.Error()
}
