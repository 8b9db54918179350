package generators

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/benchmarks/internal/progress"
	"github.com/pingogen/pingogen/benchmarks/internal/report"
)

// Every generator generates; what it takes means nothing here.
func TestEveryGeneratorGenerates(t *testing.T) {
	t.Chdir("../..")
	var said, table bytes.Buffer
	samples, err := Compare(t.Context(), Sizes[:1], 1, progress.To(&said))
	require.NoError(t, err)
	found := &report.Report{Samples: samples}
	assert.Empty(t, found.Failures())
	assert.Len(t, samples, len(all))
	for _, s := range samples {
		assert.Contains(t, s.Metrics, "1x1", s.Subject)
	}
	Table(&table, found)
	assert.Contains(t, table.String(), "| 1 × 1 |")
}

func TestMissed(t *testing.T) {
	sample := func(subject string, ms float64) report.Sample {
		return report.Sample{Placement: "as it comes", Subject: subject, Metrics: map[string]float64{"1x1": ms}}
	}
	slow := &report.Report{Samples: []report.Sample{sample(Floor, 100), sample(Ours, 140), sample("moq", 120)}}
	assert.Len(t, Missed(slow), 2)
	narrow := &report.Report{Samples: []report.Sample{sample(Floor, 1000), sample(Ours, 1300.4), sample("moq", 1300)}}
	assert.Equal(t, []error{
		errors.New("1x1: pingogen takes 1.3004 times the floor, not <= 1.30"),
		errors.New("1x1: pingogen takes 1.0003 times as long as moq"),
	}, Missed(narrow))
	fast := &report.Report{Samples: []report.Sample{sample(Floor, 100), sample(Ours, 119), sample("moq", 120)}}
	assert.Empty(t, Missed(fast))
}
