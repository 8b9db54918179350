// Package otelpingo traces and measures the calls between hosts and plugins with OpenTelemetry.
//
//	p := pingo.New(pingo.Config{Path: path, Intercept: []pingo.Interceptor{otelpingo.Interceptor(otelpingo.Config{})}})   // in the host
//	pingo.Intercept(otelpingo.Interceptor(otelpingo.Config{}))                                                            // in the plugin
//
// A call is a client span on one side and a server span, its child, on the other, since
// the context of the trace travels as metadata of the call. Spans and metrics follow the
// semantic conventions for RPC: rpc.client.call.duration and rpc.server.call.duration.
package otelpingo

import (
	"context"
	"errors"
	"reflect"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/rpcconv"
	"go.opentelemetry.io/otel/trace"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// Config says where spans and metrics go. Its zero value means what is set globally; a
// Propagator that is set nowhere is that of the W3C.
type Config struct {
	TracerProvider trace.TracerProvider
	MeterProvider  metric.MeterProvider
	Propagator     propagation.TextMapPropagator
}

const (
	scope  = "github.com/pingogen/pingogen/otelpingo"
	system = "pingo" // rpc.system.name
)

// instruments is what an interceptor uses.
type instruments struct {
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	client     rpcconv.ClientCallDuration
	server     rpcconv.ServerCallDuration
}

// Interceptor returns what traces and measures calls, in either direction. It is
// best the outermost one.
func Interceptor(cfg Config) pingo.Interceptor {
	if cfg.TracerProvider == nil {
		cfg.TracerProvider = otel.GetTracerProvider()
	}
	if cfg.MeterProvider == nil {
		cfg.MeterProvider = otel.GetMeterProvider()
	}
	if cfg.Propagator == nil {
		cfg.Propagator = otel.GetTextMapPropagator()
	}
	if len(cfg.Propagator.Fields()) == 0 {
		cfg.Propagator = propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})
	}
	i := &instruments{tracer: cfg.TracerProvider.Tracer(scope), propagator: cfg.Propagator}
	meter := cfg.MeterProvider.Meter(scope)
	var err1, err2 error
	i.client, err1 = rpcconv.NewClientCallDuration(meter)
	i.server, err2 = rpcconv.NewServerCallDuration(meter)
	if err := errors.Join(err1, err2); err != nil {
		otel.Handle(err) // the instruments that it left do nothing
	}
	return i.intercept
}

func (i *instruments) intercept(ctx context.Context, call *pingo.Call, next func(context.Context) error) (err error) {
	kind := trace.SpanKindClient
	if call.Incoming {
		kind = trace.SpanKindServer
		ctx = i.propagator.Extract(ctx, propagation.MapCarrier(pingo.Metadata(ctx)))
	}
	ctx, span := i.tracer.Start(ctx, call.Method, trace.WithSpanKind(kind),
		trace.WithAttributes(semconv.RPCSystemNameKey.String(system), semconv.RPCMethod(call.Method)))
	if !call.Incoming {
		ctx = i.inject(ctx)
	}
	begun := time.Now()
	err = errPanicked // until next returns
	// A deferred span.End would panic again, and then the panic would seem to be there.
	defer func() { i.finish(ctx, span, call, time.Since(begun), err) }()
	err = next(ctx)
	return err
}

// errPanicked is how a call has ended whose implementation panics.
var errPanicked = errors.New("panic")

// finish ends the span of a call, and counts it.
func (i *instruments) finish(ctx context.Context, span trace.Span, call *pingo.Call, took time.Duration, err error) {
	attributes := []attribute.KeyValue{semconv.RPCMethod(call.Method)}
	if err != nil {
		kind := errorType(err)
		attributes = append(attributes, kind)
		span.SetAttributes(kind)
		span.SetStatus(codes.Error, err.Error())
	}
	if call.Incoming {
		i.server.Record(ctx, took.Seconds(), system, attributes...)
	} else {
		i.client.Record(ctx, took.Seconds(), system, attributes...)
	}
	span.End()
}

// inject has the context of the trace travel with the call.
func (i *instruments) inject(ctx context.Context) context.Context {
	carrier := propagation.MapCarrier{}
	i.propagator.Inject(ctx, carrier)
	for key, value := range carrier {
		ctx = pingo.WithMetadata(ctx, key, value)
	}
	return ctx
}

// errorType is the fate of a call that failed, or the type of the implementation's error.
func errorType(err error) attribute.KeyValue {
	var failed *pingo.CallError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return semconv.ErrorTypeKey.String("timeout")
	case errors.Is(err, context.Canceled):
		return semconv.ErrorTypeKey.String("cancelled")
	case errors.Is(err, errPanicked), errors.As(err, new(*pingo.PanicError)):
		return semconv.ErrorTypeKey.String("panic")
	case errors.As(err, &failed):
		return semconv.ErrorTypeKey.String(failed.Fate.String())
	}
	return semconv.ErrorType(original(err))
}

// original goes on to what an error wraps, of several the first, where its type is only
// that which stands for another one of the other side.
func original(err error) error {
	for {
		t := reflect.TypeOf(err)
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.PkgPath() != codecPath {
			return err
		}
		var cause error
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			cause = e.Unwrap()
		case interface{ Unwrap() []error }:
			if causes := e.Unwrap(); len(causes) > 0 {
				cause = causes[0]
			}
		}
		if cause == nil {
			return err
		}
		err = cause
	}
}

var codecPath = reflect.TypeFor[codec.RemoteError]().PkgPath()
