package driver

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// Build builds the programs of the subjects into dir, without cgo: otherwise all of them
// would be linked with the system's C library where there is a C compiler, for package net, and only there. It has
// to be called in this module's directory or below it.
func Build(ctx context.Context, dir string, subjects []Subject) error {
	args := []string{"build", "-o", dir + string(filepath.Separator)}
	for _, s := range subjects {
		if pkg := "github.com/pingogen/pingogen/benchmarks/subjects/" + s.Program; !slices.Contains(args, pkg) {
			args = append(args, pkg)
		}
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build the subjects: %w", err)
	}
	return nil
}
