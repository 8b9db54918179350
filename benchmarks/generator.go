package main

import (
	"context"
	"errors"
	"flag"
	"os"

	"github.com/pingogen/pingogen/benchmarks/internal/generators"
	"github.com/pingogen/pingogen/benchmarks/internal/progress"
	"github.com/pingogen/pingogen/benchmarks/internal/report"
)

// compareGenerators runs pingogen beside generators of mocks.
func compareGenerators(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("generator", flag.ExitOnError)
	rounds := flags.Int("rounds", 5, "`number` of rounds")
	file := flags.String("json", "", "write everything to this `file` as JSON")
	gate := flags.Bool("gate", false, "exit with status 1 if ours is not the fastest, or not within 1.3 of the floor, and say where")
	flags.Parse(args)

	found := &report.Report{}
	var err error
	if found.Samples, err = generators.Compare(ctx, generators.Sizes, *rounds, progress.To(os.Stderr)); err != nil {
		return err
	}
	generators.Table(os.Stdout, found)
	if *file != "" {
		if err := writeJSON(*file, found); err != nil {
			return err
		}
	}
	if err := verdict(found, false); err != nil || !*gate {
		return err
	}
	return errors.Join(generators.Missed(found)...)
}
