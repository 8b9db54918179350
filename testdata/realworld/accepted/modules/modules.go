// Package modules has interfaces of well-known modules that can be served by a
// plugin.
package modules

import (
	"github.com/alexedwards/scs/v2"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/logging"
	"github.com/docker/docker-credential-helpers/credentials"
	"github.com/go-logr/logr"
	"github.com/gregjones/httpcache"
	metrics "github.com/hashicorp/go-metrics"
	"github.com/hashicorp/go-plugin"
	basic "github.com/hashicorp/go-plugin/examples/basic/shared"
	kv "github.com/hashicorp/go-plugin/examples/grpc/shared"
	"github.com/hashicorp/raft"
	"golang.org/x/crypto/acme/autocert"
)

type (
	//pingo:plugin
	SessionStore = scs.IterableCtxStore
	//pingo:plugin
	SessionCtxStore = scs.CtxStore
	//pingo:plugin
	CredentialsProvider = aws.CredentialsProvider
	//pingo:plugin
	CredentialHelper = credentials.Helper
	//pingo:plugin failure=zero
	HTTPCache = httpcache.Cache
	//pingo:plugin failure=zero
	MetricSink = metrics.MetricSink
	//pingo:plugin failure=panic
	Greeter = basic.Greeter
	//pingo:plugin
	KV = kv.KV
	//pingo:plugin
	StableStore = raft.StableStore
	//pingo:plugin
	CertificateCache = autocert.Cache
	//pingo:plugin failure=zero
	Logger = logging.Logger // any
	//pingo:plugin failure=zero
	LogSink = logr.LogSink
	//pingo:plugin
	ClientProtocol = plugin.ClientProtocol
	//pingo:plugin failure=zero
	FSM = raft.FSM // the log is data, and what comes of it may be anything
)
