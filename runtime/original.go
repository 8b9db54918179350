package pingo

import (
	"log"
	"os"
)

// The errors of a start that the original pingo had. They are not wrapped, so that
// type assertions find them, and say inside which plugin it was; errors.As tells them
// apart. A call that returns one of them was not delivered.

// ErrConnectionFailed reports that no connection to the plugin could be made.
type ErrConnectionFailed struct{ Err error }

func (e ErrConnectionFailed) Error() string { return "connection failed: " + e.Err.Error() }

// Unwrap returns Err.
func (e ErrConnectionFailed) Unwrap() error { return e.Err }

func (e ErrConnectionFailed) fate() Fate { return NotDelivered }

// ErrHttpServe reports that the plugin could not start to listen for calls.
type ErrHttpServe struct{ Err error }

func (e ErrHttpServe) Error() string { return "the plugin cannot listen: " + e.Err.Error() }

// Unwrap returns Err.
func (e ErrHttpServe) Unwrap() error { return e.Err }

func (e ErrHttpServe) fate() Fate { return NotDelivered }

// ErrInvalidMessage reports that the plugin said something else than it should
// before the first call: it was built with another version, or is no plugin.
type ErrInvalidMessage struct{ Err error }

func (e ErrInvalidMessage) Error() string { return "invalid message: " + e.Err.Error() }

// Unwrap returns Err.
func (e ErrInvalidMessage) Unwrap() error { return e.Err }

func (e ErrInvalidMessage) fate() Fate { return NotDelivered }

// ErrRegistrationTimeout reports that the plugin was not ready in time: see
// Config.StartTimeout.
type ErrRegistrationTimeout struct{ Err error }

func (e ErrRegistrationTimeout) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e ErrRegistrationTimeout) Unwrap() error { return e.Err }

func (e ErrRegistrationTimeout) fate() Fate { return NotDelivered }

// Timeout reports true, as the time-outs of package net do.
func (e ErrRegistrationTimeout) Timeout() bool { return true }

// ErrorHandler is told what goes wrong outside of calls, and what the plugin prints.
//
// For one Plugin its methods are called one at a time. They may take their time:
// calls do not wait for them, and output beyond the 1 MiB that is kept for them
// is dropped, which is said in its place.
type ErrorHandler interface {
	// Error gets the errors that no call returns: a transport that auto could
	// not set up, a plugin that ended by itself.
	Error(error)
	// Print gets each line that the plugin writes to stdout or stderr, as a
	// string without the line's end, those of each in the order in which they
	// were written. A line of more than 64 KiB comes in pieces.
	Print(any)
}

// DefaultErrorHandler writes to the standard logger of package log. A Plugin has each line
// that it prints begin with the plugin's name, as its errors do.
type DefaultErrorHandler struct{}

// NewDefaultErrorHandler returns what a Plugin uses when no other is set.
func NewDefaultErrorHandler() *DefaultErrorHandler { return &DefaultErrorHandler{} }

// Error logs err after "error: ".
func (*DefaultErrorHandler) Error(err error) { log.Print("error: ", err) }

// Print logs s.
func (*DefaultErrorHandler) Print(s any) { log.Print(s) }

// PingoRpc is registered in every plugin, as in the original pingo, and not
// reported by Objects. There is no need to call it: Stop does what it did.
type PingoRpc struct{}

// NewPingoRpc returns a PingoRpc.
func NewPingoRpc() *PingoRpc { return &PingoRpc{} }

// Exit ends the plugin with the given exit status. The call itself gets no reply.
func (*PingoRpc) Exit(status int, unused *int) error {
	os.Exit(status)
	return nil
}
