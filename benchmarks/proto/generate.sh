#!/usr/bin/env bash
# Generates the peers' code from echo.proto and echo.thrift: once, for it is
# committed. Needs protoc and thrift (on Debian: protobuf-compiler,
# libprotobuf-dev and thrift-compiler); their plugins for Go are installed into a temporary directory.
#
# Each program has a package of messages of its own, since the generators put
# the services of gRPC, ttrpc and drpc beside the messages, and no subject is to
# link what another needs.
set -euo pipefail
cd "$(dirname "$0")"
GOBIN=$(mktemp -d)
trap 'rm -rf "$GOBIN"' EXIT
export GOBIN PATH=$GOBIN:$PATH
go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
go install github.com/containerd/ttrpc/cmd/protoc-gen-go-ttrpc@v1.2.10
go install storj.io/drpc/cmd/protoc-gen-go-drpc@v1.0.0

for peer in grpc ttrpc drpc; do
    out=../subjects/$peer/pb
    package=github.com/pingogen/pingogen/benchmarks/subjects/$peer/pb
    mkdir -p "$out"
    protoc --go_out="$out" --go_opt=paths=source_relative,Mecho.proto="$package" \
        --go-"$peer"_out="$out" --go-"$peer"_opt=paths=source_relative,Mecho.proto="$package" echo.proto
done

thrift -o ../subjects/thrift --gen go:skip_remote,package_prefix=github.com/pingogen/pingogen/benchmarks/subjects/thrift/gen-go/ echo.thrift
gofmt -w ../subjects/*/pb ../subjects/thrift/gen-go
