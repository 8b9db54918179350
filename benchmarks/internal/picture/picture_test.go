package picture

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/benchmarks/internal/report"
)

func TestPictures(t *testing.T) {
	sample := func(subject string, metrics map[string]float64) report.Sample {
		return report.Sample{Placement: "two CPUs", Subject: subject, Metrics: metrics}
	}
	r := &report.Report{Samples: []report.Sample{
		{Placement: "one CPU", Subject: report.Floor, Metrics: map[string]float64{"W1.p50": 17}},
		sample(report.Floor, map[string]float64{
			"W1.p50": 35, "W2.2.rate": 3e4, "W2.64.rate": 148e3, "W4.1MiB": 4, "W5.start": 3, "W5.stop": 1, "W7.rate": 1187,
			"G2.1.rate": 1e4, "G2.64.rate": 1e5, "G3.16.p50": 20, "G3.4096.p50": 25,
		}),
		sample(report.Ours, map[string]float64{
			"W1.p50": 14, "W2.2.rate": 4e4, "W2.64.rate": 448e3, "W7.rate": 48e3, "G1.1.start": 3, "G1.200.start": 800, "G1.1.idle": 0,
		}),
		sample("methods-1", map[string]float64{"W1.p50": 14}), sample("methods-200", map[string]float64{"W1.p50": 15}),
	}}
	dir := t.TempDir()
	require.NoError(t, Calls(r, dir))
	require.NoError(t, Growth(r, dir))
	for _, name := range []string{
		"latency", "bulk", "start", "busy", "throughput", "growth-plugins", "growth-callers", "growth-bytes", "growth-methods",
	} {
		data, err := os.ReadFile(filepath.Join(dir, name+".svg"))
		require.NoError(t, err)
		assert.Contains(t, string(data), "<svg")
	}
}

func TestNothingMeasuredNothingDrawn(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, Calls(&report.Report{}, dir))
	require.NoError(t, Growth(&report.Report{}, dir))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, files)
}
