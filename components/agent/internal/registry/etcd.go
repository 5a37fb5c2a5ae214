package registry

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"flotilla.dev/agent/internal/cli"
)

// etcd keeps instances below <prefix>services/<service>/<instance>, each held by its own lease.
type etcd struct {
	*session[*clientv3.Client]
	prefix string
}

func openEtcd(options Options, log *slog.Logger) (Registry, error) {
	if err := checkURLs(options, "https://registry:2379"); err != nil {
		return nil, err
	}
	if err := checkPath(options); err != nil {
		return nil, err
	}
	if err := checkLogin(options); err != nil {
		return nil, err
	}
	open := func(ctx context.Context) (*clientv3.Client, error) { return NewEtcdClient(ctx, options) }
	shut := func(client *clientv3.Client) { _ = client.Close() }
	return &etcd{newSession(open, shut, log), options.Prefix + "services/"}, nil
}

func (e *etcd) Close() { e.end() }

// NewEtcdClient logs in within two seconds or fails.
func NewEtcdClient(ctx context.Context, options Options) (*clientv3.Client, error) {
	authorities, err := trust(options.CAFile)
	if err != nil {
		return nil, err
	}
	config := clientv3.Config{
		Context:              ctx,
		Endpoints:            options.Endpoints,
		TLS:                  authorities,
		DialTimeout:          callTimeout,
		DialKeepAliveTime:    10 * time.Second, // the least that gRPC allows
		DialKeepAliveTimeout: 3 * time.Second,  // also the limit for unacknowledged bytes
		Logger:               zap.NewNop(),
		DialOptions: []grpc.DialOption{
			grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
				return dialer.DialContext(ctx, "tcp", address)
			}),
			grpc.WithConnectParams(grpc.ConnectParams{
				Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second},
				MinConnectTimeout: callTimeout,
			}),
		},
	}
	if options.User != "" {
		password, err := cli.ReadSecret(options.PasswordFile)
		if err != nil {
			return nil, err
		}
		config.Username, config.Password = options.User, password
	}
	return clientv3.New(config)
}

// etcdRegistration is one key under a lease.
type etcdRegistration struct {
	registry   *etcd
	key, value string
	lease      clientv3.LeaseID
}

func (e *etcd) Announce(instance Instance) Announcement {
	key := e.prefix + instance.Service + "/" + instance.Instance
	return announce(e.ctx, &etcdRegistration{registry: e, key: key, value: string(encode(instance))}, e.log.With("key", key))
}

func (r *etcdRegistration) ensure(ctx context.Context) error {
	client, err := r.registry.acquire(ctx)
	if err != nil {
		return err
	}
	if err = r.write(ctx, client); err != nil {
		r.registry.discard(client)
	}
	return err
}

// write renews the lease, or makes a new one, and writes the key where it is missing.
func (r *etcdRegistration) write(ctx context.Context, client *clientv3.Client) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if r.lease != clientv3.NoLease {
		_, err := client.KeepAliveOnce(ctx, r.lease)
		if err != nil && !errors.Is(err, rpctypes.ErrLeaseNotFound) {
			return err
		}
		if err != nil {
			r.lease = clientv3.NoLease
		}
	}
	if r.lease == clientv3.NoLease {
		lease, err := client.Grant(ctx, leaseSeconds)
		if err != nil {
			return err
		}
		// Known before the key is written, so that a removal in between takes it out too.
		r.lease = lease.ID
	}
	_, err := client.Txn(ctx).
		If(clientv3.Compare(clientv3.LeaseValue(r.key), "=", r.lease)).
		Else(clientv3.OpPut(r.key, r.value, clientv3.WithLease(r.lease))).
		Commit()
	return err
}

// remove revokes the lease, which deletes the key.
func (r *etcdRegistration) remove(ctx context.Context) error {
	if r.lease == clientv3.NoLease {
		return nil
	}
	client, err := r.registry.acquire(ctx)
	if err == nil {
		_, err = client.Revoke(ctx, r.lease)
	}
	if errors.Is(err, rpctypes.ErrLeaseNotFound) {
		return nil
	}
	return err
}

func (e *etcd) Watch(ctx context.Context, service string) <-chan []Instance {
	return startWatch(ctx, e.ctx, service, e.log, func(ctx context.Context, w *watch) error {
		client, err := e.acquire(ctx)
		if err != nil {
			return err
		}
		err = e.follow(ctx, client, w)
		e.discard(client)
		return err
	})
}

// follow lists, then watches from there, until something goes wrong.
func (e *etcd) follow(ctx context.Context, client *clientv3.Client, w *watch) error {
	prefix := e.prefix + w.service + "/"
	if err := list(ctx, client, prefix, w, true); err != nil {
		return err
	}
	// A watcher of its own is a stream of its own, opened with a fresh token: the token of a shared stream may have expired.
	watcher := clientv3.NewWatcher(client)
	defer watcher.Close()
	events := watcher.Watch(clientv3.WithRequireLeader(ctx), prefix, clientv3.WithPrefix(), clientv3.WithRev(w.revision+1))
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
			apply(w, response)
			w.publish(ctx)
		case <-ticker.C:
			if err := list(ctx, client, prefix, w, false); err != nil {
				return err
			}
		}
	}
}

// list reads everything; the read is linearizable, so it is never older than an event that came before.
func list(ctx context.Context, client *clientv3.Client, prefix string, w *watch, reconnected bool) error {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	response, err := client.Get(call, prefix, clientv3.WithPrefix())
	if err != nil {
		return err
	}
	listed := map[string]Instance{}
	for _, pair := range response.Kvs {
		if instance, ok := w.decode(string(pair.Key), pair.Value); ok {
			listed[string(pair.Key)] = instance
		}
	}
	return w.list(ctx, listed, response.Header.Revision, reconnected)
}

func apply(w *watch, response clientv3.WatchResponse) {
	newest := w.revision
	for _, event := range response.Events {
		newest = max(newest, event.Kv.ModRevision)
		key := string(event.Kv.Key)
		if event.Type == clientv3.EventTypeDelete {
			w.remove(key, event.Kv.ModRevision)
		} else if instance, ok := w.decode(key, event.Kv.Value); ok {
			w.put(key, instance, event.Kv.ModRevision)
		}
	}
	// Only now: the events of one transaction share a revision.
	w.revision = newest
}
