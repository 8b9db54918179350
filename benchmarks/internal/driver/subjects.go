package driver

import (
	"fmt"
	"slices"
	"strings"
)

// Subject is one way to call a plugin: a program in subjects/, and its variant.
type Subject struct {
	Name, Program, Variant string
	Seldom                 bool     // every third round is enough: nothing in the gate rests on it
	Extras                 []string // the workloads that it has besides those that all have
}

// Subjects is everything that is compared. A transport of ours that is new needs
// a line here, and its limits in report.Limits.
var Subjects = []Subject{
	{Name: "raw-unix", Program: "raw", Variant: "unix", Extras: []string{"X1"}},
	{Name: "pingogen-auto", Program: "pingogen", Variant: "auto", Extras: []string{"X1", "X2"}},
	{Name: "pingogen-socket", Program: "pingogen", Variant: "socket", Extras: []string{"X1", "X2"}},
	{Name: "pingogen-unix", Program: "pingogen", Variant: "unix", Extras: []string{"X1"}},
	{Name: "pingogen-tcp", Program: "pingogen", Variant: "tcp", Extras: []string{"X1"}},
	{Name: "net/rpc", Program: "netrpc", Variant: "gob"},
	{Name: "go-plugin/netrpc", Program: "goplugin", Variant: "netrpc"},
	{Name: "go-plugin/grpc", Program: "goplugin", Variant: "grpc"},
	{Name: "ttrpc", Program: "ttrpc", Variant: "unix"},
	{Name: "raw-tcp", Program: "raw", Variant: "tcp", Seldom: true},
	{Name: "grpc", Program: "grpc", Variant: "unix", Seldom: true},
	{Name: "drpc", Program: "drpc", Variant: "unix", Seldom: true},
	{Name: "shmipc", Program: "shmipc", Variant: "unix", Seldom: true},
	{Name: "thrift", Program: "thrift", Variant: "unix", Seldom: true},
}

// Choose returns the subjects that are named in a list with commas, a subject that
// begins with a name included; all of them if the list is empty.
func Choose(names string) ([]Subject, error) {
	if names == "" {
		return Subjects, nil
	}
	var chosen []Subject
	for name := range strings.SplitSeq(names, ",") {
		n := len(chosen)
		for _, s := range Subjects {
			if strings.HasPrefix(s.Name, name) && !has(chosen, s) {
				chosen = append(chosen, s)
			}
		}
		if n == len(chosen) {
			return nil, fmt.Errorf("there is no subject %s", name)
		}
	}
	return chosen, nil
}

func has(list []Subject, s Subject) bool {
	return slices.ContainsFunc(list, func(other Subject) bool { return other.Name == s.Name })
}
