package pingo

import "sync"

// reporter passes errors and output to an ErrorHandler, one at a time, so that
// nobody who reports an error waits for it. Output comes from the process's own
// queue, whose goroutine may wait.
type reporter struct {
	handler ErrorHandler
	calling sync.Mutex // held while a method of handler runs
	errors  queue[error]
}

func newReporter(h ErrorHandler) *reporter {
	r := &reporter{handler: h}
	r.errors.handle = r.deliver
	return r
}

// print hands over a line of output and returns when the handler has.
func (r *reporter) print(line string) {
	r.calling.Lock()
	defer r.calling.Unlock()
	r.handler.Print(line)
}

// error hands over err soon, and does not wait.
func (r *reporter) error(err error) { r.errors.add(err) }

func (r *reporter) deliver(err error) {
	r.calling.Lock()
	defer r.calling.Unlock()
	r.handler.Error(err)
}
