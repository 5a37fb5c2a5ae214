package gate

import (
	"context"
	"log/slog"
	"net"
	"sync"

	"flotilla.dev/agent/internal/pipe"
)

// gate passes connections on to a registry that has just shown that it refuses strangers: one that restarted without its
// data must not be reached before authentication is on again.
type gate struct {
	keeper *keeper
	// HOST:PORT of the registry.
	server string
	log    *slog.Logger
}

// serve accepts until ctx ends, then cuts every connection: clients go to another server or try again.
func (g *gate) serve(ctx context.Context, listener net.Listener) {
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	var open sync.WaitGroup
	for {
		client, err := listener.Accept()
		if err != nil {
			break
		}
		open.Go(func() { g.pass(ctx, client) })
	}
	open.Wait()
}

func (g *gate) pass(ctx context.Context, client net.Conn) {
	defer client.Close()
	if err := g.keeper.checkInTime(ctx); err != nil {
		g.log.Warn("a client was sent away", "client", client.RemoteAddr().String(), "error", err.Error())
		return
	}
	server, err := new(net.Dialer).DialContext(ctx, "tcp", g.server)
	if err != nil {
		return
	}
	defer server.Close()
	pipe.Both(ctx, client, server)
}
