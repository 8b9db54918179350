package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// column is one of the table: a metric, and whether its ratio to the floor is
// told beside it.
type column struct {
	metric, title string
	ratio         bool
}

var columns = []column{
	{"W1.p50", "W1 p50 µs", true},
	{"W1.p99", "W1 p99 µs", false},
	{"W1.cpu", "W1 CPU µs", true},
	{"W1.allocs", "allocs", false},
	{"W2.64.rate", "W2 calls/s", true},
	{"W2.64.p99", "W2 p99 µs", true},
	{"W3.rate", "W3 calls/s", true},
	{"W3.allocs", "allocs", false},
	{"W4.1MiB", "W4 1 MiB GB/s", true},
	{"W4.16MiB", "16 MiB", true},
	{"W5.start", "W5 start ms", false},
	{"W5.stop", "stop ms", false},
	{"W6.memory", "W6 MiB", false},
	{"W6.busy", "busy", false},
	{"W6.idle", "idle ms/s", false},
	{"W7.rate", "W7 calls/s", true},
	{"W7.p99", "W7 p99 ms", false},
	{"W8.p99", "W8 p99 ms", false},
	{"W8.max", "max ms", false},
	{"X1.read", "stream GB/s", true},
	{"X2.upload", "upload GB/s", false},
	{"X2.items", "M items/s", false},
	{"X2.send", "sent M items/s", false},
	{"X2.callback", "callback / call", false},
	{"X2.deadline", "with deadline / call", false},
	{"X2.fresh", "and its context / call", false},
	{"X2.context", "that alone / call", false},
	{"X2.carried", "with the same deadline / call", false},
	{"X2.timeout", "with timeout / call", false},
}

// Markdown writes the tables.
func (r *Report) Markdown(w io.Writer) {
	for _, placement := range r.placements() {
		fmt.Fprintf(w, "\n### %s\n\n", placement)
		r.table(w, placement)
		r.byCallers(w, placement)
	}
	r.gate(w)
	r.failed(w)
}

func (r *Report) failed(w io.Writer) {
	for _, f := range r.Failures() {
		fmt.Fprintf(w, "\nFAILED: %s, %s, %s, round %d: %s\n", f.Subject, f.Workload, f.Placement, f.Round+1, f.Failure)
	}
}

func (r *Report) table(w io.Writer, placement string) {
	shown := slices.DeleteFunc(slices.Clone(columns), func(c column) bool { return !r.has(c.metric) })
	if len(shown) == 0 {
		return
	}
	fmt.Fprint(w, "| |")
	for _, c := range shown {
		fmt.Fprintf(w, " %s |", c.title)
	}
	line(w, len(shown))
	for _, subject := range r.Subjects() {
		fmt.Fprintf(w, "| %s |", subject)
		for _, c := range shown {
			fmt.Fprintf(w, " %s |", r.cell(placement, subject, c.metric, c.ratio))
		}
		fmt.Fprintln(w)
	}
}

// byCallers is W2 with each number of callers.
func (r *Report) byCallers(w io.Writer, placement string) {
	if !r.has("W2.2.rate") {
		return
	}
	callers := []int{2, 4, 8, 16, 64}
	fmt.Fprint(w, "\n| W2 calls/s |")
	for _, n := range callers {
		fmt.Fprintf(w, " %d callers |", n)
	}
	line(w, len(callers))
	for _, subject := range r.Subjects() {
		fmt.Fprintf(w, "| %s |", subject)
		for _, n := range callers {
			fmt.Fprintf(w, " %s |", r.cell(placement, subject, fmt.Sprintf("W2.%d.rate", n), true))
		}
		fmt.Fprintln(w)
	}
}

func (r *Report) cell(placement, subject, metric string, ratio bool) string {
	value, n := r.Median(placement, subject, metric)
	if n == 0 {
		return ""
	}
	text := number(value)
	if x, n := r.Ratio(placement, subject, Floor, metric); ratio && n > 0 && subject != Floor {
		text += " ×" + number(x)
	}
	return text
}

func (r *Report) gate(w io.Writer) {
	if r.Unjudged != "" {
		fmt.Fprintf(w, "\nThe limits are left out: %s.\n", r.Unjudged)
	}
	if len(r.Gate) == 0 {
		return
	}
	fmt.Fprint(w, "\n### Limits\n\n| | against | placement | measured | gate | aim | |")
	line(w, 6)
	for _, v := range r.Gate {
		sign, verdict := "≤", "FALLS SHORT"
		if v.AtLeast {
			sign = "≥"
		}
		switch {
		case v.Aimed:
			verdict = "aim reached"
		case v.Reached:
			verdict = "gate reached"
		}
		fmt.Fprintf(w, "| %s %s | %s | %s | %s | %s %s | %s | %s |\n",
			v.Subject, v.Metric, v.Against, v.Placement, Beside(v.Value, v.Gate, v.Aim), sign, number(v.Gate), number(v.Aim), verdict)
	}
}

func line(w io.Writer, columns int) {
	fmt.Fprint(w, "\n|---|")
	for range columns {
		fmt.Fprint(w, "---|")
	}
	fmt.Fprintln(w)
}

// number writes three digits that count.
func number(x float64) string {
	switch a := math.Abs(x); {
	case a >= 100e3:
		return fmt.Sprintf("%.0fk", x/1e3)
	case a >= 100:
		return fmt.Sprintf("%.0f", x)
	case a >= 10:
		return fmt.Sprintf("%.1f", x)
	case a >= 0.1 || a == 0:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.3f", x)
}

// Beside writes a value with as many digits as it takes to see on which side of the limits it is.
func Beside(value float64, limits ...float64) string {
	text := number(value)
	for digits := 2; hides(text, value, limits); digits++ {
		text = strconv.FormatFloat(value, 'f', digits, 64)
	}
	return text
}

// hides tells whether what is written and the value are on different sides of a limit. What is
// written in thousands is far from all of them.
func hides(text string, value float64, limits []float64) bool {
	written, err := strconv.ParseFloat(text, 64)
	return err == nil && slices.ContainsFunc(limits, func(limit float64) bool {
		return cmp.Compare(written, limit) != cmp.Compare(value, limit)
	})
}

func (r *Report) has(metric string) bool {
	return slices.ContainsFunc(r.Samples, func(s Sample) bool {
		_, ok := s.Metrics[metric]
		return ok
	})
}

// Subjects returns those that occur, in the order of the first round.
func (r *Report) Subjects() []string {
	var names []string
	for _, s := range r.Samples {
		if !slices.Contains(names, s.Subject) {
			names = append(names, s.Subject)
		}
	}
	return names
}
