// Benchmarks compares calls into plugins: ours, what a bare socket does, and
// those of others. See README.md.
//
//	go run . [flags]              calls and starts: the workloads W1 to W8
//	go run . growth [flags]       plugins, callers, bytes and methods, from few to many
//	go run . generator [flags]    pingogen beside generators of mocks
//
// It runs on Linux, in this module's directory.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pingogen/pingogen/benchmarks/internal/driver"
	"github.com/pingogen/pingogen/benchmarks/internal/picture"
	"github.com/pingogen/pingogen/benchmarks/internal/proc"
	"github.com/pingogen/pingogen/benchmarks/internal/progress"
	"github.com/pingogen/pingogen/benchmarks/internal/report"
	"github.com/pingogen/pingogen/benchmarks/internal/workload"
)

func main() {
	log.SetFlags(0)
	proc.KeepInherited()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "growth":
			return growth(ctx, args[1:])
		case "generator":
			return compareGenerators(ctx, args[1:])
		}
	}
	return calls(ctx, args, os.Stdout)
}

// calls compares all subjects.
func calls(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("benchmarks", flag.ExitOnError)
	rounds := flags.Int("rounds", 5, "`number` of rounds")
	duration := flags.Duration("time", 150*time.Millisecond, "`duration` of each measurement")
	budget := flags.Duration("budget", 7*time.Minute+45*time.Second, "leave out rounds after the third that would not end within this `duration`")
	short := flags.Bool("short", false, "one round of tiny measurements, whose figures mean nothing")
	subjects := flags.String("subjects", "", "only these `names`, or beginnings of them, separated by commas")
	workloads := flags.String("workloads", "", "only these `names`, separated by commas")
	file := flags.String("json", "", "write everything to this `file` as JSON")
	svg := flags.String("svg", "", "draw pictures into this `directory`")
	gate := flags.Bool("gate", false, "exit with status 1 if ours falls short of the limits, and say where")
	flags.Parse(args)
	if flags.NArg() > 0 {
		return fmt.Errorf("unknown argument %s", flags.Arg(0))
	}
	if *short && *gate {
		return errors.New("-gate judges figures, and those of -short mean nothing: leave one of them out")
	}

	plan := driver.Plan{Rounds: *rounds, Time: *duration, Calls: 100_000, Budget: *budget, Progress: progress.To(os.Stderr)}
	if *short {
		shorten(&plan)
	}
	var err error
	if plan.Placements, err = driver.Placements(); err != nil {
		return err
	}
	if plan.Subjects, err = driver.Choose(*subjects); err != nil {
		return err
	}
	if plan.Workloads, err = chooseWorkloads(*workloads); err != nil {
		return err
	}
	found, err := measure(ctx, plan)
	if err != nil {
		return err
	}
	if *short {
		found.Gate, found.Unjudged = nil, "one round of tiny measurements says nothing about them"
	}
	found.Markdown(stdout)
	if *file != "" {
		if err := writeJSON(*file, found); err != nil {
			return err
		}
	}
	if *svg != "" {
		if err := picture.Calls(found, *svg); err != nil {
			return err
		}
	}
	return verdict(found, *gate)
}

// shorten makes a plan of one round of tiny measurements.
func shorten(plan *driver.Plan) {
	plan.Rounds, plan.Time, plan.Calls = 1, 5*time.Millisecond, 80
}

// measure builds and runs what is planned.
func measure(ctx context.Context, plan driver.Plan) (*report.Report, error) {
	dir, err := os.MkdirTemp("", "benchmarks")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	plan.Programs = dir
	defer plan.Progress.Clear()
	plan.Progress.Say("building the subjects")
	if err := driver.Build(ctx, dir, plan.Subjects); err != nil {
		return nil, err
	}
	found := &report.Report{Go: runtime.Version(), Time: plan.Time.String()}
	if found.Samples, err = plan.Run(ctx); err != nil {
		return nil, err
	}
	found.Finish()
	return found, nil
}

func chooseWorkloads(names string) ([]workload.Workload, error) {
	if names == "" {
		return workload.All, nil
	}
	var chosen []workload.Workload
	for name := range strings.SplitSeq(names, ",") {
		w, ok := workload.Find(name)
		if !ok {
			return nil, fmt.Errorf("there is no workload %s", name)
		}
		chosen = append(chosen, w)
	}
	return slices.Clip(chosen), nil
}

func writeJSON(file string, value any) error {
	data, err := json.MarshalIndent(value, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644)
}

// verdict returns an error if something failed, or if the gate counts and ours
// falls short of it.
func verdict(found *report.Report, gate bool) error {
	if n := len(found.Failures()); n > 0 {
		return fmt.Errorf("%d measurements failed", n)
	}
	missed := found.Missed()
	if !gate || len(missed) == 0 {
		return nil
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%d limits are not reached:", len(missed))
	for _, v := range missed {
		fmt.Fprintf(&text, "\n\t%s", v)
	}
	return fmt.Errorf("%s", text.String())
}
