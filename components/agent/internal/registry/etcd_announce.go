package registry

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"flotilla.dev/agent/internal/cli"
)

// leaseSeconds is how long an instance stays after its agent fell silent; the client renews each third of it.
const leaseSeconds = 8

var errLeaseLost = errors.New("the lease was lost")

// etcdAnnouncement keeps one key alive.
type etcdAnnouncement struct {
	registry   *etcd
	key, value string
	registered atomic.Bool
	// Ends keep; done is closed when it has ended.
	stop context.CancelFunc
	done chan struct{}

	mu    sync.Mutex
	lease clientv3.LeaseID
}

func (e *etcd) Announce(instance Instance) Announcement {
	value, err := json.Marshal(instance)
	if err != nil {
		panic(err) // strings and numbers only
	}
	ctx, stop := context.WithCancel(e.ctx)
	a := &etcdAnnouncement{
		registry: e, key: e.prefix + instance.Service + "/" + instance.Instance, value: string(value),
		stop: stop, done: make(chan struct{}),
	}
	go a.keep(ctx)
	return a
}

func (a *etcdAnnouncement) Registered() bool { return a.registered.Load() }

// keep registers, again and again, until ctx ends.
func (a *etcdAnnouncement) keep(ctx context.Context) {
	defer close(a.done)
	wait := cli.Backoff{Min: 100 * time.Millisecond, Max: 2 * time.Second}
	for ctx.Err() == nil {
		client, err := a.registry.acquire(ctx)
		if err == nil {
			err = a.register(ctx, client)
		}
		if err == nil {
			wait.Reset()
			a.registered.Store(true)
			a.registry.log.Info("registered", "key", a.key)
			err = a.renew(ctx, client)
		}
		if ctx.Err() != nil {
			return
		}
		if wait.Loud() {
			a.registry.log.Warn("not registered, trying again", "key", a.key, "error", err.Error())
		}
		a.registry.discard(client)
		wait.Wait(ctx)
	}
}

// register writes the key under a new lease.
func (a *etcdAnnouncement) register(ctx context.Context, client *clientv3.Client) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	lease, err := client.Grant(ctx, leaseSeconds)
	if err != nil {
		return err
	}
	// Known before the key is written, so that a withdrawal in between takes it out too.
	a.mu.Lock()
	a.lease = lease.ID
	a.mu.Unlock()
	_, err = client.Put(ctx, a.key, a.value, clientv3.WithLease(lease.ID))
	return err
}

// renew returns when the lease is gone, or ctx ended.
func (a *etcdAnnouncement) renew(ctx context.Context, client *clientv3.Client) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers, err := client.KeepAlive(ctx, a.lease)
	if err != nil {
		return err
	}
	for range answers {
		if err := a.restore(ctx, client); err != nil && ctx.Err() == nil {
			a.registry.log.Warn("could not check the registration", "key", a.key, "error", err.Error())
		}
	}
	return errLeaseLost
}

// restore writes the key again if somebody deleted it although the lease lives.
func (a *etcdAnnouncement) restore(ctx context.Context, client *clientv3.Client) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := client.Txn(ctx).
		If(clientv3.Compare(clientv3.CreateRevision(a.key), "=", 0)).
		Then(clientv3.OpPut(a.key, a.value, clientv3.WithLease(a.lease))).
		Commit()
	return err
}

// Withdraw revokes the lease, which deletes the key.
func (a *etcdAnnouncement) Withdraw(ctx context.Context) {
	a.stop()
	<-a.done
	a.mu.Lock()
	lease := a.lease
	a.mu.Unlock()
	if lease == clientv3.NoLease {
		return
	}
	client, err := a.registry.acquire(ctx)
	if err == nil {
		_, err = client.Revoke(ctx, lease)
	}
	if err != nil {
		a.registry.log.Warn("could not deregister; the lease ends within 8 s", "key", a.key, "error", err.Error())
		return
	}
	a.registry.log.Info("deregistered", "key", a.key)
}
