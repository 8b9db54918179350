package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// series are the tables of growth: what grows, and what is told of it.
var series = []struct {
	workload, title string
	columns         []column
}{
	{"G1", "plugins", []column{
		{"start", "start of all ms", false}, {"memory", "MiB a plugin", false}, {"threads", "threads a plugin", false},
		{"host-threads", "threads of the host", false}, {"p50", "call p50 µs", false}, {"idle", "idle ms/s of all", false},
	}},
	{"G2", "callers", []column{{"rate", "calls/s", true}, {"p99", "p99 µs", true}}},
	{"G3", "bytes", []column{{"p50", "p50 µs", true}, {"GBps", "GB/s", true}}},
}

// Growth writes the tables of growth.
func (r *Report) Growth(w io.Writer) {
	for _, placement := range r.placements() {
		for _, s := range series {
			for _, subject := range r.Subjects() {
				numbers := r.Numbers(subject, s.workload)
				if len(numbers) == 0 {
					continue
				}
				fmt.Fprintf(w, "\n| %s: %s |", subject, s.title)
				for _, c := range s.columns {
					fmt.Fprintf(w, " %s |", c.title)
				}
				line(w, len(s.columns))
				for _, n := range numbers {
					fmt.Fprintf(w, "| %d |", n)
					for _, c := range s.columns {
						fmt.Fprintf(w, " %s |", r.cell(placement, subject, fmt.Sprintf("%s.%d.%s", s.workload, n, c.metric), c.ratio))
					}
					fmt.Fprintln(w)
				}
			}
		}
		r.methods(w, placement)
	}
	r.failed(w)
}

// methods is the table of interfaces by their numbers of methods.
func (r *Report) methods(w io.Writer, placement string) {
	columns := []column{{"W1.p50", "call p50 µs", false}, {"W1.cpu", "CPU µs", false}, {"W5.start", "start ms", false}}
	fmt.Fprint(w, "\n| methods |")
	for _, c := range columns {
		fmt.Fprintf(w, " %s |", c.title)
	}
	line(w, len(columns))
	for _, subject := range r.Subjects() {
		n, ok := strings.CutPrefix(subject, "methods-")
		if !ok {
			continue
		}
		fmt.Fprintf(w, "| %s |", n)
		for _, c := range columns {
			fmt.Fprintf(w, " %s |", r.cell(placement, subject, c.metric, false))
		}
		fmt.Fprintln(w)
	}
}

// Numbers returns for which numbers a workload of growth was measured.
func (r *Report) Numbers(subject, workload string) []int {
	var numbers []int
	for _, s := range r.Samples {
		if s.Subject != subject || s.Workload != workload {
			continue
		}
		for metric := range s.Metrics {
			n, _ := strconv.Atoi(strings.Split(metric, ".")[1])
			if !slices.Contains(numbers, n) {
				numbers = append(numbers, n)
			}
		}
	}
	slices.Sort(numbers)
	return numbers
}
