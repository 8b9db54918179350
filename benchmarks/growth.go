package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/pingogen/pingogen/benchmarks/internal/driver"
	"github.com/pingogen/pingogen/benchmarks/internal/picture"
	"github.com/pingogen/pingogen/benchmarks/internal/progress"
	"github.com/pingogen/pingogen/benchmarks/internal/report"
	"github.com/pingogen/pingogen/benchmarks/internal/workload"
)

// growth measures what happens when there is more of something. Nothing is pinned
// but to two CPUs.
func growth(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("growth", flag.ExitOnError)
	rounds := flags.Int("rounds", 3, "`number` of rounds")
	duration := flags.Duration("time", 200*time.Millisecond, "`duration` of each measurement")
	short := flags.Bool("short", false, "few of everything, and tiny measurements, whose figures mean nothing")
	file := flags.String("json", "", "write everything to this `file` as JSON")
	svg := flags.String("svg", "", "draw pictures into this `directory`")
	flags.Parse(args)

	plan := driver.Plan{Rounds: *rounds, Time: *duration, Calls: 100_000, Progress: progress.To(os.Stderr)}
	if *short {
		shorten(&plan)
	}
	found, err := measureGrowth(ctx, plan)
	if err != nil {
		return err
	}
	found.Growth(os.Stdout)
	if *file != "" {
		if err := writeJSON(*file, found); err != nil {
			return err
		}
	}
	if *svg != "" {
		if err := picture.Growth(found, *svg); err != nil {
			return err
		}
	}
	return verdict(found, false)
}

// measureGrowth runs ours and the floor through workload.Growth, and interfaces
// of all widths through what depends on them.
func measureGrowth(ctx context.Context, plan driver.Plan) (*report.Report, error) {
	placements, err := driver.Placements()
	if err != nil {
		return nil, err
	}
	plan.Placements = placements[1:]
	plan.Workloads = workload.Growth
	if plan.Subjects, err = driver.Choose("raw-unix,pingogen-auto"); err != nil {
		return nil, err
	}
	found, err := measure(ctx, plan)
	if err != nil {
		return nil, err
	}
	plan.Subjects = nil
	for _, n := range workload.Methods {
		variant := fmt.Sprint(n)
		plan.Subjects = append(plan.Subjects, driver.Subject{Name: "methods-" + variant, Program: "wide", Variant: variant})
	}
	if plan.Workloads, err = chooseWorkloads("W1,W5"); err != nil {
		return nil, err
	}
	wide, err := measure(ctx, plan)
	if err != nil {
		return nil, err
	}
	found.Samples = append(found.Samples, wide.Samples...)
	found.Medians = append(found.Medians, wide.Medians...)
	return found, nil
}
