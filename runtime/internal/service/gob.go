package service

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"reflect"

	"github.com/pingogen/pingogen/runtime/codec"
)

// Gob makes a message of a plain Go value, as net/rpc sends it. To decode, Value
// is a pointer, or nil to drop what came.
type Gob struct{ Value any }

// noReply stands for the reply of a call that failed. As with net/rpc, what the
// caller passed for a reply stays as it was.
type noReply struct{}

func (noReply) Encode(e *codec.Encoder) { e.Marshaled(nil, nil) }
func (noReply) Decode(*codec.Decoder)   {}

// Encode writes the value as one gob stream, types and all.
func (g *Gob) Encode(e *codec.Encoder) {
	e.Marshaled(g.marshal())
}

func (g *Gob) marshal() ([]byte, error) {
	if v := reflect.ValueOf(g.Value); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, errors.New("gob: cannot encode a nil value; pass a value")
	}
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(g.Value); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// Decode reads into the pointer that Value holds.
func (g *Gob) Decode(d *codec.Decoder) { d.Unmarshal(g.unmarshal) }

func (g *Gob) unmarshal(b []byte) (err error) {
	if g.Value == nil || len(b) == 0 {
		return nil // not wanted, or none: see noReply
	}
	v := reflect.ValueOf(g.Value)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("gob: cannot decode into a %T; pass a pointer that is not nil", g.Value)
	}
	if err := checkGob(b, v.Type()); err != nil {
		return err
	}
	defer func() { // package gob and methods of types panic at times
		if r := recover(); r != nil {
			err = fmt.Errorf("gob: cannot decode a %T: %v", g.Value, r)
		}
	}()
	return gob.NewDecoder(bytes.NewReader(b)).Decode(g.Value)
}
