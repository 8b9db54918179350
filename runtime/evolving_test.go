package pingo_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// version is one version of the contract Store: a host and a plugin are built of it.
type version struct {
	client   func(pingo.Caller) any // its generated client
	register func()                 // an implementation that returns results and remembers what it got
	args     map[string]any         // what the host calls each method with: a pointer to a struct of the parameters
	results  map[string]any         // what the plugin returns: a pointer to a struct of the results
}

var versions = map[string]version{"v1": storeV1, "v2": storeV2, "v3": storeV3, "v4": storeV4}

// seen is what the plugin got last in each method, as JSON. Ping returns it.
var seen = map[string]string{}

func saw(method string, args any) { seen[method] = toJSON(args) }

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

var _ = helper("store-plugin", func() {
	versions[os.Args[1]].register()
	fail(pingo.Run())
})

// outcome is what a host has got from one method.
type outcome struct {
	Implemented   bool
	Seen, Results string // JSON
	Err           string
}

// report is what a host has got from a plugin.
type report struct {
	Start   string // why it did not start
	Methods map[string]outcome
}

// The host of a version binds its client before or after the start of the plugin
// whose path and arguments follow, and prints a report.
var _ = helper("store-host", func() {
	name, when := os.Args[1], os.Args[2]
	p := pingo.New(pingo.Config{Path: os.Args[3], Args: os.Args[4:], StartTimeout: patience})
	defer p.Stop()
	var client any
	if when == "before" {
		client = versions[name].client(p)
	}
	p.Start()
	var r report
	if err := p.Ready(context.Background()); err != nil {
		r.Start = err.Error()
	} else {
		if when == "after" {
			client = versions[name].client(p)
		}
		r.Methods = callAll(p, versions[name], client)
	}
	fmt.Println(toJSON(r))
})

// callAll calls every method of a client.
func callAll(p *pingo.Plugin, v version, client any) map[string]outcome {
	all := map[string]outcome{}
	for _, method := range slices.Sorted(maps.Keys(v.args)) {
		var o outcome
		var err error
		if o.Implemented, err = p.Implements(context.Background(), "Store."+method); err != nil {
			fail(err)
		}
		if o.Results, err = callByName(client, method, v.args[method], v.results[method]); err != nil {
			o.Err = err.Error()
		} else {
			o.Seen, err = client.(pinger).Ping(context.Background(), method)
			if err != nil {
				fail(err)
			}
		}
		all[method] = o
	}
	return all
}

// pinger is what all versions have in common.
type pinger interface {
	Ping(ctx context.Context, text string) (string, error)
}

// callByName calls a method with a struct of arguments, and returns a struct of results as JSON.
func callByName(client any, method string, args, results any) (string, error) {
	in := []reflect.Value{reflect.ValueOf(context.Background())}
	for _, field := range reflect.ValueOf(args).Elem().Fields() {
		in = append(in, field)
	}
	out := reflect.ValueOf(client).MethodByName(method).Call(in)
	if err, _ := out[len(out)-1].Interface().(error); err != nil {
		return "", err
	}
	got := reflect.New(reflect.TypeOf(results).Elem())
	for i, v := range out[:len(out)-1] {
		got.Elem().Field(i).Set(v)
	}
	return toJSON(got.Interface()), nil
}

const advice = "use host and plugin of versions that fit, or rebuild both from the same interface; in that, keep the old and add the new under another name"

