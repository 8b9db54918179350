// Package build makes the plugins that an example's host starts.
package build

import (
	"os"
	"os/exec"
)

// Plugins builds programs into a temporary directory, and calls run with it.
func Plugins(run func(bin string) error, packages ...string) error {
	bin, err := os.MkdirTemp("", "plugins")
	if err != nil {
		return err
	}
	defer os.RemoveAll(bin)
	cmd := exec.Command("go", append([]string{"build", "-o", bin}, packages...)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	return run(bin)
}
