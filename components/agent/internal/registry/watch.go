package registry

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"time"

	"flotilla.dev/agent/internal/cli"
)

// relistEvery is how often events are held against a complete list: after a loss of data a watch from before it stays
// silent for ever.
const relistEvery = 3 * time.Second

var errDataLost = errors.New("the registry lost its data")

// watch is what is known of one service, told to whoever follows it.
type watch struct {
	*view
	service string
	log     *slog.Logger
	output  chan []Instance
	// Last sent; nil before the first.
	sent []Instance
}

// startWatch calls follow, again and again, until ctx or the registry's own context ends. Follow keeps the watch up to date
// and returns when something goes wrong.
func startWatch(ctx, registry context.Context, service string, log *slog.Logger, follow func(ctx context.Context, w *watch) error) <-chan []Instance {
	w := &watch{view: newView(), service: service, log: log.With("service", service), output: make(chan []Instance)}
	go func() {
		defer close(w.output)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(registry, cancel)()
		w.run(ctx, follow)
	}()
	return w.output
}

func (w *watch) run(ctx context.Context, follow func(ctx context.Context, w *watch) error) {
	wait := cli.Backoff{Min: 100 * time.Millisecond, Max: 2 * time.Second}
	for ctx.Err() == nil {
		begin := time.Now()
		err := follow(ctx, w)
		if ctx.Err() != nil {
			return
		}
		if time.Since(begin) > relistEvery {
			wait.Reset()
		}
		if wait.Loud() {
			w.log.Warn("lost sight of the registry, keeping the last known instances", "error", err.Error())
		}
		wait.Wait(ctx)
	}
}

// list takes over a complete list. It fails when that is from before what was known already.
func (w *watch) list(ctx context.Context, listed map[string]Instance, revision int64, reconnected bool) error {
	known := w.revision
	w.replace(listed, revision, reconnected, time.Now())
	w.publish(ctx)
	if revision < known && !reconnected {
		return errDataLost
	}
	return nil
}

// publish sends what is known when it is news.
func (w *watch) publish(ctx context.Context) {
	snapshot := w.snapshot()
	if w.sent != nil && reflect.DeepEqual(snapshot, w.sent) {
		return
	}
	w.sent = snapshot
	send(ctx, w.output, snapshot)
}

// decode reads an entry; others than instances are ignored.
func (w *watch) decode(key string, value []byte) (Instance, bool) {
	var instance Instance
	if err := json.Unmarshal(value, &instance); err != nil || instance.Address == "" {
		w.log.Warn("an entry of the registry is not an instance, ignored", "key", key)
		return Instance{}, false
	}
	return instance, true
}

func encode(instance Instance) []byte {
	value, err := json.Marshal(instance)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return value
}
