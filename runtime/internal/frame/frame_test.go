package frame

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHeaderRoundTrip(t *testing.T) {
	for _, h := range []Header{
		{Kind: Call, ID: 1, Length: MaxPlain, Flags: Gob | Deadline | Metadata},
		{Kind: Call, ID: 1, Length: SizeLength, Flags: More},
		{Kind: Reply, ID: 1<<64 - 1, Flags: Panicked, CPU: 65535},
		{Kind: Chunk, ID: 3, Length: MaxChunk, Flags: More},
		{Kind: Chunk, ID: 3, Flags: Abort},
		{Kind: Cancel, ID: 9},
		{Kind: Cancel, Flags: Leaving, ID: 9},
		{Kind: Drain},
		{Kind: DrainAck},
		{Kind: Drain, Flags: Final},
		{Kind: DrainAck, Flags: Final},
		{Kind: Describe, Length: MaxPlain, Flags: More},
		{Kind: Call, ID: 1, Flags: Target | Refs},
		{Kind: Reply, ID: 1, Flags: RepliedRefs},
		{Kind: Release, ID: 7},
		{Kind: Release, ID: 7, Length: HomeLength},
		{Kind: Data, ID: 7, Length: MaxChunk},
		{Kind: Credit, ID: 7, Length: CreditLength},
		{Kind: Stop, ID: 7},
	} {
		var b [HeaderSize]byte
		h.Put(b[:])
		got, err := Parse(b[:])
		require.NoError(t, err)
		require.Equal(t, h, got)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		h    Header
		want string
	}{
		{Header{Kind: 0, ID: 1}, "frame of unknown kind 0"},
		{Header{Kind: 14, ID: 1}, "frame of unknown kind 14"},
		{Header{Kind: Ping}, "Ping frame with call id 0"},
		{Header{Kind: Pong, ID: 1, Length: 1}, "Pong frame of 1 bytes, the limit is 0"},
		{Header{Kind: Pong, ID: 1, Flags: More}, "Pong frame with unknown flags 0x1"},
		{Header{Kind: Cancel, ID: 1, Flags: Files}, "Cancel frame with unknown flags 0x2"},
		{Header{Kind: Call, ID: 1, Length: MaxPlain + 2, Flags: Files}, "Call frame of 32770 bytes, the limit is 32769"},
		{Header{Kind: Reply, ID: 1, Length: 10, Flags: More | Files}, "Reply frame of 10 bytes, the limit is 9"},
		{Header{Kind: Call, ID: 1, Length: MaxPlain + 1}, "Call frame of 32769 bytes, the limit is 32768"},
		{Header{Kind: Call, ID: 1, Length: 9, Flags: More}, "Call frame of 9 bytes, the limit is 8"},
		{Header{Kind: Chunk, ID: 1, Length: MaxChunk + 1}, "Chunk frame of 262145 bytes, the limit is 262144"},
		{Header{Kind: Chunk, ID: 1, Length: 1, Flags: Abort}, "Chunk frame of 1 bytes, the limit is 0"},
		{Header{Kind: Cancel, ID: 1, Length: 1}, "Cancel frame of 1 bytes, the limit is 0"},
		{Header{Kind: Reply}, "Reply frame with call id 0"},
		{Header{Kind: Reply, ID: 1, Flags: Refused | Failed}, "Reply frame of a call that was refused and executed, flags 0xc0"},
		{Header{Kind: Reply, ID: 1, Flags: Refused | WithErr}, "Reply frame of a call that was refused and executed, flags 0x60"},
		{Header{Kind: Drain, ID: 4}, "Drain frame with call id 4"},
		{Header{Kind: Describe, ID: 4}, "Describe frame with call id 4"},
		{Header{Kind: Describe, Length: MaxPlain + 1}, "Describe frame of 32769 bytes, the limit is 32768"},
		{Header{Kind: Data}, "Data frame with call id 0"},
		{Header{Kind: Data, ID: 1, Length: MaxChunk + 1}, "Data frame of 262145 bytes, the limit is 262144"},
		{Header{Kind: Credit, ID: 1, Length: 5}, "Credit frame of 5 bytes, the limit is 4"},
		{Header{Kind: Release, ID: 1, Length: 9}, "Release frame of 9 bytes, the limit is 8"},
		{Header{Kind: Describe, Flags: Deadline}, "Describe frame with unknown flags 0x8"},
	} {
		var b [HeaderSize]byte
		c.h.Put(b[:])
		_, err := Parse(b[:])
		require.EqualError(t, err, c.want)
	}
}

func FuzzParse(f *testing.F) {
	var b [HeaderSize]byte
	Header{Kind: Call, ID: 1, Length: 10}.Put(b[:])
	f.Add(b[:])
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) < HeaderSize {
			return
		}
		h, err := Parse(in)
		if err != nil {
			return
		}
		var out [HeaderSize]byte
		h.Put(out[:])
		require.Equal(t, in[:HeaderSize], out[:])
	})
}
