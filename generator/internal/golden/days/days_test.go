package days

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

func TestPairInPlaceOfTime(t *testing.T) {
	var e codec.Encoder
	(&daysNextArgs{of: []time.Time{time.Date(2001, 2, 3, 4, 5, 6, 7, time.UTC)}}).Encode(&e)
	require.Contains(t, string(e.Buffer()), "2001-02-03")
	var d codec.Decoder
	d.Reset(e.Buffer(), false)
	var args daysNextArgs
	require.NoError(t, d.Message(&args))
	require.Equal(t, []time.Time{time.Date(2001, 2, 3, 0, 0, 0, 0, time.UTC)}, args.of)
	require.Contains(t, daysContract.Types, codec.Type{Name: "time.Time", Definition: "encoding.BinaryMarshaler"})
}
