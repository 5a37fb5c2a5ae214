// Package sandbox owns the network of a replica: the other containers join it, so it never ends before it is told to.
package sandbox

import (
	"context"
	"log/slog"

	"flotilla.dev/agent/internal/cli"
)

// Run waits for SIGTERM.
func Run(ctx context.Context, args []string, _ *slog.Logger) error {
	if err := cli.NewFlags("sandbox").ParseAll(args); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
