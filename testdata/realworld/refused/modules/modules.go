// Package modules has interfaces of well-known modules that cannot be served
// by a plugin, or not without saying more.
package modules

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	basic "github.com/hashicorp/go-plugin/examples/basic/shared"
	"github.com/hashicorp/raft"
	"github.com/libdns/libdns"
	prometheusapi "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/afero"
	"golang.org/x/oauth2"
	health "google.golang.org/grpc/health/grpc_health_v1"
	core "k8s.io/client-go/kubernetes/typed/core/v1"
)

type (
	//pingo:plugin
	HTTPClient = aws.HTTPClient // structs with unexported fields
	//pingo:plugin
	Greeter = basic.Greeter // no error result
	//pingo:plugin
	FSM = raft.FSM // no error result
	//pingo:plugin
	RecordGetter = libdns.RecordGetter // no error results of interfaces in a slice
	//pingo:plugin
	PrometheusAPI = prometheusapi.API // functions without error results
	//pingo:plugin failure=zero
	Collector = prometheus.Collector // structs with unexported fields, in channels
	//pingo:plugin
	Fs = afero.Fs // no error results
	//pingo:plugin
	TokenSource = oauth2.TokenSource // a struct with unexported fields
	//pingo:plugin
	Health = health.HealthServer // no error results, in a stream
	//pingo:plugin
	ConfigMaps = core.ConfigMapInterface // no error results in the result of Watch
)
