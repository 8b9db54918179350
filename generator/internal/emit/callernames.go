package emit

import (
	"strconv"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// callerNames are the identifiers of one method of a caller.
type callerNames struct {
	ctx                        string
	params                     []string
	results                    []string // without the error; nil if they have no names
	call                       string   // holds args and reply, if there are both
	receiver, args, reply, err string
}

// callerNames picks them: parameters keep their names unless the body needs what
// they would hide, and the body's variables keep out of their way.
func (f *file) callerNames(c *caller, m *method) *callerNames {
	taken := f.usedBy(c, m)
	n := &callerNames{}
	if m.Context {
		n.ctx = taken.pick(orElse(m.CtxName, "ctx"))
	}
	for i, p := range m.Params {
		n.params = append(n.params, taken.pick(orElse(p.Name, "p"+strconv.Itoa(i))))
	}
	if allNamed(m.Results) {
		for _, r := range m.Results {
			n.results = append(n.results, taken.pick(r.Name))
		}
	}
	n.receiver = taken.pick(c.variable)
	if m.args != nil && m.reply != nil {
		n.call = taken.pick("call")
		n.args, n.reply = n.call+".args", n.call+".reply"
	} else {
		n.args, n.reply = taken.pick("args"), taken.pick("reply")
	}
	n.err = taken.pick("err")
	return n
}

// usedBy returns the identifiers of the file that the body of a caller's method refers to.
func (f *file) usedBy(c *caller, m *method) scope {
	s := scope{}
	if !m.Context && !c.proxy {
		s.take(f.alias("context", "context"))
	}
	if m.args == nil || m.reply == nil || !m.Error || len(m.Filled()) > 0 {
		s.take(f.alias(codecPath, "codec"))
	}
	for _, message := range []*message{m.args, m.reply} {
		if message != nil {
			s.take(message.name)
		}
	}
	if !m.Error {
		s.take("nil", "panic")
	}
	return s
}

// allNamed reports whether there are results, and each has a name.
func allNamed(results []*model.Param) bool {
	for _, r := range results {
		if r.Name == "" {
			return false
		}
	}
	return len(results) > 0
}

func orElse(name, other string) string {
	if name == "" {
		return other
	}
	return name
}
