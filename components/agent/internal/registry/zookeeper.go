package registry

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"time"

	"github.com/go-zookeeper/zk"

	"flotilla.dev/agent/internal/cli"
)

// zooKeeper keeps instances as ephemeral nodes <prefix>services/<service>/<instance>; the session is their lease.
type zooKeeper struct {
	*session[*ZooKeeperClient]
	prefix string
	// Of what this agent makes.
	acl []zk.ACL
}

func openZooKeeper(options Options, log *slog.Logger) (Registry, error) {
	if len(options.Endpoints) == 0 {
		return nil, cli.Usagef("--registry zookeeper needs --registry-endpoint; write for example --registry-endpoint registry:2181")
	}
	for _, endpoint := range options.Endpoints {
		if host, _, err := net.SplitHostPort(endpoint); err != nil || host == "" {
			return nil, cli.Usagef("--registry-endpoint must be HOST:PORT for zookeeper, got %q; write for example registry:2181", endpoint)
		}
	}
	if err := checkPath(options); err != nil {
		return nil, err
	}
	if err := checkLogin(options); err != nil {
		return nil, err
	}
	acl := zk.WorldACL(zk.PermAll)
	if options.User != "" {
		// For whoever is logged in as its maker.
		acl = zk.AuthACL(zk.PermRead | zk.PermWrite | zk.PermCreate | zk.PermDelete)
	}
	open := func(ctx context.Context) (*ZooKeeperClient, error) { return NewZooKeeperClient(ctx, options) }
	return &zooKeeper{newSession(open, (*ZooKeeperClient).Drop, log), options.Prefix + "services/", acl}, nil
}

func (z *zooKeeper) Close() { z.end() }

// zooKeeperRegistration is one ephemeral node.
type zooKeeperRegistration struct {
	registry *zooKeeper
	path     string
	value    []byte
}

func (z *zooKeeper) Announce(instance Instance) Announcement {
	node := z.prefix + instance.Service + "/" + instance.Instance
	return announce(z.ctx, &zooKeeperRegistration{z, node, encode(instance)}, z.log.With("key", node))
}

func (r *zooKeeperRegistration) ensure(ctx context.Context) error {
	client, err := r.registry.acquire(ctx)
	if err != nil {
		return err
	}
	if err = client.Within(ctx, func() error { return r.write(client) }); err != nil {
		r.registry.discard(client)
	}
	return err
}

// write makes the node where this session does not have it already.
func (r *zooKeeperRegistration) write(client *ZooKeeperClient) error {
	found, stat, err := client.Exists(r.path)
	switch {
	case err != nil:
		return err
	case found && stat.EphemeralOwner == client.SessionID():
		return nil
	case found:
		// Of an earlier session, with which it would go. Both at once: nobody misses the instance meanwhile.
		_, err = client.Multi(&zk.DeleteRequest{Path: r.path, Version: stat.Version},
			&zk.CreateRequest{Path: r.path, Data: r.value, Acl: r.registry.acl, Flags: zk.FlagEphemeral})
		return err
	}
	return client.create(r.path, r.value, zk.FlagEphemeral, r.registry.acl)
}

func (r *zooKeeperRegistration) remove(ctx context.Context) error {
	client, err := r.registry.acquire(ctx)
	if err == nil {
		err = client.Within(ctx, func() error { return client.Delete(r.path, -1) })
	}
	if errors.Is(err, zk.ErrNoNode) {
		return nil
	}
	return err
}

func (z *zooKeeper) Watch(ctx context.Context, service string) <-chan []Instance {
	return startWatch(ctx, z.ctx, service, z.log, func(ctx context.Context, w *watch) error {
		client, err := z.acquire(ctx)
		if err != nil {
			return err
		}
		err = z.follow(ctx, client, w)
		z.discard(client)
		return err
	})
}

// follow lists at each change, and when it is time to look whether one was missed.
func (z *zooKeeper) follow(ctx context.Context, client *ZooKeeperClient, w *watch) error {
	ticker := time.NewTicker(relistEvery)
	defer ticker.Stop()
	var changes <-chan zk.Event
	for reconnected := true; ; reconnected = false {
		// Of their own for each turn, as a call that was given up may still write to them.
		listed, known, next := map[string]Instance{}, maps.Clone(w.instances), changes
		var revision int64
		err := client.Within(ctx, func() (err error) {
			revision, err = z.list(client, w, known, listed, &next)
			return err
		})
		if err == nil {
			changes = next
			err = w.list(ctx, listed, revision, reconnected)
		}
		if err != nil {
			return err
		}
		select {
		case event := <-changes:
			if event.Err != nil {
				return event.Err
			}
			changes = nil
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// list reads the nodes of a service and the revision of that list, and asks for the next change where nobody has yet.
func (z *zooKeeper) list(client *ZooKeeperClient, w *watch, known, listed map[string]Instance, changes *<-chan zk.Event) (int64, error) {
	parent := z.prefix + w.service
	names, stat, err := client.children(parent, changes)
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		node := parent + "/" + name
		if instance, found := known[node]; found {
			listed[node] = instance // an instance never changes: a new one has a new name
			continue
		}
		value, _, err := client.Get(node)
		if errors.Is(err, zk.ErrNoNode) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if instance, ok := w.decode(node, value); ok {
			listed[node] = instance
		}
	}
	return stat.Pzxid, nil
}
