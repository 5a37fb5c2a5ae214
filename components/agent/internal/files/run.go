// Package files makes the volumes of a replica ready where the platform has no files of its own: modes of directories,
// files, and this program for the other containers' probes.
package files

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"flotilla.dev/agent/internal/cli"
	"flotilla.dev/agent/internal/web"
)

const (
	// A role that was made a moment ago may not be known everywhere yet.
	patience = time.Minute
	again    = 2 * time.Second
)

// Run is the mode `files`.
func Run(ctx context.Context, args []string, log *slog.Logger) error {
	options, err := parse(args)
	if err != nil {
		return err
	}
	if err := prepareVolumes(ctx, options, log); err != nil {
		return err
	}
	if options.follow > 0 {
		return follow(ctx, options, log)
	}
	for _, one := range options.sets {
		content, err := readPatiently(ctx, one.content, log)
		if err == nil {
			err = writeSet(one.directory, content)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", one.directory, err)
		}
	}
	return nil
}

func prepareVolumes(ctx context.Context, options *options, log *slog.Logger) error {
	for _, one := range options.folders {
		if err := os.Chmod(one.path, one.mode); err != nil {
			return err
		}
	}
	if options.install != "" {
		if err := install(options.install); err != nil {
			return fmt.Errorf("--install: %w", err)
		}
	}
	for _, one := range options.files {
		content, err := readPatiently(ctx, one.content, log)
		if err == nil {
			err = write(one.path, content, one.mode)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", one.path, err)
		}
	}
	return nil
}

// readPatiently reads something that is needed before anything else can start.
func readPatiently(ctx context.Context, from source, log *slog.Logger) ([]byte, error) {
	giveUp := time.Now().Add(patience)
	for {
		content, err := from.read(ctx)
		if err == nil || ctx.Err() != nil || time.Now().After(giveUp) {
			return content, err
		}
		log.Warn("could not be read yet", "error", err.Error())
		cli.Sleep(ctx, again)
	}
}

// follow keeps the sets as their sources have them until ctx ends; what cannot be read stays as it is.
func follow(ctx context.Context, options *options, log *slog.Logger) error {
	var complete atomic.Bool
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", web.Ready(func() (any, string) {
		if !complete.Load() {
			return nil, "not every file is written yet"
		}
		return struct{}{}, ""
	}))
	_, stop, err := web.Serve(options.readyListen, mux, log)
	if err != nil {
		return fmt.Errorf("--ready-listen: %w", err)
	}
	defer stop()
	for ctx.Err() == nil {
		written := 0
		for _, one := range options.sets {
			if err := update(ctx, one, log); err != nil {
				log.Warn("keeping what is there", "directory", one.directory, "error", err.Error())
				continue
			}
			written++
		}
		if written == len(options.sets) {
			complete.Store(true)
		}
		cli.Sleep(ctx, options.follow)
	}
	return nil
}

func update(ctx context.Context, one set, log *slog.Logger) error {
	content, err := one.content.read(ctx)
	if errors.Is(err, errUnchanged) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := writeSet(one.directory, content); err != nil {
		return err
	}
	log.Info("files written", "directory", one.directory)
	return nil
}
