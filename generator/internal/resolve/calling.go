package resolve

import (
	"go/ast"
	"go/types"
	"slices"
	"time"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// call notes a directive that says how a method is called.
func (r *resolver) call(field *ast.Field, d directive) {
	for _, name := range field.Names {
		obj := r.pkg.Info.Defs[name]
		if slices.ContainsFunc(r.calls[obj], func(own *ownDirective) bool { return own.verb == d.verb }) {
			r.errorf(d.pos, diag.Directive, "second //pingo:%s on %s: delete one", d.verb, name.Name)
			continue
		}
		switch {
		case d.verb == "timeout":
			if _, ok := timeLimit(d); !ok {
				r.errorf(d.pos, diag.Directive, "//pingo:timeout needs a duration, as package time writes it: write //pingo:timeout 5s")
			}
		case len(d.args) > 0:
			r.errorf(d.pos, diag.Directive, "//pingo:%s takes no arguments: delete %q", d.verb, d.args[0])
		}
		r.calls[obj] = append(r.calls[obj], &ownDirective{directive: d})
	}
}

// timeLimit is the argument of a //pingo:timeout.
func timeLimit(d directive) (time.Duration, bool) {
	if len(d.args) != 1 {
		return 0, false
	}
	limit, err := time.ParseDuration(d.args[0])
	return limit, err == nil && limit > 0
}

// called says of the methods of an interface how they are called.
func (r *resolver) called(methods []*model.Method, it *types.Interface, byReference bool) {
	for _, m := range methods {
		obj, _, _ := types.LookupFieldOrMethod(it, false, nil, m.Name)
		f, ok := obj.(*types.Func)
		if !ok {
			continue
		}
		for _, d := range r.calls[f.Origin()] {
			if byReference && d.verb == "idempotent" {
				continue // what is passed by reference ends with the connection
			}
			d.used = d.used || !r.quiet
			r.calledBy(m, d)
		}
	}
}

// calledBy applies one directive. Whether it may stand there is seen when all types are known.
func (r *resolver) calledBy(m *model.Method, d *ownDirective) {
	var wrong func(*model.Method) string
	switch d.verb {
	case "idempotent":
		m.Calling.Idempotent, wrong = true, notIdempotent
	case "timeout":
		m.Calling.Timeout, _ = timeLimit(d.directive)
		wrong = notLimited
	case "oneway":
		m.Calling.Oneway, wrong = true, notOneway
	}
	r.later = append(r.later, func() {
		if why := wrong(m); why != "" && !d.refused {
			d.refused = true
			r.errorf(d.pos, diag.Directive, "//pingo:%s on %s: %s", d.verb, m.Name, why)
		}
	})
}

func notIdempotent(m *model.Method) string {
	if m.Calling.Oneway {
		return "a //pingo:oneway call does not learn what became of it, so that it cannot be repeated: delete one of the two"
	}
	for _, p := range m.Params {
		if mentions(p.Type, isStream) {
			return "a call that brings a stream cannot be repeated, since what has been read of it is gone: pass the data, or delete the directive"
		}
	}
	return ""
}

func notLimited(m *model.Method) string {
	if m.Calling.Oneway {
		return "a //pingo:oneway call does not wait, so that there is nothing to limit: delete one of the two"
	}
	if why := streamedMethod(m); why != "" {
		return why
	}
	for _, p := range m.Returned() {
		if mentions(p.Type, staysThere) {
			return "the time limit would also end what it returns by reference: let callers set a deadline, or delete the directive"
		}
	}
	return ""
}

func notOneway(m *model.Method) string {
	if len(m.Returned()) > 0 {
		return "a call that does not wait has no results: let an error be its only one, or delete the directive"
	}
	return streamedMethod(m)
}

// streamedMethod refuses directives on methods that the runtime knows.
func streamedMethod(m *model.Method) string {
	if m.Special == model.Ordinary {
		return ""
	}
	return "it is the method of package io, which is called as that package says: delete the directive"
}

func isStream(t *model.Type) bool {
	switch t.Kind {
	case model.Receiver, model.Sender, model.Seq, model.Seq2:
		return true
	}
	return t.Kind == model.Interface && slices.ContainsFunc(t.Methods, func(m *model.Method) bool {
		return m.Special == model.ReadStream || m.Special == model.Write
	})
}

func staysThere(t *model.Type) bool {
	return t.Kind == model.Interface || t.Kind == model.Func || isStream(t)
}

// mentions tells whether a message with a t can have something inside that is as is says.
func mentions(t *model.Type, is func(*model.Type) bool) bool {
	seen := map[*model.Type]bool{}
	var visit func(*model.Type) bool
	visit = func(t *model.Type) bool {
		if t == nil || seen[t] {
			return false
		}
		seen[t] = true
		if is(t) || visit(t.Key) || visit(t.Elem) {
			return true
		}
		for _, f := range t.Fields {
			if f.Travels && visit(f.Type) {
				return true
			}
		}
		if t.Kind == model.Snapshot {
			for _, m := range t.Methods {
				for _, p := range m.Results {
					if visit(p.Type) {
						return true
					}
				}
			}
		}
		return false
	}
	return visit(t)
}
