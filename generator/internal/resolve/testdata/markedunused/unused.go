// Package markedunused marks what no contract comes to.
package markedunused

import "database/sql/driver"

//pingo:plugin
type Store interface {
	Get(name string) (string, error)
}

//pingo:optional
type Pinger interface {
	driver.Conn
	driver.Pinger
}
