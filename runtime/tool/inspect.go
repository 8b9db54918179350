package tool

import (
	"cmp"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/description"
	"github.com/pingogen/pingogen/runtime/internal/diagnose"
	"github.com/pingogen/pingogen/runtime/internal/handshake"
)

// Binary is a plugin's program: a file, and what it is started with where that
// is necessary.
type Binary struct {
	Path    string            // a name without a slash is looked up as package os/exec does
	Args    []string          // of the plugin
	Env     []string          // added to the environment of this process
	Timeout time.Duration     // for the start; zero means 10 seconds
	Print   func(line string) // takes what the plugin prints; nil drops it
}

// Report is what is known of a plugin's binary.
type Report struct {
	Path      string                 `json:"path"`
	Size      int64                  `json:"size"`
	Module    string                 `json:"module,omitempty"`  // that of the main package
	Version   string                 `json:"version,omitempty"` // of the module
	Pingo     string                 `json:"pingo,omitempty"`   // the version of this module that it was built with
	Go        string                 `json:"go,omitempty"`
	System    string                 `json:"system,omitempty"` // "linux/amd64"
	Protocol  int                    `json:"protocol"`
	Source    Source                 `json:"source"`
	Contracts []description.Contract `json:"contracts"`
	Objects   []string               `json:"objects,omitempty"` // that are not of a contract; known from a handshake only

	unread bool // whoever asks may not read it
}

// Source says how a Report came to know the contracts.
type Source string

const (
	FromBinary    Source = "binary"    // they were embedded, and nothing was run
	FromHandshake Source = "handshake" // the plugin was started, asked and stopped
)

// NotPluginError says that a binary is not that of a plugin, as far as can be told
// without running it.
type NotPluginError struct{ Path, Reason, Remedy string }

func (e *NotPluginError) Error() string {
	return e.Path + ": " + e.Reason + "; " + e.Remedy
}

// thisModule is the path of this module.
const thisModule = "github.com/pingogen/pingogen"

// Inspect finds out what a plugin serves. Unless start is true, it does not run it if the binary says
// that by itself, nor if it does not say that it is a plugin at all.
func Inspect(ctx context.Context, b Binary, start bool) (*Report, error) {
	r, err := Read(ctx, b.Path)
	if err != nil {
		return nil, err
	}
	if !start && len(r.Contracts) > 0 {
		return r, nil
	}
	if why := cmp.Or(r.notPlugin(), r.unknown()); why != nil && !start {
		return nil, why
	}
	p, err := b.start(ctx)
	if err != nil {
		return nil, err
	}
	defer p.Stop()
	return r, r.ask(ctx, p)
}

// Read finds out what a binary says without being run. That is nothing if the file may
// not be read. Of a program it reads what is loaded to run it, of another file no more than
// a gigabyte.
func Read(ctx context.Context, path string) (*Report, error) {
	path, err := locate(path)
	if err != nil {
		return nil, err
	}
	if err := regular(path); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return &Report{Path: path, Size: info.Size(), Source: FromBinary, unread: true}, nil // who may run it need not be able to read it
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	constants, damage := diagnose.Constants(file, info.Size())
	if damage != (diagnose.Finding{}) { // the rest says too little
		return nil, &NotPluginError{path, damage.Problem, damage.Remedy}
	}
	found, err := description.Find(interruptible{ctx, constants})
	if err != nil {
		return nil, err
	}
	r := &Report{Path: path, Size: info.Size(), Protocol: found.Protocol, Source: FromBinary, Contracts: found.Contracts}
	if build, err := buildinfo.Read(file); err == nil { // else it is not Go's, or has been stripped of that
		r.built(build)
	}
	return r, nil
}

// interruptible fails when ctx ends.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

// regular is an error for what is no regular file. To open or read another may not end.
func regular(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory; name the plugin's binary", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no regular file; name the plugin's binary", path)
	}
	return nil
}

// locate returns the file that path means.
func locate(path string) (string, error) {
	_, err := os.Stat(path)
	switch {
	case err == nil:
		return path, nil
	case path == "":
		return "", errors.New("the name of the plugin's binary is empty")
	case filepath.Base(path) != path && errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%s: there is no such file", path)
	case filepath.Base(path) != path:
		return "", err
	}
	found, err := exec.LookPath(path)
	if err != nil {
		return "", fmt.Errorf("%s: there is no such file, neither here nor in $PATH", path)
	}
	return found, nil
}

// built takes over how the binary was built.
func (r *Report) built(build *debug.BuildInfo) {
	r.Go, r.Module, r.Version = build.GoVersion, build.Main.Path, build.Main.Version
	for _, m := range append([]*debug.Module{&build.Main}, build.Deps...) {
		if m.Path == thisModule {
			r.Pingo = m.Version
			if r.Pingo == "" {
				r.Pingo = "(devel)"
			}
		}
	}
	settings := map[string]string{}
	for _, s := range build.Settings {
		settings[s.Key] = s.Value
	}
	if settings["GOOS"] != "" {
		r.System = settings["GOOS"] + "/" + settings["GOARCH"]
	}
}