// refusals are the pairs of a host and a plugin that do not fit, and what the host says.
var refusals = map[[2]string]string{
	{"v3", "v1"}: "contract Store: method List: parameter limit is int32 in the plugin and int64 in the host; " + advice,
	{"v3", "v2"}: "contract Store: method List: parameter limit is int32 in the plugin and int64 in the host; " + advice,
	{"v1", "v4"}: "plugin and host do not fit together; " + advice + `:
	contract Store: method Get: result 1 is *Item in the plugin and Item in the host
	contract Store: method Put: parameter item: field Item.Size is string in the plugin and int32 in the host
	contract Store: method Put: result stored is []int in the plugin and int in the host
	contract Store: method Walk: parameter root: field Node.Children is *Node in the plugin and Node in the host
	contract Store: method Walk: result 1: field Node.Children is *Node in the plugin and Node in the host
	contract Store: method Watch: parameter to: method Watcher.Changed: parameter 1: field Item.Value is missing in the plugin and []byte in the host: what is passed by reference is not converted
	contract Store: method Watch: parameter to: method Watcher.Changed: parameter 1: field Item.Old is missing in the plugin and map[string][]string in the host: what is passed by reference is not converted
	contract Store: method Watch: parameter to: method Watcher.Changed: parameter 1: field Item.Size is string in the plugin and int32 in the host`,
	{"v4", "v3"}: "plugin and host do not fit together; " + advice + `:
	contract Store: method Get: result 1 is Entry in the plugin and *Item in the host
	contract Store: method Put: parameter item: field Entry.Size is int32 in the plugin, and parameter item: field Item.Size is string in the host
	contract Store: method Put: result stored is int in the plugin and []int in the host
	contract Store: method Walk: parameter root: field Node.Children is Node in the plugin and *Node in the host
	contract Store: method Walk: result 1: field Node.Children is Node in the plugin and *Node in the host`,
}

// Hosts and plugins of every two versions work together, or are refused with a reason.
func TestEveryHostWithEveryPlugin(t *testing.T) {
	for host := range versions {
		for plugin := range versions {
			for _, when := range []string{"before", "after"} {
				t.Run(host+"-host "+plugin+"-plugin bound "+when, func(t *testing.T) {
					t.Parallel()
					got := runHost(t, host, plugin, when)
					refusal, known := refusals[[2]string{host, plugin}]
					switch {
					case known || (host == "v4") != (plugin == "v4"):
						requireRefused(t, got, when, refusal)
					default:
						requireServed(t, versions[host], versions[plugin], got)
					}
				})
			}
		}
	}
}

// runHost runs a host's program, which runs a plugin's.
func runHost(t *testing.T, host, plugin, when string) (got report) {
	path, asHost := program(t, "store-host")
	_, asPlugin := program(t, "store-plugin")
	cmd := exec.CommandContext(t.Context(), path, asHost, host, when, path, asPlugin, plugin)
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	require.NoError(t, json.Unmarshal(out, &got), "%s", out)
	return got
}

func requireRefused(t *testing.T, got report, when, refusal string) {
	if when == "before" {
		if refusal != "" {
			require.True(t, strings.HasSuffix(got.Start, ": "+refusal), got.Start)
		}
		require.Contains(t, got.Start, advice)
		require.Empty(t, got.Methods)
		return
	}
	require.Empty(t, got.Start)
	require.NotEmpty(t, got.Methods)
	for method, o := range got.Methods {
		require.Contains(t, o.Err, "Store."+method+": not delivered: ")
		require.Contains(t, o.Err, advice)
		_, places, several := strings.Cut(refusal, ":\n\t")
		if !several {
			require.Contains(t, o.Err, refusal)
			continue
		}
		named := func(place string) bool { return strings.Contains(o.Err, place+" (and ") }
		require.True(t, slices.ContainsFunc(strings.Split(places, "\n\t"), named), o.Err)
	}
}

// requireServed compares what each side has got with what JSON makes of the same values.
func requireServed(t *testing.T, host, plugin version, got report) {
	require.Empty(t, got.Start)
	require.Len(t, got.Methods, len(host.args))
	for method, o := range got.Methods {
		if plugin.args[method] == nil {
			require.False(t, o.Implemented)
			require.Contains(t, o.Err, "Store."+method+": not delivered: not implemented: Store has no method "+method+" in the plugin")
			continue
		}
		require.True(t, o.Implemented)
		require.Empty(t, o.Err, method)
		require.Equal(t, through(t, host.args[method], plugin.args[method]), o.Seen, method)
		require.Equal(t, through(t, plugin.results[method], host.results[method]), o.Results, method)
	}
}

// through is value as a reader of another version sees it, whose fields encoding/json matches by name.
func through(t *testing.T, value, like any) string {
	read := reflect.New(reflect.TypeOf(like).Elem()).Interface()
	require.NoError(t, json.Unmarshal([]byte(toJSON(value)), read))
	return toJSON(read)
}
