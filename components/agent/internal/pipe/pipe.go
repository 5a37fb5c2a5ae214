// Package pipe joins two connections.
package pipe

import (
	"context"
	"io"
	"net"
	"sync"
)

// Both copies both ways until both ends are done; an end of one direction is passed on, an error or the end of ctx
// ends both.
func Both(ctx context.Context, a, b net.Conn) {
	cut := func() {
		a.Close()
		b.Close()
	}
	defer context.AfterFunc(ctx, cut)()
	oneWay := func(to, from net.Conn) {
		_, err := io.Copy(to, from)
		if half, ok := to.(interface{ CloseWrite() error }); ok && err == nil {
			err = half.CloseWrite()
		}
		if err != nil {
			cut()
		}
	}
	var copied sync.WaitGroup
	copied.Go(func() { oneWay(a, b) })
	oneWay(b, a)
	copied.Wait()
}
