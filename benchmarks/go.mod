module github.com/pingogen/pingogen/benchmarks

go 1.26.0

replace github.com/pingogen/pingogen => ../

tool github.com/pingogen/pingogen/cmd/pingogen

require golang.org/x/sys v0.49.0

require (
	github.com/dave/jennifer v1.7.1 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/pingogen/pingogen v0.0.0 // indirect
	github.com/rogpeppe/go-internal v1.16.0 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
)
