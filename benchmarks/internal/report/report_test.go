package report

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample is round n of a subject that has one metric.
func sample(round int, subject, metric string, value float64) Sample {
	return Sample{
		Round: round, Placement: "one CPU", Subject: subject, Workload: metric[:2],
		Metrics: map[string]float64{metric: value},
	}
}

func TestRatioIsOfTheSameRound(t *testing.T) {
	r := &Report{Samples: []Sample{
		sample(0, Floor, "W1.p50", 10), sample(0, Ours, "W1.p50", 5),
		sample(1, Floor, "W1.p50", 100), sample(1, Ours, "W1.p50", 60),
		sample(2, Floor, "W1.p50", 20), sample(2, Ours, "W1.p50", 14),
		sample(3, Ours, "W1.p50", 1000), // without a floor
	}}
	ratio, rounds := r.Ratio("one CPU", Ours, Floor, "W1.p50")
	assert.Equal(t, 0.6, ratio)
	assert.Equal(t, 3, rounds)
	value, rounds := r.Median("one CPU", Ours, "W1.p50")
	assert.Equal(t, 37.0, value)
	assert.Equal(t, 4, rounds)
}

func TestGate(t *testing.T) {
	for name, test := range map[string]struct {
		floor, ours    float64
		metric         string
		reached, aimed bool
	}{
		"at most, aim":   {floor: 10, ours: 1, metric: "W1.p50", reached: true, aimed: true},
		"at most, gate":  {floor: 10, ours: 7, metric: "W1.p50", reached: true},
		"at most, short": {floor: 10, ours: 8, metric: "W1.p50"},
		"at least, aim":  {floor: 10, ours: 33, metric: "W2.64.rate", reached: true, aimed: true},
		"at least, gate": {floor: 10, ours: 25, metric: "W2.64.rate", reached: true},
		"at least, less": {floor: 10, ours: 20, metric: "W2.64.rate"},
		"a value":        {ours: 2.004, metric: "W1.allocs", reached: true},
		"a high value":   {ours: 2.2, metric: "W1.allocs"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &Report{Samples: []Sample{sample(0, Floor, test.metric, test.floor), sample(0, Ours, test.metric, test.ours)}}
			r.Finish()
			require.Len(t, r.Gate, 1)
			assert.Equal(t, test.reached, r.Gate[0].Reached)
			assert.Equal(t, test.aimed, r.Gate[0].Aimed)
			assert.Equal(t, test.reached, len(r.Missed()) == 0)
		})
	}
}

func TestVerdictNamesWhatFallsShort(t *testing.T) {
	r := &Report{Samples: []Sample{sample(0, Floor, "W1.p50", 10), sample(0, Ours, "W1.p50", 9)}}
	r.Finish()
	require.Len(t, r.Missed(), 1)
	assert.Equal(t, "pingogen-auto W1.p50 / raw-unix, one CPU: 0.90, not <= 0.75", r.Missed()[0].String())
	var table bytes.Buffer
	r.Markdown(&table)
	assert.Contains(t, table.String(), "| pingogen-auto | 9.00 ×0.90 |")
	assert.Contains(t, table.String(), "| pingogen-auto W1.p50 | raw-unix | one CPU | 0.90 | ≤ 0.75 | 0.15 | FALLS SHORT |")
}

// What is printed of a value and its limits says the same as the verdict.
func TestFiguresAgreeWithTheVerdict(t *testing.T) {
	for _, test := range []struct {
		value  float64
		limits []float64
		want   string
	}{
		{0.9, []float64{0.75, 0.15}, "0.90"},
		{0.75, []float64{0.75, 0.15}, "0.75"},
		{0.7504, []float64{0.75, 0.15}, "0.7504"},
		{0.7496, []float64{0.75, 0.15}, "0.7496"},
		{0.1504, []float64{0.75, 0.15}, "0.1504"},
		{12.98, []float64{13, 20}, "12.98"},
		{49.97, []float64{50, 400}, "49.97"},
		{399.6, []float64{50, 400}, "399.60"},
		{123456, []float64{50, 400}, "123k"},
		{0.0504, []float64{0.10, 0.05}, "0.0504"},
	} {
		assert.Equal(t, test.want, Beside(test.value, test.limits...), "%v beside %v", test.value, test.limits)
	}
	for _, l := range Limits {
		assert.False(t, hides(number(l.Gate), l.Gate, []float64{l.Gate}), "%+v", l)
		assert.False(t, hides(number(l.Aim), l.Aim, []float64{l.Aim}), "%+v", l)
	}
}

// What is judged is what is printed.
func TestAllocationsAreRounded(t *testing.T) {
	r := &Report{Samples: []Sample{sample(0, Ours, "W1.allocs", 2.04)}}
	r.Finish()
	var table bytes.Buffer
	r.Markdown(&table)
	assert.Contains(t, table.String(), "| one CPU | 2.00 | ≤ 2.00 | 1.00 | gate reached |")
}

func TestFailuresAreTold(t *testing.T) {
	r := &Report{Samples: []Sample{{Placement: "one CPU", Subject: Ours, Workload: "W1", Failure: "exit status 2"}}}
	r.Finish()
	var table bytes.Buffer
	r.Markdown(&table)
	assert.Contains(t, table.String(), "FAILED: pingogen-auto, W1, one CPU, round 1: exit status 2")
}
