// Package wide has interfaces with 1 to 200 methods, to see what that costs.
package wide

import "github.com/pingogen/pingogen/benchmarks/internal/echo"

//go:generate go run make.go
//go:generate go tool pingogen

func reply(key string) string { return echo.Reply(key) }
