package aggregate

import (
	"errors"
	"io"
	"sync/atomic"
)

// How much more is read at once, and counted.
const chunk = 8 << 10

var (
	errTooLarge = errors.New("its answer is too large")
	errBusy     = errors.New("too much is held for other requests at this moment")
)

// budget bounds what is held of all answers together, whatever the number of requests.
type budget struct{ left atomic.Int64 }

func newBudget(bytes int64) *budget {
	b := &budget{}
	b.left.Store(bytes)
	return b
}

func (b *budget) take(bytes int64) bool {
	if b.left.Add(-bytes) < 0 {
		b.left.Add(bytes)
		return false
	}
	return true
}

// read takes in at most limit bytes; release gives back what they were counted as.
func (b *budget) read(from io.Reader, limit int64) (content []byte, release func(), err error) {
	var taken int64
	release = func() { b.left.Add(taken) }
	for {
		if !b.take(chunk) {
			return nil, release, errBusy
		}
		taken += chunk
		start := len(content)
		content = append(content, make([]byte, chunk)...)
		n, err := io.ReadFull(from, content[start:])
		content = content[:start+n]
		switch {
		case int64(len(content)) > limit:
			return nil, release, errTooLarge
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return content, release, nil
		case err != nil:
			return nil, release, err
		}
	}
}
