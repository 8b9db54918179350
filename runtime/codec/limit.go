package codec

import (
	"fmt"
	"strings"
	"time"
)

// LimitError says that something exceeded a limit that the host has set, or the
// default of one.
type LimitError struct {
	Limit  string // the field of pingo.Config, such as "Limits.Memory" or "MaxMessage"
	Value  int64  // what it is set to: a number, bytes, or nanoseconds
	Detail string // what exceeded it, if more is known
}

func (e *LimitError) Error() string {
	value := fmt.Sprint(e.Value)
	if strings.HasSuffix(e.Limit, "Time") {
		value = time.Duration(e.Value).String()
	}
	text := fmt.Sprintf("the limit Config.%s of %s was exceeded", e.Limit, value)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

func knowLimit() {
	know("github.com/pingogen/pingogen/runtime/codec",
		ErrorPointer("LimitError", firstFormat, encodeLimitError, decodeLimitError))
}

func encodeLimitError(e *Encoder, v LimitError) {
	e.String(v.Limit)
	e.Int64(v.Value)
	e.String(v.Detail)
}

func decodeLimitError(d *Decoder) LimitError {
	return LimitError{Limit: d.String(), Value: d.Int64(), Detail: d.String()}
}
