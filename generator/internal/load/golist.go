package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

// What is asked at once (see once.go), the go command is asked straight away. packages.Load
// asks it for its version first, and, whenever it asks for export data, about all that
// packages depend on.

// listed is what the go command says of a package.
type listed struct {
	ImportPath, Name, Dir, Export string
	GoFiles, Imports              []string
	Standard                      bool // it is one of the standard library
	DepOnly                       bool // it is only here because another one imports it
	Module                        *packages.Module
	Error                         *struct{ Err string }
}

// errDriver says that the go command is not the one to be asked.
var errDriver = errors.New("a driver knows the packages")

// goList asks the go command about packages, and, if deep, about all that they depend on.
// It builds what is not in the build cache, and reads the overlay instead of files.
func (s *Set) goList(deep bool, patterns []string, overlay map[string][]byte) ([]*listed, error) {
	if s.hasDriver() {
		return nil, errDriver
	}
	dir, err := os.MkdirTemp("", "pingogen-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	replaced, err := writeOverlay(dir, overlay)
	if err != nil {
		return nil, err
	}
	args := []string{"list", "-e", "-export", "-deps=" + strconv.FormatBool(deep), "-buildvcs=false", "-pgo=off", "-overlay=" + replaced,
		"-json=ImportPath,Name,Dir,Export,GoFiles,Imports,Standard,DepOnly,Module,Error"}
	if s.cfg.Tags != "" {
		args = append(args, "-tags="+s.cfg.Tags)
	}
	cmd := exec.Command("go", slices.Concat(args, []string{"--"}, patterns)...)
	wd, err := filepath.Abs(s.cfg.Dir)
	if err != nil {
		return nil, err
	}
	cmd.Dir, cmd.Env = wd, append(hasty(s.cfg.Env), "PWD="+wd) // else the go command follows symbolic links
	said, err := cmd.Output()
	if err != nil && len(said) == 0 { // it has more to say if something does not compile
		return nil, err
	}
	return understand(said)
}

// hasDriver tells whether packages.Load would ask another command.
func (s *Set) hasDriver() bool {
	driver := ""
	for _, v := range hasty(s.cfg.Env) {
		if value, ok := strings.CutPrefix(v, "GOPACKAGESDRIVER="); ok {
			driver = value
		}
	}
	if driver == "" {
		driver, _ = exec.LookPath("gopackagesdriver") // which hardly anybody has
	}
	return driver != "" && driver != "off"
}

// writeOverlay writes into dir what is to be read instead of files, and a file that says so,
// whose name it returns.
func writeOverlay(dir string, overlay map[string][]byte) (string, error) {
	replace := map[string]string{}
	for name, src := range overlay {
		replace[name] = filepath.Join(dir, strconv.Itoa(len(replace))+".go")
		if err := os.WriteFile(replace[name], src, 0o600); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, text, 0o600)
}

func understand(said []byte) ([]*listed, error) {
	var all []*listed
	seen := map[string]bool{}
	for d := json.NewDecoder(bytes.NewReader(said)); d.More(); {
		l := &listed{}
		if err := d.Decode(l); err != nil {
			return nil, err
		}
		if seen[l.ImportPath] { // somebody imports what cannot be imported
			return nil, fmt.Errorf("there are two packages %s", l.ImportPath)
		}
		seen[l.ImportPath] = true
		all = append(all, l)
	}
	return all, nil
}

// found returns what packages.Load says of packages, those that were asked for.
func found(all []*listed) []*packages.Package {
	var asked []*packages.Package
	known := map[string]*packages.Package{}
	for _, l := range all {
		p := &packages.Package{PkgPath: l.ImportPath, Name: l.Name, ExportFile: l.Export, Module: l.Module, Imports: map[string]*packages.Package{}}
		for _, name := range l.GoFiles {
			p.GoFiles = append(p.GoFiles, filepath.Join(l.Dir, name))
		}
		if l.Error != nil {
			p.Errors = []packages.Error{{Msg: strings.TrimSpace(l.Error.Err)}}
		}
		known[l.ImportPath] = p
		if !l.DepOnly {
			asked = append(asked, p)
		}
	}
	for _, l := range all {
		for _, path := range l.Imports {
			if below := known[path]; below != nil {
				known[l.ImportPath].Imports[path] = below
			}
		}
	}
	return asked
}
