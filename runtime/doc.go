// Package pingo extends a Go program with plugins: programs of their own that
// the host starts, calls through typed interfaces, and stops.
//
// # In the host
//
// A [Plugin] is one plugin program. Start runs it and returns at once; calls wait
// until it is ready; Stop ends it. Usually calls are made through a client that
// pingogen generated from a Go interface:
//
//	p := pingo.NewPlugin("auto", "plugins/hello")
//	p.Start()
//	defer p.Stop()
//	g := greeter.NewGreeterClient(p)
//	msg, err := g.SayHello(ctx, "Go developer")
//
// # In the plugin
//
// A plugin registers what it serves and runs:
//
//	func main() {
//		greeter.RegisterGreeter(hello{})
//		log.Fatal(pingo.Run())
//	}
//
// Objects in the style of net/rpc can be registered without the generator, and
// called with [Plugin.Call]; see [Register].
//
// # When the interface changes
//
// Host and plugin may be built from different versions of an interface: what one
// side sends is converted to what the other expects. [Bind] says which changes
// fit. What does not fit is refused at the start with a [ContractError];
// [Plugin.Implements] tells whether a plugin has a method.
//
// # When something goes wrong
//
// The plugin is a process of its own: when it crashes, hangs, leaks or lies, the
// host carries on. An error of the implementation comes back as it is: errors.Is
// finds the exported Err variables of the contract's package and the well-known
// ones of the standard library, errors.As the exported error types of both, and
// wrapped errors keep their shape and text; errors of other types are a
// [codec.RemoteError], whose package says what keeps its identity. Any other
// error of a call is a [CallError] and says what is known of the call's fate
// ([FateOf]) and why: among others a [CrashError] with the exit status and the
// last lines of stderr, or a [PanicError] with the plugin's stack.
//
// Config.Restart starts a plugin again that has ended, Config.ProbeInterval says how
// one is found that is stuck, [Plugin.Swap] puts another executable in its place, and
// Config.Events tells of all that. A [Pool] is some processes of one plugin, a [Group] the
// plugins in a directory.
//
// A plugin ends within a second of its host, however the host ends and whatever
// the plugin does, and takes the processes that it started with it.
//
// # Output and errors outside of calls
//
// What the plugin writes to stdout and stderr goes, line by line, to the
// [ErrorHandler], together with errors that no call can return. A plugin is free
// to print what it likes: the connection does not use stdout or stderr.
package pingo
