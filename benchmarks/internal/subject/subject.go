// Package subject is the main function of the subjects: programs that are the
// host and the plugin of one way to call, and of no other, so that neither
// carries what another needs.
package subject

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/internal/workload"
)

// Subject is one way to call a plugin.
type Subject struct {
	// Start starts the program at path as a plugin, with "plugin" and variant as
	// its first arguments.
	Start func(path, variant string) (echo.Host, error)
	// Serve is the plugin; it returns when the plugin is to exit.
	Serve func(variant string) error
}

// Main runs s as what the arguments say: "plugin VARIANT" or "host FLAGS".
func Main(s Subject) {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("usage: host FLAGS, or plugin VARIANT")
	}
	var err error
	switch os.Args[1] {
	case "plugin":
		err = s.Serve(os.Args[2])
	case "host":
		err = s.host(os.Args[2:])
	default:
		err = fmt.Errorf("there is no role %s", os.Args[1])
	}
	if err != nil {
		log.Fatal(err)
	}
}

// host runs one workload and writes the metrics to stdout.
func (s Subject) host(args []string) error {
	flags := flag.NewFlagSet("host", flag.ExitOnError)
	variant := flags.String("variant", "", "the subject's `variant`")
	name := flags.String("workload", "W1", "the `name` of the workload")
	duration := flags.Duration("time", 300*time.Millisecond, "`duration` of each measurement")
	calls := flags.Int("calls", 100_000, "`number` of calls in W6")
	apart := flags.String("apart", "", "the plugin's `CPUs`, separated by commas")
	flags.Parse(args)

	w, ok := workload.Find(*name)
	if !ok {
		return fmt.Errorf("there is no workload %s", *name)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	run := workload.Run{
		Start: func() (echo.Host, error) { return s.Start(self, *variant) },
		Time:  *duration,
		Calls: *calls,
	}
	if run.Apart, err = list(*apart); err != nil {
		return err
	}
	if err := run.Do(w); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(run.Metrics)
}

func list(cpus string) ([]int, error) {
	if cpus == "" {
		return nil, nil
	}
	var found []int
	for s := range strings.SplitSeq(cpus, ",") {
		cpu, err := strconv.Atoi(s)
		if err != nil {
			return nil, err
		}
		found = append(found, cpu)
	}
	return found, nil
}
