// Package emit turns a model into Go source. It sees only the model, and it
// cannot fail on what check has let through.
package emit

import _ "github.com/dave/jennifer/jen"
