// Package load reads Go packages: syntax and types of the packages asked for,
// export data of what they import.
package load

import _ "golang.org/x/tools/go/packages"
