// Package syntaxelsewhere does not parse in another file.
package syntaxelsewhere

//pingo:plugin
type A interface{ Do() error }

// Uses what is not generated yet.
var client *AClient = NewAClient(nil)
