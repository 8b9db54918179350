package resolve

import (
	"go/types"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// handles are the types whose pointers are descriptors of the system.
var handles = map[string]bool{
	"os.File": true, "net.TCPConn": true, "net.UDPConn": true, "net.UnixConn": true, "net.IPConn": true, "net.TCPListener": true, "net.UnixListener": true,
}

func isHandle(t *types.Named) bool {
	return t.Obj().Pkg() != nil && handles[t.Obj().Pkg().Path()+"."+t.Obj().Name()]
}

// isDescriptor tells whether a pointer to t is one: not if a pair of functions carries t.
func (r *resolver) isDescriptor(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && isHandle(n) && r.pairOf(n) == nil
}

// isSocket tells whether what is behind an interface may be a socket, and then travels as one.
func isSocket(t types.Type) bool {
	return isNamed(t, "net", "Conn") || isNamed(t, "net", "PacketConn") || isNamed(t, "net", "Listener")
}

// descriptor models a pointer to a handle, which is duplicated.
func (r *resolver) descriptor(m *model.Type, handle types.Type, at place) {
	m.Kind, m.Elem = model.Pointer, &model.Type{Kind: model.Handle, NoCopy: true}
	r.write(m.Elem, types.Unalias(handle), at)
}

// bytesOnly refuses descriptors in the items of a stream, which are bytes.
func (r *resolver) bytesOnly(item *model.Type, at place) {
	if h := handleIn(item, map[*model.Type]bool{}); h != nil {
		r.refuse(at, diag.Type, "*%s.%s travels beside the bytes of a call, and not in the items of a stream: "+
			"return it from a method, or from a function that is an item", h.PackageName, h.Name)
	}
}

// handleIn finds a handle in what values of a type contain.
func handleIn(t *model.Type, seen map[*model.Type]bool) *model.Type {
	if t == nil || seen[t] {
		return nil
	}
	seen[t] = true
	if t.Kind == model.Handle {
		return t
	}
	for _, part := range parts(t) {
		if h := handleIn(part, seen); h != nil {
			return h
		}
	}
	return nil
}
