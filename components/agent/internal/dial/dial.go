// Package dial joins standard input and output with a TCP connection, for whoever can run a program in a replica but not
// reach its network.
package dial

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"flotilla.dev/agent/internal/cli"
)

const (
	connectTimeout = 5 * time.Second
	// What the other end may be silent once nothing more comes in: who asked may be gone without a word.
	silence = 5 * time.Minute
)

// Run is the mode `dial HOST:PORT`.
func Run(ctx context.Context, args []string, _ *slog.Logger) error {
	rest, err := cli.NewFlags("dial").Parse(args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return cli.Usagef("expected one address, got %d arguments; write: agent dial 127.0.0.1:8080", len(rest))
	}
	dialer := net.Dialer{Timeout: connectTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", rest[0])
	if err != nil {
		return err
	}
	return join(ctx, conn.(*net.TCPConn), os.Stdin, os.Stdout)
}

// join copies both ways until the connection's other end is done.
func join(ctx context.Context, conn *net.TCPConn, in io.Reader, out io.Writer) error {
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer conn.Close()
	go func() {
		io.Copy(conn, in)
		conn.CloseWrite()
		conn.SetReadDeadline(time.Now().Add(silence))
	}()
	_, err := io.Copy(out, conn)
	if ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}
