package etcdgate

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"flotilla.dev/agent/internal/cli"
	"flotilla.dev/agent/internal/registry"
)

const (
	checkInterval = 5 * time.Second
	// Until the first success, and after a failure.
	hurriedInterval = 500 * time.Millisecond
	callTimeout     = 2 * time.Second
	// Setting up hashes several passwords, which is slow on purpose.
	setUpTimeout = 20 * time.Second
)

var errAuthOff = errors.New("etcd answers without authentication")

// keeper makes sure that authentication is on, also after etcd lost its data.
type keeper struct {
	options *options
	log     *slog.Logger
	// Without a name: what it is refused tells that authentication is on, and costs etcd no password hash.
	stranger *clientv3.Client
	// Closed when authentication was on for the first time.
	secured chan struct{}

	mu     sync.Mutex
	reason string
}

func newKeeper(options *options, log *slog.Logger) (*keeper, error) {
	stranger, err := registry.NewEtcdClient(context.Background(), registry.Options{
		Endpoints: []string{options.etcd}, CAFile: options.caFile,
	})
	if err != nil {
		return nil, err
	}
	return &keeper{options: options, log: log, stranger: stranger, secured: make(chan struct{}), reason: "starting"}, nil
}

func (k *keeper) close() { _ = k.stranger.Close() }

func (k *keeper) ready() (any, string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return struct{}{}, k.reason
}

// run checks until ctx ends and sets up what is missing.
func (k *keeper) run(ctx context.Context) {
	var once sync.Once
	setUp := false
	for ctx.Err() == nil {
		err := k.check(ctx)
		if errors.Is(err, errAuthOff) || (err == nil && !setUp) {
			err = k.setUp(ctx)
			setUp = err == nil
			if setUp {
				err = k.check(ctx)
			}
		}
		if ctx.Err() != nil {
			return
		}
		k.report(err)
		if err != nil {
			cli.Sleep(ctx, hurriedInterval)
			continue
		}
		once.Do(func() { close(k.secured) })
		cli.Sleep(ctx, checkInterval)
	}
}

// check returns nil when etcd answers and refuses strangers.
func (k *keeper) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := k.stranger.Get(ctx, k.options.prefix, clientv3.WithCountOnly())
	switch {
	case err == nil:
		return errAuthOff
	case errors.Is(err, rpctypes.ErrUserEmpty):
		return nil
	default:
		return err
	}
}

func (k *keeper) report(err error) {
	reason := ""
	if err != nil {
		reason = err.Error()
	}
	k.mu.Lock()
	changed := k.reason != reason
	k.reason = reason
	k.mu.Unlock()
	switch {
	case changed && err != nil:
		k.log.Warn("etcd is not ready", "error", reason)
	case changed:
		k.log.Info("etcd is ready, authentication is on")
	}
}
