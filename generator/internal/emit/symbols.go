package emit

import (
	"strconv"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// symbols are the names of what is generated for a contract.
type symbols struct {
	client, constructor, register string
	adapter, contract             string
	methods                       []*method
}

// method is a contract's method with the names of what is generated for it.
type method struct {
	*model.Method
	path        string // "Greeter.SayHello"
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
	s := &symbols{client: c.Name + "Client", constructor: "New" + c.Name + "Client", register: "Register" + c.Name}
	if !isExported(c.Name) {
		s.constructor, s.register = "new"+exported(c.Name)+"Client", "register"+exported(c.Name)
	}
	f.scope.take(s.client, s.constructor, s.register)
	private := unexported(c.Name)
	s.adapter, s.contract = f.declare(private+"Adapter"), f.declare(private+"Contract")
	handlers := scope{"impl": true}
	for _, m := range c.Methods {
		s.methods = append(s.methods, &method{
			Method:  m,
			path:    c.Name + "." + m.Name,
			handler: handlers.pick(unexported(m.Name)),
			args:    f.messageOf(private+exported(m.Name)+"Args", "p", sourceNames(m.Params)),
			reply:   f.messageOf(private+exported(m.Name)+"Reply", "r", make([]string, len(m.Results))),
		})
	}
	return s
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

// sourceNames returns the names of params in the source.
func sourceNames(params []*model.Param) []string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	return names
}
