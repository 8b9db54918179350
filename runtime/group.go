package pingo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pingogen/pingogen/runtime/internal/executable"
)

// Group is the plugins that were found in a directory.
//
//	group, err := pingo.OpenGroup("plugins", "greeter-*", pingo.Config{})
//	...
//	group.Start()
//	defer group.Stop()
//	plugins, err := group.Serving(ctx, "Greeter")
//	for _, p := range plugins {
//		g := greeter.NewGreeterClient(p)
//		err := p.Ready(ctx) // it fits, or why it does not
//		...
//	}
//
// What fails with one plugin does not keep the others from working: errors tell of all that failed, and
// results are of those that did not.
type Group struct {
	several
	dir, pattern string // that it was opened with
	byName       map[string]*Plugin
	name         map[*Plugin]string
}

// OpenGroup finds the executable files of dir whose names match pattern, as [filepath.Match] says,
// and makes a Plugin of each, with cfg. It starts none. A directory without any is a group
// without plugins, of which only Serving says so. What cannot be looked at, as a link that leads in circles, is a plugin that does not
// start; a link that leads nowhere is left out.
//
// Config.Path has to be empty. The hooks of the Config are those of all plugins, and called for one of them at a time.
func OpenGroup(dir, pattern string, cfg Config) (*Group, error) {
	if cfg.Path != "" {
		return nil, errors.New("pingo: OpenGroup: Config.Path is set; the paths are those of the files that are found")
	}
	names, err := executable.List(dir, pattern)
	if err != nil {
		return nil, fmt.Errorf("pingo: OpenGroup: %w", err)
	}
	cfg = sharing(cfg)
	g := &Group{dir: dir, pattern: pattern, byName: map[string]*Plugin{}, name: map[*Plugin]string{}}
	var plugins []*Plugin
	for _, name := range names {
		cfg.Path = pathOf(dir, name)
		p := New(cfg)
		plugins = append(plugins, p)
		g.byName[name], g.name[p] = p, name
	}
	g.several = newSeveral(plugins)
	return g, nil
}

// pathOf is where a file is: never a bare name, which would be looked up elsewhere.
func pathOf(dir, name string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.Join(dir, name)
}

// Plugin returns the plugin whose file had this name in the directory, or nil.
func (g *Group) Plugin(name string) *Plugin { return g.byName[name] }

// Serving returns the plugins that have registered a contract, or another object, of this name, in the
// order of their files' names. It waits until each plugin is ready, or will not be: what it
// serves, a plugin says when it starts. The error joins those of plugins that could not be asked, and of those
// whose contract of this name does not fit a client of it that was made by then; it
// keeps none of the others back. If all could be asked and none has registered the name, that is an error as well, with ErrUnimplemented.
func (g *Group) Serving(ctx context.Context, name string) ([]*Plugin, error) {
	needContext(ctx)
	offered := make([][]string, len(g.plugins))
	fits := make([]bool, len(g.plugins))
	err := errors.Join(g.all(func(i int, p *Plugin) error {
		s, err := p.running(ctx)
		if err != nil {
			return p.notReady(err)
		}
		offered[i] = s.peer.Objects
		if !slices.Contains(offered[i], name) {
			return nil
		}
		err = p.misfits(s, p.boundTo(name), p.notReady)
		fits[i] = err == nil
		return err
	})...)
	var list []*Plugin
	for i, p := range g.plugins {
		if fits[i] {
			list = append(list, p)
		}
	}
	if list == nil && err == nil {
		err = g.nobodyServes(name, slices.Concat(offered...))
	}
	return list, err
}

// nobodyServes is the error for a name when the plugins offer others.
func (g *Group) nobodyServes(name string, offered []string) error {
	const otherwise = "or leave this error aside where there may be none"
	if len(g.plugins) == 0 {
		return fmt.Errorf("pingo: %w: no file in %s that can be executed matches %q, so that there is no plugin that could register %q; check both, and the files' mode, %s",
			ErrUnimplemented, g.dir, g.pattern, name, otherwise)
	}
	slices.Sort(offered)
	var others []string
	for _, other := range slices.Compact(offered) {
		others = append(others, strconv.Quote(other))
	}
	return fmt.Errorf("pingo: %w: none of the plugins in %s registers %q, but %s; look for a wrong letter, %s",
		ErrUnimplemented, g.dir, name, cmp.Or(strings.Join(others, ", "), "nothing"), otherwise)
}

// Swap puts the executables of dir in the place of those that run, each that whose file has the
// same name, as [Plugin.Swap] does for one: calls go to the new ones when all of these are fit to take
// them. If one is not, or is missing, all new ones are ended, and nothing has changed. Files of
// other names in dir, and plugins that have ended for good, are left aside.
func (g *Group) Swap(ctx context.Context, dir string) error {
	return g.swap(ctx, func(p *Plugin) string { return pathOf(dir, g.name[p]) })
}
