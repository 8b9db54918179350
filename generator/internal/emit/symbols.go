package emit

import (
	"slices"
	"strconv"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// symbols are the names of what is generated for something that can be called: a
// contract, or an interface or function that is passed by reference.
type symbols struct {
	name                          string // as people know it: "Greeter", "fs.File"
	client, constructor, register string // of a contract
	proxy                         string // of what is passed by reference
	combined                      []*combination
	adapter, contract             string
	text                          string      // of a contract
	function                      bool        // it has one method, Call, which is itself
	typ                           *model.Type // nil for a contract
	failure                       model.Failure
	own                           bool
	variant                       string
	methods                       []*method
}

// method is a method with the names of what is generated for it.
type method struct {
	*model.Method
	handler     string // "sayHello"
	args, reply *message
}

// message is the type of a method's arguments or results; nil if it has none.
type message struct {
	name   string
	fields []string
}

// symbolsOf picks the names for c. Those that users see are fixed; the model has
// been checked to leave them free.
func (f *file) symbolsOf(c *model.Contract) *symbols {
	s := &symbols{name: c.Name, failure: c.Failure, own: c.Own, variant: c.Variant}
	s.client, s.constructor, s.register = fixedNames(c)
	f.name(s, unexported(c.Name), c.Methods)
	s.text = f.declare(unexported(c.Name) + "Text")
	f.contracts[c.Name] = s
	return s
}

// fixedNames are those that users see.
func fixedNames(c *model.Contract) (client, constructor, register string) {
	if !isExported(c.Name) {
		return c.Name + "Client", "new" + exported(c.Name) + "Client", "register" + exported(c.Name)
	}
	return c.Name + "Client", "New" + c.Name + "Client", "Register" + c.Name
}

// Client are the names of c's client and its constructor.
func Client(c *model.Contract) []string {
	s := newFile(&model.Package{}).symbolsOf(c)
	return []string{s.client, s.constructor}
}

// referenceTo returns the symbols of an interface or function that is passed by
// reference. A contract's own interface has everything but a proxy already.
func (f *file) referenceTo(t *model.Type) *symbols {
	key := functionKey(t)
	if s := f.references[key]; s != nil {
		return s
	}
	private := unexported(f.word(t))
	s := f.contracts[t.Name]
	if s == nil || t.Package != f.pkg.Path || len(t.Args) > 0 || t.Failure != model.FailureNone && t.Failure != s.failure || t.Variant != s.variant {
		s = &symbols{name: (&describer{path: f.pkg.Path, short: true}).typ(t), typ: t, function: t.Kind == model.Func, failure: t.Failure}
		f.name(s, private, t.Methods)
	}
	s.proxy = f.declare(private + "Proxy")
	f.combine(s)
	f.references[key] = s
	f.proxies = append(f.proxies, s)
	return s
}

// name picks the names of what contracts and references have in common.
func (f *file) name(s *symbols, private string, methods []*model.Method) {
	s.adapter, s.contract = f.declare(private+"Adapter"), f.declare(private+"Contract")
	handlers := scope{"impl": true, "service": true}
	for _, m := range methods {
		named := &method{Method: m, handler: handlers.pick(unexported(m.Name))}
		if !known(m) {
			named.args = f.messageOf(private+exported(m.Name)+"Args", "p", sourceNames(m.Params))
			named.reply = f.messageOf(private+exported(m.Name)+"Reply", "r", returnedNames(m))
		}
		s.methods = append(s.methods, named)
	}
}

// known reports whether a method needs no messages and no handler, because the
// runtime has them or because it is not called.
func known(m *model.Method) bool { return m.Special != model.Ordinary && m.Special != model.Close }

// called returns the methods that the other side may call.
func (s *symbols) called() []*method {
	return slices.DeleteFunc(slices.Clone(s.methods), func(m *method) bool { return m.Special == model.Sys })
}

// messageOf picks the names of a message's type and fields. A field without a
// name is called by the letter and its index.
func (f *file) messageOf(name, letter string, fields []string) *message {
	if len(fields) == 0 {
		return nil
	}
	m := &message{name: f.declare(name)}
	taken := scope{"Encode": true, "Decode": true}
	for i, field := range fields {
		if field == "" {
			field = letter + strconv.Itoa(i)
		}
		m.fields = append(m.fields, taken.pick(field))
	}
	return m
}

// returnedNames returns the names of a reply's fields: results are numbered.
func returnedNames(m *model.Method) []string {
	return append(make([]string, len(m.Results)), sourceNames(m.Filled())...)
}

// sourceNames returns the names of params in the source.
func sourceNames(params []*model.Param) []string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	return names
}
