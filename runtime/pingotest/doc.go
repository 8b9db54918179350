// Package pingotest is for the tests of who uses plugins: the same test tries an
// implementation by itself, across the wire, and in a process of its own.
//
//	var _ = pingotest.Use(hello.New, greeter.NewGreeterClient, greeter.RegisterGreeter, "../cmd/hello-plugin")
//
//	func TestGreeter(t *testing.T) {
//		pingotest.Run(t, func(t *testing.T, g greeter.Greeter) {
//			msg, err := g.SayHello(t.Context(), "Go developer")
//			...
//		})
//	}
//
// The plugin is built from its package, once for each change of its source. Whatever
// the test, and what it tests, has left behind fails it: goroutines, references,
// processes and descriptors.
package pingotest
