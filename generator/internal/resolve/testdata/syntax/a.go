// Package syntax does not parse.
package syntax

//pingo:plugin
type A interface{ Do() error }

func broken( {
}
