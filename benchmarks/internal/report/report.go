// Package report turns samples into medians, tables and verdicts.
package report

import (
	"maps"
	"math"
	"slices"
)

// Sample is one measurement: one workload of one subject in one round.
type Sample struct {
	Round     int                `json:"round"`
	Placement string             `json:"placement"`
	Subject   string             `json:"subject"`
	Workload  string             `json:"workload"`
	Metrics   map[string]float64 `json:"metrics,omitempty"`
	Failure   string             `json:"failure,omitempty"`
}

// Report is what a run has found.
type Report struct {
	Go       string    `json:"go"`
	CPU      string    `json:"cpu"`
	Time     string    `json:"time"` // of one measurement
	Samples  []Sample  `json:"samples"`
	Medians  []Median  `json:"medians"`
	Gate     []Verdict `json:"gate"`
	Unjudged string    `json:"unjudged,omitempty"` // why there are no verdicts
}

// Median is a metric of a subject over all rounds.
type Median struct {
	Placement string   `json:"placement"`
	Subject   string   `json:"subject"`
	Metric    string   `json:"metric"`
	Value     float64  `json:"value"`
	Floor     *float64 `json:"floor,omitempty"` // the median of the ratios to the floor in the same round
	Rounds    int      `json:"rounds"`
}

// Floor is the subject that the others are compared with.
const Floor = "raw-unix"

// Finish fills what follows from the samples.
func (r *Report) Finish() {
	seen := map[Median]bool{}
	for _, s := range r.Samples {
		for _, metric := range slices.Sorted(maps.Keys(s.Metrics)) {
			key := Median{Placement: s.Placement, Subject: s.Subject, Metric: metric}
			if seen[key] {
				continue
			}
			seen[key] = true
			m := key
			m.Value, m.Rounds = r.Median(s.Placement, s.Subject, metric)
			if ratio, n := r.Ratio(s.Placement, s.Subject, Floor, metric); n > 0 && !math.IsInf(ratio, 0) && !math.IsNaN(ratio) {
				m.Floor = &ratio
			}
			r.Medians = append(r.Medians, m)
		}
	}
	r.Gate = r.verdicts()
}

// Median returns the median of a metric, and of how many rounds it is.
func (r *Report) Median(placement, subject, metric string) (float64, int) {
	var list []float64
	for _, s := range r.Samples {
		if value, ok := s.Metrics[metric]; ok && s.Placement == placement && s.Subject == subject {
			list = append(list, value)
		}
	}
	return median(list), len(list)
}

// Ratio returns the median of how many times the metric of other the metric of
// subject was in the same round, and of how many rounds that is.
func (r *Report) Ratio(placement, subject, other, metric string) (float64, int) {
	base := map[int]float64{}
	for _, s := range r.Samples {
		if value, ok := s.Metrics[metric]; ok && s.Placement == placement && s.Subject == other {
			base[s.Round] = value
		}
	}
	var list []float64
	for _, s := range r.Samples {
		if value, ok := s.Metrics[metric]; ok && s.Placement == placement && s.Subject == subject {
			if b, ok := base[s.Round]; ok {
				list = append(list, value/b)
			}
		}
	}
	return median(list), len(list)
}

func median(list []float64) float64 {
	if len(list) == 0 {
		return math.NaN()
	}
	slices.Sort(list)
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}

// Failures returns the samples that are none.
func (r *Report) Failures() []Sample {
	var failed []Sample
	for _, s := range r.Samples {
		if s.Failure != "" {
			failed = append(failed, s)
		}
	}
	return failed
}
