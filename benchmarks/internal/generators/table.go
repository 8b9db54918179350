package generators

import (
	"fmt"
	"io"

	"github.com/pingogen/pingogen/benchmarks/internal/report"
)

// limit is how many times the floor ours may take.
const limit = 1.3

// Table writes what Compare has found.
func Table(w io.Writer, r *report.Report) {
	fmt.Fprint(w, "\n| packages × interfaces |")
	for _, g := range all {
		fmt.Fprintf(w, " %s ms |", g.name)
	}
	fmt.Fprint(w, "\n|---|")
	for range all {
		fmt.Fprint(w, "---|")
	}
	fmt.Fprintln(w)
	for _, size := range Sizes {
		fmt.Fprintf(w, "| %d × %d |", size.Packages, size.Interfaces)
		for _, g := range all {
			value, n := r.Median("as it comes", g.name, size.String())
			if n == 0 {
				fmt.Fprint(w, " |")
				continue
			}
			fmt.Fprintf(w, " %.0f", value)
			if ratio, n := ratio(r, g.name, Floor, size); n > 0 && g.name != Floor {
				fmt.Fprintf(w, " ×%.2f", ratio)
			}
			fmt.Fprint(w, " |")
		}
		fmt.Fprintln(w)
	}
	for _, f := range r.Failures() {
		fmt.Fprintf(w, "\nFAILED: %s, round %d: %s\n", f.Subject, f.Round, f.Failure)
	}
}

// Missed returns an error for each row in which ours takes more than the limit
// times the floor, and for each generator that is faster.
func Missed(r *report.Report) []error {
	var missed []error
	for _, size := range Sizes {
		if x, n := ratio(r, Ours, Floor, size); n > 0 && x > limit {
			missed = append(missed, fmt.Errorf("%s: %s takes %s times the floor, not <= %s", size, Ours, report.Beside(x, limit), report.Beside(limit)))
		}
		for _, g := range all {
			if g.name == Floor || g.name == Ours {
				continue
			}
			if x, n := ratio(r, Ours, g.name, size); n > 0 && x > 1 {
				missed = append(missed, fmt.Errorf("%s: %s takes %s times as long as %s", size, Ours, report.Beside(x, 1), g.name))
			}
		}
	}
	return missed
}

func ratio(r *report.Report, subject, other string, size Size) (float64, int) {
	return r.Ratio("as it comes", subject, other, size.String())
}
