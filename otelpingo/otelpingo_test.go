package otelpingo_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/pingogen/pingogen/examples/greeter/greeter"
	"github.com/pingogen/pingogen/examples/greeter/hello"
	"github.com/pingogen/pingogen/otelpingo"
	pingo "github.com/pingogen/pingogen/runtime"
)

// side is what one side has to observe with.
type side struct {
	spans   *tracetest.InMemoryExporter
	metrics *metric.ManualReader
	cfg     otelpingo.Config
}

func newSide() *side {
	s := &side{spans: tracetest.NewInMemoryExporter(), metrics: metric.NewManualReader()}
	s.cfg.TracerProvider = sdktrace.NewTracerProvider(sdktrace.WithSyncer(s.spans))
	s.cfg.MeterProvider = metric.NewMeterProvider(metric.WithReader(s.metrics))
	return s
}

// durations are the counts of a histogram, by the attribute error.type.
func (s *side) durations(name string) map[string]uint64 {
	var all metricdata.ResourceMetrics
	if err := s.metrics.Collect(context.Background(), &all); err != nil {
		panic(err)
	}
	counts := map[string]uint64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name != name || m.Unit != "s" {
				continue
			}
			for _, p := range m.Data.(metricdata.Histogram[float64]).DataPoints {
				method, _ := p.Attributes.Value("rpc.method")
				system, _ := p.Attributes.Value("rpc.system.name")
				kind, _ := p.Attributes.Value("error.type")
				counts[fmt.Sprint(system.AsString(), " ", method.AsString(), " ", kind.AsString())] += p.Count
			}
		}
	}
	return counts
}

// The test binary is the plugin as well, which prints what it has observed at the end of each call.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[1] != "plugin" {
		os.Exit(m.Run())
	}
	s := newSide()
	report := func(ctx context.Context, _ *pingo.Call, next func(context.Context) error) error {
		defer func() {
			for _, span := range s.spans.GetSpans() {
				fmt.Println("span", span.Name, span.SpanKind, span.SpanContext.TraceID(), span.Parent.SpanID(), span.Status.Code)
			}
			s.spans.Reset()
			fmt.Println("metrics", s.durations("rpc.server.call.duration"))
		}()
		return next(ctx)
	}
	pingo.Intercept(report, otelpingo.Interceptor(s.cfg))
	greeter.RegisterGreeter(moody{hello.New()})
	panic(pingo.Run())
}

// moody is a greeter that does not greet everybody.
type moody struct{ greeter.Greeter }

func (m moody) SayHello(ctx context.Context, name string) (string, error) {
	switch name {
	case "you again":
		panic("no")
	case "wrapped":
		return "", fmt.Errorf("not %s: %w", name, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist})
	case "joined":
		return "", fmt.Errorf("not %s: %w", name, errors.Join(&fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}, fs.ErrExist))
	}
	return m.Greeter.SayHello(ctx, name)
}

// output collects what the plugin prints.
type output struct {
	mu    sync.Mutex
	lines []string
}

func (o *output) Error(error) {}

func (o *output) Print(line any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lines = append(o.lines, strings.TrimSpace(fmt.Sprint(line)))
}

func (o *output) all() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lines
}

func TestSpansAreJoinedAcrossTheBoundary(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	s, out := newSide(), &output{}
	p := pingo.New(pingo.Config{
		Path: exe, Args: []string{"plugin"}, StartTimeout: time.Minute, ErrorHandler: out,
		Intercept: []pingo.Interceptor{otelpingo.Interceptor(s.cfg)},
	})
	p.Start()
	t.Cleanup(p.Stop)
	g := greeter.NewGreeterClient(p)
	ctx, root := s.cfg.TracerProvider.Tracer("test").Start(t.Context(), "root")
	_, err = g.SayHello(ctx, "you")
	require.NoError(t, err)
	_, err = g.SayHello(ctx, "")
	require.Error(t, err)
	require.ErrorIs(t, p.CallContext(ctx, "Greeter.Nothing", "", nil), pingo.ErrUnimplemented)
	_, err = g.SayHello(ctx, "you again")
	require.ErrorContains(t, err, "panic: no\n\tat github.com/pingogen/pingogen/otelpingo_test.moody.SayHello ", "where it was, and not where a span ended")
	root.End()
	p.Stop()

	spans := s.spans.GetSpans()
	require.Len(t, spans, 5)
	for i, status := range []codes.Code{codes.Unset, codes.Error, codes.Error, codes.Error} {
		client := spans[i]
		require.Equal(t, trace.SpanKindClient, client.SpanKind)
		require.Equal(t, root.SpanContext().SpanID(), client.Parent.SpanID())
		require.Equal(t, status, client.Status.Code)
		require.Contains(t, client.Attributes, attribute.String("rpc.system.name", "pingo"))
		if i != 2 {
			require.Contains(t, client.Attributes, attribute.String("rpc.method", "Greeter.SayHello"))
			require.Contains(t, out.all(), fmt.Sprint("span Greeter.SayHello server ", root.SpanContext().TraceID(), " ", client.SpanContext.SpanID(), " ", status),
				"the plugin's span is a child of the host's")
		}
	}
	failure := spans[1].Attributes[len(spans[1].Attributes)-1]
	require.Equal(t, attribute.Key("error.type"), failure.Key)
	require.Equal(t, map[string]uint64{
		"pingo Greeter.SayHello ": 1, "pingo Greeter.SayHello " + failure.Value.AsString(): 1, "pingo Greeter.Nothing not delivered": 1,
		"pingo Greeter.SayHello panic": 1,
	}, s.durations("rpc.client.call.duration"))
	require.Contains(t, out.all()[len(out.all())-1], "metrics map[pingo Greeter.SayHello :1 pingo Greeter.SayHello ")
	require.Contains(t, out.all()[len(out.all())-1], "pingo Greeter.SayHello panic:1")
}

// The type of an error that came from the other side is that of what it wraps.
func TestErrorTypes(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	s := newSide()
	p := pingo.New(pingo.Config{
		Path: exe, Args: []string{"plugin"}, StartTimeout: time.Minute, ErrorHandler: &output{},
		Intercept: []pingo.Interceptor{otelpingo.Interceptor(s.cfg)},
	})
	p.Start()
	t.Cleanup(p.Stop)
	g := greeter.NewGreeterClient(p)
	for _, name := range []string{"wrapped", "joined", ""} {
		_, err = g.SayHello(t.Context(), name)
		require.Error(t, err)
	}
	require.Equal(t, map[string]uint64{"pingo Greeter.SayHello *fs.PathError": 2, "pingo Greeter.SayHello *codec.RemoteError": 1}, s.durations("rpc.client.call.duration"))
}