// notPlugin says why the binary is none, nil if it may be one.
func (r *Report) notPlugin() error {
	switch {
	case r.Go == "" || r.Protocol > 0:
		return nil
	case r.Pingo == "":
		return &NotPluginError{r.Path, "it was built with " + r.Go + " and without " + thisModule, "a plugin's main function calls a generated Register function and pingo.Run"}
	}
	// The linker leaves out what is never reached.
	return &NotPluginError{r.Path, "it was built with " + thisModule + ", but nothing in it comes to pingo.Run: it is a host, or always ends or panics before",
		"name the plugin's binary; if this is meant to be it, run it by hand to see where it ends"}
}

// foreign tells whether the binary is a program that says nothing of what it was built with. Scripts never do.
func (r *Report) foreign() bool {
	return r.Go == "" && r.Protocol == 0 && !r.unread && diagnose.Machine(r.Path)
}

// unknown is an error for what does not say at all what it is. Of a file that cannot be run, a start says more.
func (r *Report) unknown() error {
	if r.unread || r.Protocol > 0 || diagnose.File(r.Path).Problem != "" {
		return nil
	}
	return &NotPluginError{r.Path, "it does not say that it is a plugin", "if it is, as a script that starts one, pingogen inspect -start starts it and asks"}
}

// start starts the plugin and waits until it is ready.
func (b Binary) start(ctx context.Context) (*pingo.Plugin, error) {
	path, err := locate(b.Path)
	if err != nil {
		return nil, err
	}
	d := &Diagnosis{Path: b.Path}
	if d.file(path); d.Problem != "" {
		return nil, &StartError{*d, errors.New(d.Problem)}
	}
	p, err := b.run(ctx, path)
	if err != nil {
		d.explain(err)
		return nil, &StartError{*d, err}
	}
	return p, nil
}

// run is start for the file at path, without an explanation.
func (b Binary) run(ctx context.Context, path string) (*pingo.Plugin, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	p := pingo.New(pingo.Config{
		Path:         path,
		Args:         b.Args,
		Env:          append(os.Environ(), b.Env...),
		StartTimeout: b.timeout(),
		ErrorHandler: output{b.Print},
	})
	p.Start()
	if err := p.Ready(ctx); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

func (b Binary) timeout() time.Duration {
	if b.Timeout <= 0 {
		return 10 * time.Second
	}
	return b.Timeout
}

// StartError says that a plugin did not start, in the words of Diagnose.
type StartError struct {
	Diagnosis
	Err error // as Plugin.Ready returned it
}

func (e *StartError) Error() string { return e.String() }

// Unwrap returns Err.
func (e *StartError) Unwrap() error { return e.Err }

// output hands on what a plugin prints. Its errors are those of calls as well.
type output struct{ line func(string) }

func (o output) Error(error) {}

func (o output) Print(v any) {
	if o.line != nil {
		o.line(fmt.Sprint(v))
	}
}

// ask completes r with what the plugin says of itself. What only people read is
// taken from the binary, if that has it.
func (r *Report) ask(ctx context.Context, p *pingo.Plugin) error {
	contracts, err := p.Contracts(ctx)
	if err != nil {
		return err
	}
	r.Source, r.Protocol = FromHandshake, handshake.Version
	embedded := r.Contracts
	r.Contracts = []description.Contract{}
	for i := range contracts {
		r.Contracts = append(r.Contracts, documented(&contracts[i], embedded))
	}
	objects, err := p.Objects()
	for _, name := range objects {
		if !slices.ContainsFunc(contracts, func(c codec.Contract) bool { return c.Name == name }) {
			r.Objects = append(r.Objects, name)
		}
	}
	return err
}

// documented returns a contract with what the embedded one of the same name says
// of the same methods.
func documented(c *codec.Contract, embedded []description.Contract) description.Contract {
	d := description.Of(c)
	for _, e := range embedded {
		if e.Name != d.Name || e.Package != d.Package {
			continue
		}
		d.Doc = e.Doc
		for i, m := range d.Methods {
			if known := e.Method(m.Name); known != nil && known.Fingerprint == m.Fingerprint {
				d.Methods[i] = *known
			}
		}
	}
	return d
}

// Contract returns a contract by its name, or an error that says which there are.
func (r *Report) Contract(name string) (*description.Contract, error) {
	var names []string
	for i := range r.Contracts {
		if r.Contracts[i].Name == name {
			return &r.Contracts[i], nil
		}
		names = append(names, r.Contracts[i].Name)
	}
	return nil, fmt.Errorf("%s has no contract %s, only %v", r.Path, name, names)
}
