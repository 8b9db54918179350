package pingo

import "sync"

// reporter passes errors and output to an ErrorHandler, one at a time, so that
// nobody who reports an error waits for it. Output comes from the process's own
// queue, whose goroutine may wait.
type reporter struct {
	handler ErrorHandler
	names   bool       // it is not known to the handler whose output it gets, so that each line says it
	calling sync.Mutex // held while a method of handler runs
	errors  queue[error]
}

func newReporter(h ErrorHandler) *reporter {
	r := &reporter{handler: h, names: isDefault(h)}
	r.errors.handle = r.deliver
	return r
}

// isDefault tells whether h writes the output of all plugins to the same log.
func isDefault(h ErrorHandler) bool {
	if shared, ok := h.(*sharedHandler); ok {
		h = shared.handler
	}
	_, ok := h.(*DefaultErrorHandler)
	return ok
}

// print hands over a line of output of a plugin and returns when the handler has.
func (r *reporter) print(plugin, line string) {
	if r.names {
		line = "plugin " + plugin + ": " + line
	}
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
