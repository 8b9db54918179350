package emit

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator/internal/model"
)

func fsType(name string) *model.Type {
	return &model.Type{Name: name, Package: "io/fs", PackageName: "fs"}
}

// optionalMethod is a method that values of fs.FS may have.
func optionalMethod(name, of string, fallback bool) *model.Method {
	return &model.Method{Name: name, Params: []*model.Param{param("name", stringType)}, Results: []*model.Param{param("", stringType)}, Error: true,
		Optional: &model.Optional{Type: fsType(of), Plain: fsType("FS"), Fallback: fallback}}
}

func TestFallback(t *testing.T) {
	f := newFile(greeter())
	c := &model.Contract{Name: "Files", Methods: []*model.Method{optionalMethod("ReadLink", "ReadLinkFS", true)}}
	s := f.symbolsOf(c)
	equal(t, f, f.callerMethod(s.clientCaller(), s.methods[0]), `
// ReadLink calls Files.ReadLink in the plugin, or fs.ReadLink where the plugin has no such method.
func (c *FilesClient) ReadLink(name string) (string, error) {
	call := struct {
		args  filesReadLinkArgs
		reply filesReadLinkReply
	}{args: filesReadLinkArgs{name: name}}
	err := c.caller.CallContext(context.Background(), "Files.ReadLink", &call.args, &call.reply)
	if codec.Lacks(err) {
		return fs.ReadLink(struct{ fs.FS }{c}, name)
	}
	return call.reply.r0, err
}`)
	equal(t, f, f.service(s), `
func (a filesAdapter) service() *codec.Service {
	s := &codec.Service{
		Contract: &filesContract,
		Handlers: []codec.Handler{
			a.readLink,
		},
	}
	codec.Optional[fs.ReadLinkFS](s, a.impl, "ReadLink")
	return s
}`)
	equal(t, f, f.invoke(s, s.methods[0]), `r0, err := a.impl.(fs.ReadLinkFS).ReadLink(args.name)`)
}

func TestCombinations(t *testing.T) {
	f := newFile(greeter())
	files := fsType("FS")
	files.Kind = model.Interface
	files.Methods = []*model.Method{optionalMethod("A", "IsA", false), optionalMethod("B", "IsB", false), optionalMethod("C", "IsC", true)}
	s := f.referenceTo(files)
	require.Equal(t, []string{"fsFSProxy", "fsFSProxyIsA", "fsFSProxyIsB", "fsFSProxyIsAIsB"}, s.proxyNames())
	require.Len(t, s.always(), 1, "C has a fallback")
	fn := f.functionFor(files)
	equal(t, f, f.decodeFunction(fn), `
func decodeFsFS(d *codec.Decoder) fs.FS {
	return codec.DecodeInterface(d, func(r *codec.Reference) fs.FS {
		p := fsFSProxy{ref: r}
		if r.Has("A", "B") {
			return fsFSProxyIsAIsB{p, fsFSProxyIsA{p}, fsFSProxyIsB{p}}
		}
		if r.Has("B") {
			return fsFSProxyIsB{p}
		}
		if r.Has("A") {
			return fsFSProxyIsA{p}
		}
		return p
	})
}`)
	equal(t, f, f.callerMethod(s.proxyCaller(), s.always()[0]), `
func (p fsFSProxy) C(name string) (string, error) {
	call := struct {
		args  fsFSCArgs
		reply fsFSCReply
	}{args: fsFSCArgs{name: name}}
	err := p.ref.CallOptional(p.ref.Context(), "C", &call.args, &call.reply)
	if codec.Lacks(err) {
		return fs.C(struct{ fs.FS }{p}, name)
	}
	return call.reply.r0, err
}`)
}
