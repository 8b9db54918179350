// Package echo is what every subject serves: the same four methods, so that what
// differs between two subjects is the way between the processes and nothing else.
package echo

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Host is a started plugin as a subject's host sees it. Its calls may be made by
// many goroutines at once.
type Host interface {
	// Small sends a string of 16 bytes and a number, and returns what Reply does.
	Small(key string, n int64) (string, error)
	// Records has the records of Records, in whatever type the subject sends
	// them, echoed, and returns how many came back.
	Records() (int, error)
	// Bulk has b echoed. The reply may be overwritten by the next call.
	Bulk(b []byte) ([]byte, error)
	// Pause returns when the plugin has slept for d.
	Pause(d time.Duration) error
	// Stop ends the plugin, and returns when its process is gone.
	Stop() error
}

// Streamer is a Host whose plugin sends streams.
type Streamer interface {
	// Stream reads that many bytes from the plugin.
	Stream(size int64) error
}

// Extras is a Host with what has no counterpart elsewhere.
type Extras interface {
	// Upload has the plugin read that many bytes from the host.
	Upload(size int64) error
	// Items reads n small items from the plugin, and SendItems has it read them.
	Items(n int64) error
	SendItems(n int64) error
	// Callbacks makes a call during which the plugin makes n of the kind of Small.
	Callbacks(n int) error
	// Within is Small with a context.
	Within(ctx context.Context, key string, n int64) (string, error)
	// Timed is Small with a deadline that its contract says.
	Timed(key string, n int64) (string, error)
}

// Key is the argument of Small.
const Key = "sixteen-bytes-ab"

// Tail is what Reply adds to a key.
const Tail = "and 16 more byte"

// Reply is the answer to Small: 32 bytes.
func Reply(key string) string { return key + Tail }

// Record is one of those that Records sends.
type Record struct {
	ID      int64
	Key     string
	Score   float64
	A, B, C string
	At      time.Time
}

// Records returns the hundred records of workload W3.
func Records() []Record {
	list := make([]Record, 100)
	at := time.Date(2026, time.November, 25, 12, 0, 0, 123456789, time.UTC)
	for i := range list {
		list[i] = Record{
			ID:    int64(i) << 24,
			Key:   fmt.Sprintf("record-%09d", i),
			Score: float64(i) * 1.25,
			A:     "red", B: "green", C: strings.Repeat("b", 1+i%8),
			At: at.Add(time.Duration(i) * time.Second),
		}
	}
	return list
}
