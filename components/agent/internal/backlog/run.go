// Package backlog tells by its output how many messages wait in a queue, in the form from which CloudWatch makes a metric.
package backlog

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"flotilla.dev/agent/internal/cli"
	"flotilla.dev/agent/internal/web"
)

// How long one look may take.
const patience = 5 * time.Second

// Run is the mode `backlog`.
func Run(ctx context.Context, args []string, log *slog.Logger) error {
	options, err := parse(args)
	if err != nil {
		return err
	}
	return run(ctx, options, os.Stdout, log)
}

func run(ctx context.Context, options *options, out io.Writer, log *slog.Logger) error {
	var state state
	state.fail("not asked yet")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", web.Ready(state.ready))
	_, stop, err := web.Serve(options.readyListen, mux, log)
	if err != nil {
		return fmt.Errorf("--ready-listen: %w", err)
	}
	defer stop()
	for ctx.Err() == nil {
		if err := look(ctx, options, out); err != nil && ctx.Err() == nil {
			state.fail(err.Error())
			log.Warn("the queue does not tell its length", "error", err.Error())
		} else {
			state.fail("")
		}
		cli.Sleep(ctx, options.interval)
	}
	return nil
}

func look(ctx context.Context, options *options, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	length, err := options.queue.length(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(record(options, length, time.Now()))
}

// record is one measurement in CloudWatch's embedded metric format.
func record(options *options, length int64, at time.Time) map[string]any {
	names := []string{}
	values := map[string]any{options.metric: length}
	for _, one := range options.dimensions {
		names = append(names, one.name)
		values[one.name] = one.value
	}
	values["_aws"] = map[string]any{
		"Timestamp": at.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace":  options.namespace,
			"Dimensions": [][]string{names},
			"Metrics":    []any{map[string]string{"Name": options.metric, "Unit": "Count"}},
		}},
	}
	return values
}

// state is whether the last look succeeded.
type state struct {
	mu     sync.Mutex
	reason string
}

func (s *state) fail(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reason = reason
}

func (s *state) ready() (any, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return struct{}{}, s.reason
}
