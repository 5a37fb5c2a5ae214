package forward

import (
	"context"
	"net"
	"time"
)

// dialError marks that no connection could be made, so that nothing of the call was sent.
type dialError struct{ error }

func (e dialError) Unwrap() error { return e.error }

// Instances whose machine vanished are noticed after idle + interval × count = 11 s.
var dialer = net.Dialer{
	Timeout: dialTimeout,
	KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3,
	},
}

func dial(ctx context.Context, network, address string) (net.Conn, error) {
	connection, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, dialError{err}
	}
	return connection, nil
}
