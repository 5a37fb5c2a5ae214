// Package envoy writes the files that an Envoy watches: listeners, clusters and live endpoints.
package envoy

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"flotilla.dev/agent/internal/cli"
	"flotilla.dev/agent/internal/registry"
	"flotilla.dev/agent/internal/web"
)

// How often the source is read.
const pollInterval = time.Second

type options struct {
	source, target, readyListen string
	registry                    registry.Options
}

func parse(args []string) (*options, error) {
	flags := cli.NewFlags("envoy")
	source := flags.String("source", "", "directory with lds.json, rds.json, cds.json and services.json")
	target := flags.String("target", "", "directory that Envoy watches")
	readyListen := flags.String("ready-listen", ":15002", "address of GET /ready and GET /reachable")
	registryOptions := registry.AddFlags(flags)
	if err := flags.ParseAll(args); err != nil {
		return nil, err
	}
	if !filepath.IsAbs(*source) || !filepath.IsAbs(*target) || filepath.Clean(*source) == filepath.Clean(*target) {
		return nil, cli.Usagef("--source and --target must be two different absolute directories, got %q and %q; "+
			"write for example --source /etc/flotilla/envoy --target /var/run/envoy", *source, *target)
	}
	if err := cli.CheckListen("ready-listen", *readyListen); err != nil {
		return nil, err
	}
	return &options{*source, *target, *readyListen, *registryOptions}, nil
}

// Run is the mode `envoy`.
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

// run keeps the target up to date until ctx ends; everything happens in this one loop.
func run(ctx context.Context, options *options, from registry.Registry, log *slog.Logger) error {
	endpoints, err := newEndpoints(ctx, options.target, from, log)
	if err != nil {
		return fmt.Errorf("--target: %w", err)
	}
	mirror := newMirror(options.source, options.target, endpoints, log, time.Now())
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", web.Ready(mirror.ready))
	mux.HandleFunc("GET /reachable", web.Ready(mirror.reachable))
	_, stop, err := web.Serve(options.readyListen, mux, log)
	if err != nil {
		return fmt.Errorf("--ready-listen: %w", err)
	}
	defer stop()

	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		mirror.step(time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case news := <-endpoints.news:
			endpoints.update(news)
		}
	}
}
