package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/benchmarks/internal/driver"
	"github.com/pingogen/pingogen/benchmarks/internal/progress"
	"github.com/pingogen/pingogen/benchmarks/internal/report"
	"github.com/pingogen/pingogen/benchmarks/internal/workload"
)

// metrics is what each workload measures.
var metrics = map[string][]string{
	"W1": {"W1.p50", "W1.p99", "W1.cpu", "W1.allocs"},
	"W2": {
		"W2.2.rate", "W2.4.rate", "W2.8.rate", "W2.16.rate", "W2.64.rate",
		"W2.2.p99", "W2.4.p99", "W2.8.p99", "W2.16.p99", "W2.64.p99",
	},
	"W3": {"W3.rate", "W3.p50", "W3.allocs"},
	"W4": {"W4.1MiB", "W4.16MiB"},
	"W5": {"W5.start", "W5.stop"},
	"W6": {"W6.memory", "W6.busy", "W6.idle"},
	"W7": {"W7.rate", "W7.p99"},
	"W8": {"W8.p99", "W8.max"},
	"X1": {"X1.read"},
	"X2": {"X2.upload", "X2.items", "X2.send", "X2.callback", "X2.deadline", "X2.fresh", "X2.context", "X2.carried", "X2.timeout"},
}

// Every subject does every workload; what comes out means nothing here.
func TestEverySubjectDoesEveryWorkload(t *testing.T) {
	placements, err := driver.Placements()
	if err != nil {
		t.Skip(err)
	}
	var said bytes.Buffer
	plan := driver.Plan{
		Subjects: driver.Subjects, Workloads: workload.All, Placements: placements[1:], Progress: progress.To(&said),
	}
	shorten(&plan)
	found, err := measure(t.Context(), plan)
	require.NoError(t, err)
	assert.Empty(t, found.Failures())
	for _, s := range found.Samples {
		for _, metric := range metrics[s.Workload] {
			assert.Contains(t, s.Metrics, metric, "%s, %s", s.Subject, s.Workload)
		}
		assert.Len(t, s.Metrics, len(metrics[s.Workload]), "%s, %s", s.Subject, s.Workload)
	}
	for _, s := range driver.Subjects {
		for _, w := range workload.All {
			assert.Equal(t, !w.Extras || slices.Contains(s.Extras, w.Name), did(found, s.Name, w.Name), "%s, %s", s.Name, w.Name)
		}
	}

	for _, limit := range report.Limits {
		assert.True(t, judged(found, limit), "nothing was found for %+v", limit)
	}
	_, err = json.Marshal(found)
	require.NoError(t, err)
	var table bytes.Buffer
	found.Markdown(&table)
	for _, s := range driver.Subjects {
		assert.Contains(t, table.String(), "| "+s.Name+" |")
	}
}

// A short run measures, and judges nothing.
func TestShort(t *testing.T) {
	if _, err := driver.Placements(); err != nil {
		t.Skip(err)
	}
	file := filepath.Join(t.TempDir(), "found.json")
	var table bytes.Buffer
	require.NoError(t, calls(t.Context(), []string{"-short", "-subjects", "raw-unix,pingogen-auto", "-workloads", "W1", "-json", file}, &table))
	assert.Contains(t, table.String(), "| pingogen-auto | ")
	assert.NotContains(t, table.String(), "gate")
	assert.Contains(t, table.String(), "The limits are left out: one round of tiny measurements says nothing about them.")
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	var found report.Report
	require.NoError(t, json.Unmarshal(written, &found))
	assert.Empty(t, found.Gate)
	assert.NotEmpty(t, found.Unjudged)

	assert.ErrorContains(t, calls(t.Context(), []string{"-short", "-gate"}, &table), "-gate judges")
}

func TestGrowth(t *testing.T) {
	if _, err := driver.Placements(); err != nil {
		t.Skip(err)
	}
	var said, table bytes.Buffer
	plan := driver.Plan{Progress: progress.To(&said)}
	shorten(&plan)
	found, err := measureGrowth(t.Context(), plan)
	require.NoError(t, err)
	assert.Empty(t, found.Failures())
	assert.Equal(t, []int{1, 10}, found.Numbers("pingogen-auto", "G1"))
	assert.Equal(t, []int{1, 4, 16, 64}, found.Numbers("pingogen-auto", "G2"))
	assert.Equal(t, []int{16, 256, 4 << 10, 64 << 10, 1 << 20}, found.Numbers("raw-unix", "G3"))
	found.Growth(&table)
	assert.Contains(t, table.String(), "| 200 |", "methods")
}

func did(found *report.Report, subject, workload string) bool {
	return slices.ContainsFunc(found.Samples, func(s report.Sample) bool {
		return s.Subject == subject && s.Workload == workload
	})
}

func judged(found *report.Report, limit report.Limit) bool {
	for _, v := range found.Gate {
		if v.Metric == limit.Metric && v.Against == limit.Against && v.Gate == limit.Gate {
			return true
		}
	}
	return false
}

func TestGeneratedCodeIsCurrent(t *testing.T) {
	out, err := exec.Command("go", "tool", "pingogen", "-check", "./...").CombinedOutput()
	require.NoError(t, err, "%s", out)
}
