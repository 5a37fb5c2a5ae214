package forward

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// dialError marks that no connection could be made, so that nothing of the call was sent.
type dialError struct{ error }

func (e dialError) Unwrap() error { return e.error }

// Instances whose machine vanished are noticed after idle + interval × count = 11 s, and no later where data waits to be
// acknowledged, when the kernel sends no keepalives.
const vanishedMilliseconds = 11_000

var dialer = net.Dialer{
	Timeout: dialTimeout,
	Control: func(_, _ string, connection syscall.RawConn) (err error) {
		controlErr := connection.Control(func(descriptor uintptr) {
			err = unix.SetsockoptInt(int(descriptor), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, vanishedMilliseconds)
		})
		return errors.Join(controlErr, err)
	},
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
