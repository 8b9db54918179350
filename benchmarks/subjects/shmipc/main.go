// Shmipc is cloudwego/shmipc-go: shared memory, with a unix socket as its
// doorbell, and the settings that its documentation has. It moves bytes, so the
// encoding in codec.go is by hand, as in its examples.
package main

import (
	"io"
	"net"
	"time"

	"github.com/cloudwego/shmipc-go"

	"github.com/pingogen/pingogen/benchmarks/internal/child"
	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/internal/subject"
)

func main() {
	shmipc.SetLogLevel(5) // none: it logs to stdout
	subject.Main(subject.Subject{Start: start, Serve: serve})
}

func serve(string) error {
	return child.Serve(func(l net.Listener) error {
		for {
			c, err := l.Accept()
			if err != nil {
				return err
			}
			cfg := shmipc.DefaultConfig()
			cfg.LogOutput = io.Discard
			session, err := shmipc.Server(c, cfg)
			if err != nil {
				return err
			}
			go accept(session)
		}
	})
}

func accept(session *shmipc.Session) {
	for {
		stream, err := session.AcceptStream()
		if err != nil {
			return
		}
		go answer(stream)
	}
}

// answer answers the calls of one caller.
func answer(stream *shmipc.Stream) {
	for {
		if err := answerOne(stream); err != nil {
			return
		}
	}
}

// What a message is begins it.
const (
	small byte = iota
	records
	bulk
	pause
)

func answerOne(stream *shmipc.Stream) error {
	in, out := reader{stream.BufferReader()}, writer{stream.BufferWriter()}
	kind, err := in.ReadByte()
	if err != nil {
		return err
	}
	switch kind {
	case small:
		var key string
		if key, err = in.string(); err != nil {
			return err
		}
		if _, err = in.int(); err != nil {
			return err
		}
		in.ReleasePreviousRead()
		err = out.string(echo.Reply(key))
	case records:
		var list []echo.Record
		if list, err = in.records(); err != nil {
			return err
		}
		in.ReleasePreviousRead()
		err = out.records(list)
	case bulk:
		var b []byte
		if b, err = in.bytes(); err != nil {
			return err
		}
		in.ReleasePreviousRead()
		err = out.bytes(b)
	case pause:
		var d int64
		if d, err = in.int(); err != nil {
			return err
		}
		in.ReleasePreviousRead()
		time.Sleep(time.Duration(d))
		err = out.int(d)
	}
	if err != nil {
		return err
	}
	return stream.Flush(false)
}
