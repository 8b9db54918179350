package pingo

import (
	"sync"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/service"
)

// server is what this program serves: to its host, if it is a plugin, and to its
// plugins, if it is a host.
var server struct {
	mu        sync.Mutex // protects following
	running   bool
	protocol  string           // is read by nobody but tools, in the binary
	objects   service.Registry // what the program's author registered
	opinions  []codec.Opinion  // of objects, how they are
	intercept []Interceptor    // of a plugin
	internal  service.Registry // PingoRpc, and the opinions

	aside *service.Registry // takes what is registered meanwhile, if it is not nil
}

// aside is held by who has set server.aside.
var aside sync.Mutex

// registered is what is registered now.
func registered() *service.Registry {
	server.mu.Lock()
	defer server.mu.Unlock()
	return server.objects.Clone()
}

// Register makes obj callable by the host. In a host, it makes obj callable by
// the plugins that are started from then on, through [Host]. Generated Register functions call it;
// call it yourself for an object in the style of net/rpc: a value of an exported
// type with exported methods
//
//	func (T) Method(args A, reply *R) error
//
// whose types are exported or predeclared. Methods of any other form are left
// aside. The host calls them with [Plugin.Call] by "T.Method"; arguments and
// replies travel as encoding/gob writes them. Methods may be called by several
// goroutines at once.
//
// If obj, or the implementation of a contract, has a method Health(context.Context)
// error, the host calls it now and then: see Config.ProbeInterval.
//
// Register panics if it is called after Run or Serve, if obj has no method to
// call, if the implementation of a contract is nil, and if an object of the same name is registered already.
func Register(obj any) {
	register(func(r *service.Registry) error { return r.Register(obj) }, func() codec.Opinion { return opinionOf(obj) })
}

// RegisterService is Register for what generated code makes of an implementation of a contract. A program
// that registers nothing else has its methods called by their names nowhere, so that
// the linker can leave out those that it does not use.
func RegisterService(s *codec.Service) {
	register(func(r *service.Registry) error { return r.RegisterService(s) }, s.Health)
}

// register has something added to what is served, and asks afterwards for its opinion of itself.
func register(add func(*service.Registry) error, opinion func() codec.Opinion) {
	server.mu.Lock()
	defer server.mu.Unlock()
	if server.aside != nil {
		if err := add(server.aside); err != nil {
			panic("pingo: Register: " + err.Error())
		}
		return
	}
	if server.running {
		panic("pingo: Register called after Run")
	}
	if err := add(&server.objects); err != nil {
		panic("pingo: Register: " + err.Error())
	}
	if o := opinion(); o != nil {
		server.opinions = append(server.opinions, o)
	}
}

// opinionOf is how an object tells how it is, or nil.
func opinionOf(obj any) codec.Opinion {
	if s, generated := obj.(*codec.Service); generated {
		return s.Health()
	}
	o, _ := obj.(codec.Opinion)
	return o
}
