package pingo

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// environment is that of the plugin, without what the handshake adds. What is named
// twice has its last value.
func (p *Plugin) environment(as *identity) ([]string, error) {
	for _, v := range p.cfg.Env {
		if !strings.Contains(v, "=") {
			return nil, fmt.Errorf("Config.Env: %q is not of the form key=value", v)
		}
	}
	env := os.Environ()
	if !p.inherit {
		env = slices.DeleteFunc(env, func(v string) bool { return !isBasic(nameOf(v)) })
	}
	env = slices.Concat(env, as.environment(), p.cfg.Env)
	env = slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, "PINGO_") })
	if debugs(p.cfg.Path) {
		env = append(env, envDebug+"=wait")
	}
	return env, nil
}

func nameOf(variable string) string {
	name, _, _ := strings.Cut(variable, "=")
	return name
}
