package forward

import (
	"io"
	"sync/atomic"
)

// attemptBody lends the request body to one attempt: it cannot be closed by it, and it tells whether it was read.
type attemptBody struct {
	io.Reader
	touched atomic.Bool
}

func (b *attemptBody) Read(buffer []byte) (int, error) {
	b.touched.Store(true)
	return b.Reader.Read(buffer)
}

func (b *attemptBody) Close() error { return nil }
