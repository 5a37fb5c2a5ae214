// Command agent is the sidecar of Flotilla: one static binary with one mode per job.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"flotilla.dev/agent/internal/aggregate"
	"flotilla.dev/agent/internal/backlog"
	"flotilla.dev/agent/internal/cli"
	"flotilla.dev/agent/internal/dial"
	"flotilla.dev/agent/internal/envoy"
	"flotilla.dev/agent/internal/files"
	"flotilla.dev/agent/internal/forward"
	"flotilla.dev/agent/internal/gate"
	"flotilla.dev/agent/internal/probe"
	"flotilla.dev/agent/internal/register"
	"flotilla.dev/agent/internal/sandbox"
)

const version = "0.1.0"

// mode runs until its work is done or the context ends (SIGTERM, SIGINT).
type mode func(ctx context.Context, args []string, log *slog.Logger) error

var modes = map[string]mode{
	"sandbox":   sandbox.Run,
	"aggregate": aggregate.Run,
	"probe":     probe.Run,
	"register":  register.Run,
	"forward":   forward.Run,
	"envoy":     envoy.Run,
	"files":     files.Run,
	"backlog":   backlog.Run,
	"gate":      gate.Run,
	"dial":      dial.Run,
}

func main() {
	limitMemory()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code: 0 for success, 1 for a failure, 2 for wrong arguments.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 1 && (args[0] == "--version" || args[0] == "version") {
		fmt.Fprintln(stdout, version)
		return 0
	}
	names := make([]string, 0, len(modes))
	for name := range modes {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(args) == 0 || modes[args[0]] == nil {
		given := "nothing"
		if len(args) > 0 {
			given = fmt.Sprintf("%q", args[0])
		}
		fmt.Fprintf(stderr, "agent: the first argument must be a mode (%s), got %s. Write for example: agent %s --help\n",
			strings.Join(names, ", "), given, names[len(names)-1])
		return 2
	}

	name := args[0]
	log := cli.Logger(stderr, name)
	err := modes[name](ctx, args[1:], log)
	var usage *cli.UsageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, cli.ErrHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "agent %s: %s\n", name, usage)
		return 2
	case errors.Is(err, probe.ErrUnhealthy):
		return 1
	default:
		log.Error(err.Error())
		return 1
	}
}
