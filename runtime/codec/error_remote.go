package codec

import "reflect"

// RemoteError stands for an error of the other side whose type does not exist
// here, or is not known to cross. Its text is the original's. What it wraps
// crosses too: errors.Is and errors.As look through it. If the original was a
// net.Error, or had a Timeout or Temporary method that answered true, so does
// what stands for it.
type RemoteError struct {
	Type    string // the original's type with its import path, such as "*errors.errorString"
	Message string // what its Error returned

	variable string  // the name of the variable that it is, which is not known here; or ""
	matches  []error // variables that its Is method matched
}

func (e *RemoteError) Error() string { return e.Message }

// Is reports whether the original's Is method matched target, if that is a
// variable that is known to cross.
func (e *RemoteError) Is(target error) bool {
	for _, v := range e.matches {
		if isComparable(v) && v == target {
			return true
		}
	}
	return false
}

// wrapping is a RemoteError that wraps one error.
type wrapping struct {
	*RemoteError
	cause error
}

func (e *wrapping) Unwrap() error      { return e.cause }
func (e *wrapping) As(target any) bool { return e.as(target) }

// joining is a RemoteError that wraps several.
type joining struct {
	*RemoteError
	causes []error
}

func (e *joining) Unwrap() []error    { return e.causes }
func (e *joining) As(target any) bool { return e.as(target) }

// answers is what the methods of a net.Error answer.
type answers struct{ timeout, temporary bool }

func (a *answers) Timeout() bool   { return a.timeout }
func (a *answers) Temporary() bool { return a.temporary }

// These are the same with the methods of a net.Error.
type (
	answering struct {
		*RemoteError
		*answers
	}
	answeringWrapping struct {
		*wrapping
		*answers
	}
	answeringJoining struct {
		*joining
		*answers
	}
)

func (e *answering) As(target any) bool { return e.as(target) }

// as lets errors.As find the RemoteError inside the types above.
func (e *RemoteError) as(target any) bool {
	p, ok := target.(**RemoteError)
	if ok {
		*p = e
	}
	return ok
}

// remoteOf returns the RemoteError that v is, not one that it wraps.
func remoteOf(v error) *RemoteError {
	switch r := v.(type) {
	case *RemoteError:
		return r
	case *wrapping:
		return r.RemoteError
	case *joining:
		return r.RemoteError
	case *answering:
		return r.RemoteError
	case *answeringWrapping:
		return r.RemoteError
	case *answeringJoining:
		return r.RemoteError
	}
	return nil
}

// remote makes a RemoteError of one of the types above.
func (n *errorNode) remote() error {
	r := &RemoteError{Type: n.typ, Message: n.message, variable: n.variable}
	for _, name := range n.matches {
		if v := variableNamed(name); v != nil {
			r.matches = append(r.matches, v)
		}
	}
	switch {
	case n.form == errorWrapping && n.answers != nil:
		return &answeringWrapping{&wrapping{r, n.causes[0]}, n.answers}
	case n.form == errorWrapping:
		return &wrapping{r, n.causes[0]}
	case n.form == errorJoining && n.answers != nil:
		return &answeringJoining{&joining{r, n.causes}, n.answers}
	case n.form == errorJoining:
		return &joining{r, n.causes}
	case n.answers != nil:
		return &answering{r, n.answers}
	}
	return r
}

// answersOf asks an error what a net.Error answers: nil if it has neither method,
// or just one of them that answers no.
func answersOf(v error) *answers {
	timeout, hasTimeout := v.(interface{ Timeout() bool })
	temporary, hasTemporary := v.(interface{ Temporary() bool })
	a := &answers{timeout: hasTimeout && timeout.Timeout(), temporary: hasTemporary && temporary.Temporary()}
	if hasTimeout && hasTemporary || a.timeout || a.temporary {
		return a
	}
	return nil
}

// isComparable tells whether v can be compared, and be the key of a map,
// without a panic.
func isComparable(v error) bool { return reflect.ValueOf(v).Comparable() }
