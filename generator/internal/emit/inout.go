package emit

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// fill yields codec.FillSlice(dest, reply.dest) for each parameter that the callee fills.
func (f *file) fill(m *method, n *callerNames) []jen.Code {
	var body []jen.Code
	filled := len(m.Results)
	for i, p := range m.Params {
		if p.InOut != model.NotFilled {
			back := jen.Id(n.reply).Dot(m.reply.fields[filled])
			body = append(body, f.codec(fillers[p.InOut]).Call(jen.Id(n.params[i]), back))
			filled++
		}
	}
	return body
}

// fillers are the functions that copy a parameter back.
var fillers = map[model.InOut]string{model.FillSlice: "FillSlice", model.FillMap: "FillMap", model.FillPointer: "FillPointer"}

// resultFields returns r0, r1 and so on.
func (m *method) resultFields() []string {
	list := make([]string, len(m.Results))
	for i := range list {
		list[i] = "r" + strconv.Itoa(i)
	}
	return list
}

// filledArgs returns args.dest and so on.
func (m *method) filledArgs() []string {
	var list []string
	for i, p := range m.Params {
		if p.InOut != model.NotFilled {
			list = append(list, "args."+m.args.fields[i])
		}
	}
	return list
}
