// Package record keeps the last calls that a host has made, so that "pingogen replay"
// can make them again of a new build of the plugin and show where answers differ:
//
//	last := record.New(1000)
//	p := pingo.New(pingo.Config{Path: path, Intercept: []pingo.Interceptor{last.Intercept}})
//	...
//	err := last.Save("calls.json")
package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/dynamic"
	"github.com/pingogen/pingogen/runtime/internal/schema"
)

// maxBytes bounds the arguments and results that a Recorder keeps, of all calls and of one.
const (
	maxBytes     = 64 << 20
	maxCallBytes = 1 << 20
)

// Recorder keeps the last calls. All methods may be called from any goroutine.
type Recorder struct {
	limit int

	mu    sync.Mutex // protects following
	calls []*call    // oldest first
	bytes int
}

// call is a call that was made, still encoded.
type call struct {
	begun    time.Time
	took     time.Duration
	method   string
	contract *codec.Contract
	args     []byte
	reply    []byte
	err      error
	skipped  string // why it cannot be made again
}

func (c *call) size() int { return len(c.args) + len(c.reply) }

// New returns a Recorder of the last n calls.
func New(n int) *Recorder { return &Recorder{limit: max(n, 1)} }

// Intercept is the pingo.Interceptor that records calls of generated clients. What it
// keeps is encoded once more, which is what recording costs.
func (r *Recorder) Intercept(ctx context.Context, c *pingo.Call, next func(context.Context) error) error {
	if c.Incoming || c.Contract == nil {
		return next(ctx)
	}
	k := &call{begun: time.Now(), method: c.Method, contract: c.Contract, skipped: unfit(c.Contract, c.Method)}
	k.args = k.encode(c.Args) // before the callee fills any of them
	k.err = next(ctx)
	k.took = time.Since(k.begun)
	if k.err == nil {
		k.reply = k.encode(c.Reply)
	}
	r.keep(k)
	return k.err
}

// encode returns a message's bytes, unless it is known that it cannot be made again.
func (k *call) encode(message any) []byte {
	m, ok := message.(codec.Message)
	if !ok || k.skipped != "" {
		return nil
	}
	var e codec.Encoder
	e.Message(m)
	switch b := e.Buffer(); {
	case e.Err() != nil:
		k.skipped = e.Err().Error()
	case len(b) > maxCallBytes:
		k.skipped = fmt.Sprintf("larger than %d bytes", maxCallBytes)
	default:
		return bytes.Clone(b)
	}
	return nil
}

// unfit says why calls of a method cannot be made again, "" if they can.
func unfit(contract *codec.Contract, method string) string {
	params, results, err := signature(contract, method)
	if err != nil {
		return err.Error()
	}
	for _, list := range [][]schema.Field{params, results} {
		for _, f := range list {
			if part, _ := dynamic.Reference(f.Type); part != nil || f.Type.Items() != nil {
				return "something is passed by reference"
			}
		}
	}
	return ""
}

func signature(contract *codec.Contract, method string) (params, results []schema.Field, err error) {
	return schema.New(contract, "").Signature(strings.TrimPrefix(method, contract.Name+"."))
}

// keep adds a call, and drops the oldest ones.
func (r *Recorder) keep(k *call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, k)
	r.bytes += k.size()
	for len(r.calls) > r.limit || r.bytes > maxBytes {
		r.bytes -= r.calls[0].size()
		r.calls[0] = nil
		r.calls = r.calls[1:]
	}
}

// Call is a call in a recording.
type Call struct {
	Time    time.Time         `json:"time"`
	Took    time.Duration     `json:"took"`
	Method  string            `json:"method"` // "Greeter.SayHello"
	Args    []json.RawMessage `json:"args,omitempty"`
	Result  json.RawMessage   `json:"result,omitempty"` // as "pingogen call" prints it
	Error   string            `json:"error,omitempty"`
	Fate    string            `json:"fate"`
	Skipped string            `json:"skipped,omitempty"` // why it cannot be made again
}

// WriteTo writes the calls as JSON, oldest first, one a line.
func (r *Recorder) WriteTo(w io.Writer) (n int64, err error) {
	r.mu.Lock()
	calls := append([]*call(nil), r.calls...)
	r.mu.Unlock()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	for _, k := range calls {
		if err := e.Encode(k.readable()); err != nil {
			return 0, err
		}
	}
	return out.WriteTo(w)
}

// Save writes the calls to a file that only its owner can read.
func (r *Recorder) Save(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = r.WriteTo(file)
	return errors.Join(err, file.Close())
}

// readable decodes what was kept.
func (k *call) readable() Call {
	c := Call{Time: k.begun, Took: k.took, Method: k.method, Skipped: k.skipped, Fate: pingo.FateOf(k.err).String()}
	if k.err != nil {
		c.Error = ErrorText(k.err)
	}
	if c.Skipped != "" {
		return c
	}
	params, results, err := signature(k.contract, k.method)
	if err == nil {
		c.Args, err = values(k.args, params)
	}
	if err == nil && k.err == nil {
		var list []json.RawMessage
		list, err = values(k.reply, results)
		c.Result = joined(list, results)
	}
	if err != nil {
		c.Skipped = err.Error()
	}
	return c
}

// ErrorText is how the error of a call stands in a recording: without what differs from
// build to build, that is the path of the plugin and the place of a panic.
func ErrorText(err error) string {
	var panicked *pingo.PanicError
	var failed *pingo.CallError
	switch {
	case errors.As(err, &panicked):
		return "panic: " + panicked.Value
	case errors.As(err, &failed):
		return failed.Err.Error()
	}
	return err.Error()
}

// values decodes a message.
func values(b []byte, fields []schema.Field) ([]json.RawMessage, error) {
	var d codec.Decoder
	d.Reset(b, false)
	list := []json.RawMessage{}
	for _, f := range fields {
		v, err := dynamic.Marshal(dynamic.Decode(&d, f.Type))
		if err = errors.Join(d.Err(), err); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// joined makes one value of several, as "pingogen call" does.
func joined(list []json.RawMessage, results []schema.Field) json.RawMessage {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	object := dynamic.Object{}
	for i, v := range list {
		if results[i].Name == "" {
			b, _ := json.Marshal(list) // what was marshalled before
			return b
		}
		object = append(object, dynamic.Member{Name: results[i].Name, Value: v})
	}
	b, _ := dynamic.Marshal(object)
	return b
}

// Read reads what WriteTo has written.
func Read(r io.Reader) ([]Call, error) {
	var calls []Call
	for d := json.NewDecoder(r); ; {
		var c Call
		switch err := d.Decode(&c); {
		case errors.Is(err, io.EOF):
			return calls, nil
		case err != nil:
			return nil, fmt.Errorf("call %d of the recording: %w", len(calls)+1, err)
		case c.Method == "":
			return nil, fmt.Errorf("call %d of the recording has no method", len(calls)+1)
		}
		calls = append(calls, c)
	}
}
