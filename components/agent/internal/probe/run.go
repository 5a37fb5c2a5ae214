package probe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"flotilla.dev/agent/internal/cli"
)

// ErrUnhealthy is returned by Run after it printed why.
var ErrUnhealthy = errors.New("unhealthy")

// Run is the mode `probe [--timeout 2s] URL`: it prints one line and says by its exit code whether URL is healthy.
func Run(ctx context.Context, args []string, _ *slog.Logger) error {
	flags := cli.NewFlags("probe")
	timeout := flags.Period("timeout", 2*time.Second, "how long the answer may take")
	rest, err := flags.Parse(args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return cli.Usagef("expected one URL after the flags, got %d arguments; write: agent probe --timeout 2s http://127.0.0.1:8080/healthz", len(rest))
	}
	check, err := Parse(rest[0])
	if err != nil {
		return cli.Usagef("%s", err)
	}

	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	if err := check(ctx); err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("no answer within %s", *timeout)
		}
		fmt.Printf("unhealthy: %s: %s\n", rest[0], err)
		return ErrUnhealthy
	}
	fmt.Printf("healthy: %s\n", rest[0])
	return nil
}
