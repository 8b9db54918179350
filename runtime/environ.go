package pingo

import (
	"os"
	"strings"
)

// environment is that of the plugin, without what the handshake adds.
func (p *Plugin) environment() []string {
	var env []string
	if p.inherit {
		env = os.Environ()
	} else {
		for _, name := range basicVariables {
			if value, ok := os.LookupEnv(name); ok {
				env = append(env, name+"="+value)
			}
		}
	}
	env = append(env, p.cfg.Env...)
	kept := make([]string, 0, len(env)) // not nil, which would mean that of the host
	for _, v := range env {
		if !strings.HasPrefix(v, "PINGO_") {
			kept = append(kept, v)
		}
	}
	return kept
}
