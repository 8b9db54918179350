// Package better mentions types that would be copied, and whose purpose travels by other means.
package better

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"strings"
)

//pingo:plugin
type Store interface {
	Buffer(b *bytes.Buffer) error
	Result() (bytes.Buffer, error)
	Reader(r *bytes.Reader) error
	Strings(r map[string]*strings.Reader) error
	Builder(b *strings.Builder) error
	Buffered(r *bufio.Reader, w *bufio.Writer, both *bufio.ReadWriter) error
	Pipe(r *io.PipeReader) error
	Section(r *io.SectionReader) error
	Put(item Item) error
	Log(l *slog.Logger, old *log.Logger) error
	Embedded(r Named) error
	Other(d *json.Decoder) error
	Fine(l *io.LimitedReader, r io.Reader, own Own) error
}

type Item struct{ Text bytes.Buffer }

type Named strings.Reader

// Own has methods of package io, but its fields are within reach.
type Own struct{ text string }

func (Own) Read([]byte) (int, error) { return 0, io.EOF }
