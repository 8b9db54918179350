package picture

import (
	"fmt"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"

	"github.com/pingogen/pingogen/benchmarks/internal/report"
	"github.com/pingogen/pingogen/benchmarks/internal/workload"
)

// lines is a picture of something that grows from left to right, on scales where
// ten times as much is always as far.
type lines struct {
	file, title, x, y string
	numbers           []int
	all               []line
}

// line is one metric, whose name has the number in it; so has the subject's if
// that is what grows.
type line struct {
	name, subject, metric string
}

// Growth draws what happens when there is more of something into dir.
func Growth(r *report.Report, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	floorAndOurs := func(metric string) []line {
		return []line{{report.Floor, report.Floor, metric}, {report.Ours, report.Ours, metric}}
	}
	for _, l := range []lines{
		{"growth-plugins.svg", "Plugins in one host", "plugins", "", workload.Plugins, []line{
			{"start of all, ms", report.Ours, "G1.%d.start"},
			{"MiB a plugin", report.Ours, "G1.%d.memory"},
			{"threads a plugin", report.Ours, "G1.%d.threads"},
			{"call to one, µs", report.Ours, "G1.%d.p50"},
			{"idle CPU of all, ms/s", report.Ours, "G1.%d.idle"},
		}},
		{"growth-callers.svg", "Callers of one plugin", "callers", "calls/s", workload.Crowd, floorAndOurs("G2.%d.rate")},
		{"growth-bytes.svg", "Bytes echoed", "bytes a message", "p50, µs", workload.Sizes, floorAndOurs("G3.%d.p50")},
		{"growth-methods.svg", "Methods of one interface", "methods", "", workload.Methods, []line{
			{"call, µs", "methods-%d", "W1.p50"}, {"start, ms", "methods-%d", "W5.start"},
		}},
	} {
		if err := l.draw(r, dir); err != nil {
			return err
		}
	}
	return nil
}

func (l lines) draw(r *report.Report, dir string) error {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = l.title, l.x, l.y
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, l.ticks()
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Legend.Left, p.Legend.Top = true, true
	p.Add(plotter.NewGrid())
	drawn := 0
	for i, s := range l.all {
		points := l.points(r, s)
		if len(points) == 0 {
			continue
		}
		path, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return fmt.Errorf("%s: %w", l.file, err)
		}
		path.Color, path.Width = colors[i%len(colors)], vg.Points(1.5)
		path.Dashes = plotutil.Dashes(i / len(colors))
		marks.Color, marks.Shape = path.Color, plotutil.Shape(i)
		p.Add(path, marks)
		p.Legend.Add(s.name, path, marks)
		drawn++
	}
	if drawn == 0 {
		return nil
	}
	// Room for the legend.
	p.X.Min /= 20
	return p.Save(width, height, filepath.Join(dir, l.file))
}

// ticks are the numbers that were measured.
func (l lines) ticks() plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for _, n := range l.numbers {
		ticks = append(ticks, plot.Tick{Value: float64(n), Label: size(n)})
	}
	return ticks
}

func size(n int) string {
	switch {
	case n >= 1<<20-64:
		return fmt.Sprintf("%d Mi", (n+64)>>20)
	case n >= 64<<10:
		return fmt.Sprintf("%d Ki", n>>10)
	}
	return fmt.Sprint(n)
}

// points leaves out what is not above zero, which the scale does not have.
func (l lines) points(r *report.Report, s line) plotter.XYs {
	var points plotter.XYs
	for _, n := range l.numbers {
		metric, subject := s.metric, s.subject
		if s.subject == "methods-%d" {
			subject = fmt.Sprintf(s.subject, n)
		} else {
			metric = fmt.Sprintf(s.metric, n)
		}
		if value, rounds := r.Median("two CPUs", subject, metric); rounds > 0 && value > 0 {
			points = append(points, plotter.XY{X: float64(n), Y: value})
		}
	}
	return points
}
