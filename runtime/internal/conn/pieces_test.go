package conn

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPiecesKeepTheOrder(t *testing.T) {
	var q pieces
	var want, got []byte
	for i, n := range []int{1, smallPiece - 1, 2 * smallPiece, 3, largePiece, 7, largePiece, largePiece} {
		b := bytes.Repeat([]byte{byte(i)}, n)
		want = append(want, b...)
		if n == largePiece || n == 7 {
			p := newPiece()
			q.adopt(p[:copy(p, b)])
		} else {
			q.add(b)
		}
	}
	for p := q.next(); p != nil; p = q.next() {
		got = append(got, p...)
		freePiece(p)
	}
	require.True(t, bytes.Equal(want, got))
}

// A peer whose bytes come in small parts does not have each of them take up a piece.
func TestPiecesHoldLittleMoreThanTheirBytes(t *testing.T) {
	var q pieces
	const part = 1000
	for range 3 * largePiece / part {
		q.adopt(newPiece()[:part])
	}
	room := 0
	for _, p := range q {
		room += cap(p)
	}
	require.Less(t, room, 4*largePiece)
}
