// Sleeper is a program that is no plugin: it never calls pingo.Run, so that
// its host waits for it in vain.
package main

import "time"

func main() {
	time.Sleep(time.Hour)
}
