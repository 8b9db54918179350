package tool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/record"
)

// Difference is a call whose answer is not the recorded one.
type Difference struct {
	Call     record.Call
	Old, New string // the answers: a result as JSON, or an error
}

// Replayed counts the calls of a recording.
type Replayed struct{ Same, Different, Skipped int }

// Replay makes the calls of a recording again, one after the other, and gives different
// those whose answers are others. Calls that were not answered, or cannot be made
// again, are skipped. One that takes longer than deadline is cut off, unless that is 0.
func (s *Session) Replay(ctx context.Context, calls []record.Call, deadline time.Duration, different func(Difference) error) (Replayed, error) {
	var n Replayed
	for _, c := range calls {
		if c.Skipped != "" || c.Fate != pingo.Executed.String() {
			n.Skipped++
			continue
		}
		before, now := "error: "+c.Error, s.answer(ctx, c, deadline)
		if c.Error == "" {
			before = string(c.Result)
		}
		if err := ctx.Err(); err != nil {
			return n, err
		}
		if sameAnswer(before, now) {
			n.Same++
			continue
		}
		n.Different++
		if err := different(Difference{c, before, now}); err != nil {
			return n, err
		}
	}
	return n, nil
}

// answer makes a call, and returns its result or its error.
func (s *Session) answer(ctx context.Context, c record.Call, deadline time.Duration) string {
	if deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, deadline)
		defer cancel()
	}
	result := ""
	args, err := s.again(c)
	if err == nil {
		err = s.Call(ctx, c.Method, args, func(json []byte) error {
			result = string(json)
			return nil
		})
	}
	var failed *pingo.CallError
	switch {
	case errors.As(err, &failed) && failed.Fate != pingo.Executed:
		return fmt.Sprintf("error: %s: %s", failed.Fate, record.ErrorText(err))
	case err != nil:
		return "error: " + record.ErrorText(err)
	}
	return result
}

// again returns the arguments of a recorded call as Call takes them: by position, the
// variadic ones each by itself.
func (s *Session) again(c record.Call) ([]string, error) {
	m, err := s.Report.Method(c.Method)
	if err != nil {
		return nil, err
	}
	var args []string
	for i, arg := range c.Args {
		if i != len(m.params)-1 || !m.params[i].Type.Variadic() {
			args = append(args, string(arg))
			continue
		}
		var list []json.RawMessage
		if err := json.Unmarshal(arg, &list); err != nil {
			return nil, err
		}
		for _, each := range list {
			args = append(args, string(each))
		}
	}
	return args, nil
}

// sameAnswer compares JSON by what it says.
func sameAnswer(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	return reflect.DeepEqual(x, y)
}
