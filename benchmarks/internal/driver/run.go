// Package driver runs the subjects: every measurement in processes of its own,
// all subjects of a workload one after the other, round by round.
package driver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pingogen/pingogen/benchmarks/internal/proc"
	"github.com/pingogen/pingogen/benchmarks/internal/progress"
	"github.com/pingogen/pingogen/benchmarks/internal/report"
	"github.com/pingogen/pingogen/benchmarks/internal/workload"
)

// Plan is what is to be measured.
type Plan struct {
	Programs   string // the directory that Build has filled
	Subjects   []Subject
	Workloads  []workload.Workload
	Placements []Placement
	Rounds     int
	Time       time.Duration // of one measurement
	Calls      int           // in W6
	Budget     time.Duration // no round begins that would not end within it, after the third
	Progress   *progress.Line
}

// step is one measurement.
type step struct {
	round     int
	placement Placement
	workload  workload.Workload
	subject   Subject
}

// Run measures. Failures are among the samples; the error is that of ctx.
func (p Plan) Run(ctx context.Context) ([]report.Sample, error) {
	var samples []report.Sample
	begin, done, total := time.Now(), 0, 0
	for round := range p.Rounds {
		total += len(p.steps(round))
	}
	for round := range p.Rounds {
		if p.late(round, time.Since(begin)) {
			p.Progress.Keep("round %d and later ones are left out: they would take longer than %s in all", round+1, p.Budget)
			break
		}
		for _, s := range p.steps(round) {
			p.say(s, begin, done, total)
			samples = append(samples, p.measure(ctx, s))
			if ctx.Err() != nil {
				return samples, ctx.Err()
			}
			done++
		}
	}
	p.Progress.Keep("%d measurements in %s", done, time.Since(begin).Round(time.Second))
	return samples, nil
}

func (p Plan) late(round int, elapsed time.Duration) bool {
	return round >= 3 && p.Budget > 0 && elapsed/time.Duration(round)*time.Duration(round+1) > p.Budget
}

// steps returns one round. All subjects do a workload before the next one begins,
// and each round begins with another subject.
func (p Plan) steps(round int) []step {
	var steps []step
	for _, placement := range p.Placements {
		for _, w := range p.Workloads {
			if w.Once && round%5 > 0 {
				continue
			}
			for i := range p.Subjects {
				s := p.Subjects[(i+round)%len(p.Subjects)]
				if (!s.Seldom || round%3 == 0) && (!w.Extras || slices.Contains(s.Extras, w.Name)) {
					steps = append(steps, step{round, placement, w, s})
				}
			}
		}
	}
	return steps
}

// say says what comes next.
func (p Plan) say(s step, begin time.Time, done, total int) {
	left := "?"
	if done > 0 {
		left = (time.Since(begin) / time.Duration(done) * time.Duration(total-done)).Round(time.Second).String()
	}
	p.Progress.Say("%d of %d, %s left: round %d, %s, %s, %s",
		done+1, total, left, s.round+1, s.placement.Name, s.workload.Name, s.subject.Name)
}

// patience is how long one measurement may take before it has failed.
const patience = 3 * time.Minute

// measure runs one subject's host, which starts its plugin.
func (p Plan) measure(ctx context.Context, s step) report.Sample {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	on, apart := s.placement.split(s.workload)
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, filepath.Join(p.Programs, s.subject.Program), "host",
		"-variant", s.subject.Variant,
		"-workload", s.workload.Name,
		"-time", p.Time.String(),
		"-calls", strconv.Itoa(p.Calls),
		"-apart", join(apart))
	cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", MaxProcs))
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second

	sample := report.Sample{
		Round: s.round, Placement: s.placement.Name, Subject: s.subject.Name, Workload: s.workload.Name,
	}
	err := proc.On(on, cmd.Start)
	if err == nil {
		err = cmd.Wait()
	}
	if err == nil {
		err = json.Unmarshal(stdout.Bytes(), &sample.Metrics)
	}
	if err != nil {
		sample.Failure = strings.TrimSpace(fmt.Sprintf("%v: %s", err, stderr.String()))
	}
	return sample
}

func join(cpus []int) string {
	var list []string
	for _, cpu := range cpus {
		list = append(list, strconv.Itoa(cpu))
	}
	return strings.Join(list, ",")
}
