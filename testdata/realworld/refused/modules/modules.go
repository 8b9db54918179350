// Package modules has interfaces of well-known modules that cannot be served
// by a plugin, or not without saying more.
package modules

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/logging"
	"github.com/go-logr/logr"
	"github.com/hashicorp/go-plugin"
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
	HTTPClient = aws.HTTPClient // structs with functions and channels
	//pingo:plugin failure=zero
	Logger = logging.Logger // any
	//pingo:plugin failure=zero
	LogSink = logr.LogSink // any, interfaces as results
	//pingo:plugin
	ClientProtocol = plugin.ClientProtocol // any
	//pingo:plugin
	Greeter = basic.Greeter // no error result
	//pingo:plugin
	FSM = raft.FSM // any, a reader
	//pingo:plugin
	RecordGetter = libdns.RecordGetter // interfaces in a slice
	//pingo:plugin
	PrometheusAPI = prometheusapi.API // interfaces as results
	//pingo:plugin failure=zero
	Collector = prometheus.Collector // channels
	//pingo:plugin
	Fs = afero.Fs // interfaces as results
	//pingo:plugin
	TokenSource = oauth2.TokenSource // a struct with unexported fields
	//pingo:plugin
	Health = health.HealthServer // a stream
	//pingo:plugin
	ConfigMaps = core.ConfigMapInterface // an interface as result of Watch
)
