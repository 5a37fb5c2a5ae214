package aggregate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"flotilla.dev/agent/internal/cli"
	"flotilla.dev/agent/internal/forward"
	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/web"
)

const (
	// What is held of all answers together: the agent's container has 64 MiB.
	heldBytes = 24 << 20
	// How long answers in the making may take to end after SIGTERM.
	drainPatience = 10 * time.Second
)

type options struct {
	listen, readyListen string
	registry            registry.Options
}

func parse(args []string) (*options, error) {
	flags := cli.NewFlags("aggregate")
	listen := flags.String("listen", "127.0.0.1:15096", "address for the gateway, on loopback")
	readyListen := flags.String("ready-listen", "127.0.0.1:15095", "address of GET /ready")
	registryOptions := registry.AddFlags(flags)
	if err := flags.ParseAll(args); err != nil {
		return nil, err
	}
	for name, address := range map[string]string{"listen": *listen, "ready-listen": *readyListen} {
		if err := cli.CheckListen(name, address); err != nil {
			return nil, err
		}
	}
	// Whoever reaches it may say for whom a request is.
	if host, _, _ := net.SplitHostPort(*listen); host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return nil, cli.Usagef("--listen must be an address on loopback, got %q; write for example 127.0.0.1:15096", *listen)
	}
	return &options{*listen, *readyListen, *registryOptions}, nil
}

// Run is the mode `aggregate`.
func Run(ctx context.Context, args []string, log *slog.Logger) error {
	options, err := parse(args)
	if err != nil {
		return err
	}
	from, err := registry.Open(options.registry, log)
	if err != nil {
		return err
	}
	defer from.Close()
	return run(ctx, options, from, log)
}

// run answers until ctx ends, then lets what is in the making end.
func run(ctx context.Context, options *options, from registry.Registry, log *slog.Logger) error {
	following, stopFollowing := context.WithCancel(context.Background())
	defer stopFollowing()
	listener, err := net.Listen("tcp", options.listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	server := &http.Server{
		Handler: &aggregator{forward.NewClient(following, from, log), newBudget(heldBytes), log},
		// The gateway closes idle connections first.
		IdleTimeout:       75 * time.Second,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	defer server.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", web.Ready(func() (any, string) { return struct{}{}, "" }))
	_, stopReady, err := web.Serve(options.readyListen, mux, log)
	if err != nil {
		listener.Close()
		return fmt.Errorf("--ready-listen: %w", err)
	}
	defer stopReady()

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	draining, cancel := context.WithTimeout(context.Background(), drainPatience)
	defer cancel()
	if err := server.Shutdown(draining); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
