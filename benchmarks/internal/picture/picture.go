// Package picture draws what the benchmarks have found, as SVG.
package picture

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/pingogen/pingogen/benchmarks/internal/report"
)

const (
	width  = 17 * vg.Centimeter
	height = 10 * vg.Centimeter
)

// colors are told apart by people who do not see all of them, too (Okabe and Ito).
var colors = []color.Color{
	color.RGBA{0x00, 0x72, 0xB2, 0xFF}, color.RGBA{0xD5, 0x5E, 0x00, 0xFF}, color.RGBA{0x00, 0x9E, 0x73, 0xFF},
	color.RGBA{0xCC, 0x79, 0xA7, 0xFF}, color.RGBA{0xE6, 0x9F, 0x00, 0xFF}, color.RGBA{0x56, 0xB4, 0xE9, 0xFF},
	color.RGBA{0x66, 0x66, 0x66, 0xFF}, color.RGBA{0x00, 0x00, 0x00, 0xFF},
}

// bars is a picture with a group of bars for each subject.
type bars struct {
	file, title, axis string
	series            []series
}

// series are the bars of one color.
type series struct {
	name, placement, metric string
}

var barPictures = []bars{
	{"latency.svg", "A call, one after the other", "p50, µs (less is better)", []series{
		{"one CPU", "one CPU", "W1.p50"}, {"two CPUs", "two CPUs", "W1.p50"},
	}},
	{"bulk.svg", "Bytes echoed, two CPUs", "GB/s, both ways (more is better)", []series{
		{"1 MiB", "two CPUs", "W4.1MiB"}, {"16 MiB", "two CPUs", "W4.16MiB"},
	}},
	{"start.svg", "A plugin starts and stops, two CPUs", "ms (less is better)", []series{
		{"exec to first reply", "two CPUs", "W5.start"}, {"stop", "two CPUs", "W5.stop"},
	}},
	{"busy.svg", "Calls while the host computes on every CPU, two CPUs", "calls/s (more is better)", []series{
		{"calls/s", "two CPUs", "W7.rate"},
	}},
}

// Calls draws latency, bulk, start, calls of a busy host, and throughput against callers into dir.
func Calls(r *report.Report, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, b := range barPictures {
		if err := b.draw(r, dir); err != nil {
			return fmt.Errorf("%s: %w", b.file, err)
		}
	}
	var all []line
	for _, subject := range r.Subjects() {
		all = append(all, line{name: subject, subject: subject, metric: "W2.%d.rate"})
	}
	return lines{
		file: "throughput.svg", title: "Calls by many callers at once, two CPUs",
		x: "callers", y: "calls/s (more is better)", numbers: []int{2, 4, 8, 16, 64}, all: all,
	}.draw(r, dir)
}

func (b bars) draw(r *report.Report, dir string) error {
	names := slices.DeleteFunc(r.Subjects(), func(subject string) bool {
		_, n := r.Median(b.series[0].placement, subject, b.series[0].metric)
		return n == 0
	})
	if len(names) == 0 {
		return nil
	}
	slices.Reverse(names) // the first one at the top
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.X.Min = b.title, b.axis, 0
	p.Legend.Top = strings.Contains(b.axis, "less") // where the bars are short
	thick := vg.Points(14 / float64(len(b.series)))
	for i, s := range b.series {
		values := make(plotter.Values, len(names))
		for j, name := range names {
			if value, n := r.Median(s.placement, name, s.metric); n > 0 {
				values[j] = value
			}
		}
		chart, err := plotter.NewBarChart(values, thick)
		if err != nil {
			return err
		}
		chart.Horizontal, chart.Color, chart.LineStyle.Width = true, colors[i], 0
		chart.Offset = thick * vg.Length(float64(len(b.series)-1)/2-float64(i))
		p.Add(chart)
		if len(b.series) > 1 {
			p.Legend.Add(s.name, chart)
		}
	}
	p.Legend.Padding = vg.Points(3)
	for i, name := range names {
		names[i] = "  " + name // or a part is cut off
	}
	p.NominalY(names...)
	return p.Save(width, height, filepath.Join(dir, b.file))
}
