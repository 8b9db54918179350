package generator_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/docs"
	"github.com/pingogen/pingogen/generator"
)

var (
	example = regexp.MustCompile("(?s)```go\n(.*?)```")
	page    = regexp.MustCompile(`\w+\.md \(` + regexp.QuoteMeta(docs.Address) + `(\w+\.md)#`)
)

// Each entry's example leads to its diagnostic.
func TestExplain(t *testing.T) {
	_, err := generator.Explain("PG999")
	require.ErrorContains(t, err, "there is no diagnostic PG999; the codes are PG001 ")
	codes := regexp.MustCompile(`PG\d+`).FindAllString(strings.SplitN(err.Error(), "codes are", 2)[1], -1)
	require.Equal(t, len(codes), strings.Count(docs.Diagnostics, "\n## "))
	for _, code := range codes {
		t.Run(code, func(t *testing.T) {
			text, err := generator.Explain(strings.ToLower(code))
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(text, code+"\n\n"))
			require.NotContains(t, text, "](", "a terminal follows no links")
			for _, to := range page.FindAllStringSubmatch(text, -1) {
				require.FileExists(t, "../docs/"+to[1])
			}
			files := map[string]string{}
			for i, m := range example.FindAllStringSubmatch(text, -1) {
				name := "example" + strconv.Itoa(i) + ".go"
				if first, _, _ := strings.Cut(m[1], "\n"); strings.HasSuffix(first, ".go") {
					name = strings.TrimPrefix(first, "// ")
				}
				files[name] = m[1]
			}
			require.NotEmpty(t, files)
			dir := module(t, files)
			var found []string
			result, err := generator.Generate(generator.Config{Dir: dir})
			require.NoError(t, err)
			for _, d := range result.Diagnostics {
				found = append(found, d.Code)
			}
			if code == "PG040" {
				result, err := generator.GenerateMain(generator.MainConfig{Config: generator.Config{Dir: dir}, MainDir: dir + "/main"})
				require.NoError(t, err)
				for _, d := range result.Diagnostics {
					found = append(found, d.Code)
				}
			}
			require.Contains(t, found, code)
		})
	}
}
