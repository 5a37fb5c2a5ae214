package registry

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"flotilla.dev/agent/internal/cli"
)

// relistEvery is how often the watch is held against a complete list: after a loss of data a watch from an old
// revision stays silent for ever.
const relistEvery = 3 * time.Second

// etcdWatch follows one service.
type etcdWatch struct {
	registry *etcd
	service  string
	prefix   string
	view     *view
	output   chan []Instance
	// Last sent; nil before the first.
	sent []Instance
}

func (e *etcd) Watch(ctx context.Context, service string) <-chan []Instance {
	w := &etcdWatch{registry: e, service: service, prefix: e.prefix + service + "/", view: newView(), output: make(chan []Instance)}
	go w.run(ctx)
	return w.output
}

func (w *etcdWatch) run(ctx context.Context) {
	defer close(w.output)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(w.registry.ctx, cancel)()
	wait := cli.Backoff{Min: 100 * time.Millisecond, Max: 2 * time.Second}
	for ctx.Err() == nil {
		begin := time.Now()
		client, err := w.registry.acquire(ctx)
		if err == nil {
			err = w.follow(ctx, client)
		}
		if ctx.Err() != nil {
			return
		}
		if time.Since(begin) > relistEvery {
			wait.Reset()
		}
		if wait.Loud() {
			w.registry.log.Warn("lost sight of the registry, keeping the last known instances", "service", w.service, "error", err.Error())
		}
		w.registry.discard(client)
		wait.Wait(ctx)
	}
}

// follow lists, then watches from there, until something goes wrong.
func (w *etcdWatch) follow(ctx context.Context, client *clientv3.Client) error {
	if err := w.list(ctx, client, true); err != nil {
		return err
	}
	// A watcher of its own is a stream of its own, opened with a fresh token: the token of a shared stream may have expired.
	watcher := clientv3.NewWatcher(client)
	defer watcher.Close()
	events := watcher.Watch(clientv3.WithRequireLeader(ctx), w.prefix, clientv3.WithPrefix(), clientv3.WithRev(w.view.revision+1))
	ticker := time.NewTicker(relistEvery)
	defer ticker.Stop()
	for {
		select {
		case response, open := <-events:
			if !open {
				return errors.New("the watch ended")
			}
			if err := response.Err(); err != nil {
				return err
			}
			w.apply(response)
			w.publish(ctx)
		case <-ticker.C:
			known := w.view.revision
			if err := w.list(ctx, client, false); err != nil {
				return err
			}
			if w.view.revision < known {
				return errors.New("the registry lost its data")
			}
		}
	}
}

// list reads everything; the read is linearizable, so it is never older than an event that came before.
func (w *etcdWatch) list(ctx context.Context, client *clientv3.Client, reconnected bool) error {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	response, err := client.Get(call, w.prefix, clientv3.WithPrefix())
	if err != nil {
		return err
	}
	listed := map[string]Instance{}
	for _, pair := range response.Kvs {
		if instance, ok := w.decode(pair.Key, pair.Value); ok {
			listed[string(pair.Key)] = instance
		}
	}
	w.view.replace(listed, response.Header.Revision, reconnected, time.Now())
	w.publish(ctx)
	return nil
}

func (w *etcdWatch) apply(response clientv3.WatchResponse) {
	newest := w.view.revision
	for _, event := range response.Events {
		newest = max(newest, event.Kv.ModRevision)
		if event.Type == clientv3.EventTypeDelete {
			w.view.remove(string(event.Kv.Key), event.Kv.ModRevision)
		} else if instance, ok := w.decode(event.Kv.Key, event.Kv.Value); ok {
			w.view.put(string(event.Kv.Key), instance, event.Kv.ModRevision)
		}
	}
	// Only now: the events of one transaction share a revision.
	w.view.revision = newest
}

func (w *etcdWatch) decode(key, value []byte) (Instance, bool) {
	var instance Instance
	if err := json.Unmarshal(value, &instance); err != nil || instance.Address == "" {
		w.registry.log.Warn("an entry of the registry is not an instance, ignored", "key", string(key))
		return Instance{}, false
	}
	return instance, true
}

// publish sends what is known when it is news.
func (w *etcdWatch) publish(ctx context.Context) {
	snapshot := w.view.snapshot()
	if w.sent != nil && reflect.DeepEqual(snapshot, w.sent) {
		return
	}
	w.sent = snapshot
	send(ctx, w.output, snapshot)
}
