package transport

// pollFd is struct pollfd.
type pollFd struct {
	fd      int32
	events  int16
	revents int16
}

const (
	pollIn    = 0x1
	pollRdhup = 0x2000 // the peer has closed its end, whatever it sent before
)
