package resolve

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// directive is a //pingo: comment.
type directive struct {
	pos  token.Pos
	verb string
	args []string
}

const (
	prefix     = "//pingo:"
	toolPrefix = "//pingogen:" // which is none, but easily written
)

// Verbs by what they stand on.
var (
	typeVerbs   = []string{"plugin", "value", "optional"}
	funcVerbs   = []string{"codec"}
	methodVerbs = []string{"inout", "idempotent", "timeout", "oneway"}
	allVerbs    = slices.Concat(typeVerbs, funcVerbs, methodVerbs)
)

// nearly is a directive with a space too much, large letters or without its colon, which Go takes for prose.
var nearly = regexp.MustCompile(`^//(?:(\s+)(?i:pingo):|(?i:pingo)[:\s]\s*)(\w+)((?:\s+\S+)*)\s*$`)

// almost refuses what nobody writes who does not mean a directive.
func (r *resolver) almost(c *ast.Comment) {
	m := nearly.FindStringSubmatch(c.Text)
	if m == nil {
		return
	}
	verb, args, mistake := m[2], m[3], "has no space after //"
	if m[1] == "" {
		mistake = "has small letters and a colon"
	}
	if !slices.Contains(allVerbs, verb) {
		verb = nearest(verb, allVerbs)
	}
	if verb != "" && meant(verb, strings.Fields(args)) {
		r.errorf(c.Pos(), diag.Directive, "a directive %s: write %s%s%s", mistake, prefix, verb, args)
	}
}

// meant tells a directive from prose by its arguments.
func meant(verb string, args []string) bool {
	switch verb {
	case "inout":
		return len(args) <= 2
	case "timeout":
		return len(args) == 0 || len(args) == 1 && strings.ContainsAny(args[0], "0123456789")
	}
	return !slices.ContainsFunc(args, func(arg string) bool { return !strings.ContainsAny(strings.TrimRight(arg, ".,"), "=.") })
}

// parseDirective reads a comment that starts with prefix.
func parseDirective(c *ast.Comment) directive {
	words := strings.Fields(strings.TrimPrefix(c.Text, prefix))
	d := directive{pos: c.Pos()}
	if len(words) > 0 && !strings.HasPrefix(c.Text, prefix+" ") {
		d.verb, d.args = words[0], words[1:]
	}
	return d
}

// directivesOf returns the directives of a doc comment, and marks them as seen.
func (r *resolver) directivesOf(doc *ast.CommentGroup) []directive {
	var list []directive
	if doc == nil {
		return nil
	}
	for _, c := range doc.List {
		if strings.HasPrefix(c.Text, prefix) {
			r.seen[c.Pos()] = true
			list = append(list, parseDirective(c))
		}
	}
	return list
}

// on returns the directives of a declaration, and refuses those whose verb does not belong there.
// One that is misspelt is told once, and then taken for what was meant.
func (r *resolver) on(doc *ast.CommentGroup, what string, verbs ...string) directives {
	var list directives
	for _, d := range r.directivesOf(doc) {
		if !slices.Contains(allVerbs, d.verb) {
			r.unknownVerb(d)
			if d.verb = nearest(d.verb, allVerbs); !slices.Contains(verbs, d.verb) {
				continue
			}
		}
		switch {
		case !slices.Contains(verbs, d.verb):
			r.errorf(d.pos, diag.Misplaced, "//pingo:%s belongs on %s, not on %s", d.verb, belongs(d.verb), what)
		case slices.Contains(onlyOnce, d.verb) && list.one(d.verb) != nil:
			r.errorf(d.pos, diag.Directive, "second //pingo:%s on %s: delete one", d.verb, what)
		default:
			list = append(list, d)
		}
	}
	return list
}

// onlyOnce are the verbs that a declaration has once.
var onlyOnce = []string{"plugin", "codec", "optional"}

// belongs says where a verb does, if not on what it stands on.
func belongs(verb string) string {
	switch {
	case slices.Contains(methodVerbs, verb):
		return "a method of the interface"
	case slices.Contains(funcVerbs, verb):
		return "a function"
	}
	return "an interface type"
}

// directives are those of one declaration.
type directives []directive

// one returns the first with a verb, nil if there is none.
func (list directives) one(verb string) *directive {
	for i := range list {
		if list[i].verb == verb {
			return &list[i]
		}
	}
	return nil
}

// all returns those with a verb.
func (list directives) all(verb string) directives {
	return slices.DeleteFunc(slices.Clone(list), func(d directive) bool { return d.verb != verb })
}

func (r *resolver) unknownVerb(d directive) {
	if d.verb == "" {
		r.errorf(d.pos, diag.Directive, "//pingo: without a verb: write //pingo:plugin")
		return
	}
	r.errorf(d.pos, diag.Directive, "unknown directive //pingo:%s%s", d.verb, didYouMean(d.verb, allVerbs, prefix))
}

// options reads those of a //pingo:plugin on a type.
func (r *resolver) options(d *directive) (failure model.Failure, own bool) {
	for _, arg := range d.args {
		switch key, value, _ := strings.Cut(arg, "="); {
		case arg == "strings=own":
			own = true
		case key != "failure":
			r.errorf(d.pos, diag.Directive, "//pingo:plugin: unknown option %q: the options are failure=panic, failure=zero and strings=own", arg)
		case value == "panic":
			failure = model.FailurePanic
		case value == "zero":
			failure = model.FailureZero
		default:
			r.errorf(d.pos, diag.Directive, "//pingo:plugin: %q is not a way to fail%s", arg, didYouMean(value, []string{"panic", "zero"}, "failure="))
		}
	}
	return failure, own
}

// leftOver refuses the directives that stand on nothing they apply to.
func (r *resolver) leftOver(f *ast.File) {
	for _, group := range f.Comments {
		for _, c := range group.List {
			switch {
			case r.seen[c.Pos()]:
			case strings.HasPrefix(c.Text, prefix):
				d := parseDirective(c)
				if !slices.Contains(allVerbs, d.verb) {
					r.unknownVerb(d)
					continue
				}
				r.errorf(c.Pos(), diag.Misplaced, "//pingo:%s stands on nothing that it applies to: put it directly above %s", d.verb, appliesTo(d.verb))
			case strings.HasPrefix(c.Text, toolPrefix):
				r.errorf(c.Pos(), diag.Directive, "directives begin with the runtime's name, not with the tool's: write %s%s", prefix, strings.TrimPrefix(c.Text, toolPrefix))
			default:
				r.almost(c)
			}
		}
	}
}

func appliesTo(verb string) string {
	switch {
	case slices.Contains(methodVerbs, verb):
		return "a method of an interface"
	case slices.Contains(funcVerbs, verb):
		return "a function that encodes or decodes a type"
	case verb == "value", verb == "optional":
		return "the declaration of an interface type"
	}
	return "the declaration of an interface type, or of the function that constructs an implementation"
}

// didYouMean suggests the known word that is nearest to word, if one is near.
func didYouMean(word string, known []string, before string) string {
	if best := nearest(word, known); best != "" {
		return fmt.Sprintf(": did you mean %s%s?", before, best)
	}
	return fmt.Sprintf(": known are %s%s", before, strings.Join(known, ", "+before))
}

// nearest returns the known word that is nearest to word, "" if none is near.
func nearest(word string, known []string) string {
	best, at := "", 3
	for _, k := range known {
		if d := distance(word, k); d < at {
			best, at = k, d
		}
	}
	return best
}

// distance is the number of letters to insert, delete or replace between a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
