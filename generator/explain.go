package generator

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pingogen/pingogen/docs"
	"github.com/pingogen/pingogen/generator/internal/diag"
)

// link is one to another page of the documentation, which means nothing outside of that.
var link = regexp.MustCompile(`\[([^]]+)\]\(([a-z]+\.md[^)]*)\)`)

// Explain returns what docs/diagnostics.md says of a Diagnostic's code, in either
// case. The error lists the codes that there are.
func Explain(code string) (string, error) {
	code = strings.ToUpper(code)
	var known []string
	for _, c := range diag.All {
		if string(c) == code {
			_, entry, _ := strings.Cut(docs.Diagnostics, "\n## "+code+"\n")
			entry, _, _ = strings.Cut(entry, "\n## ")
			entry = link.ReplaceAllString(strings.TrimSpace(entry), "$1 ("+docs.Address+"$2)")
			return code + "\n\n" + entry + "\n", nil
		}
		known = append(known, string(c))
	}
	return "", fmt.Errorf("there is no diagnostic %s; the codes are %s", code, strings.Join(known, " "))
}
