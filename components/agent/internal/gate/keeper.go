package gate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"flotilla.dev/agent/internal/cli"
)

const (
	checkInterval = 5 * time.Second
	// Until the first success, and after a failure.
	hurriedInterval = 500 * time.Millisecond
	callTimeout     = 2 * time.Second
	// Setting up hashes several passwords, which is slow on purpose.
	setUpTimeout = 20 * time.Second
)

// errUnprotected means that the registry answers, but does not keep strangers out or does not know the agents yet.
var errUnprotected = errors.New("it answers, but is not protected")

// guard knows how one kind of registry is protected.
type guard interface {
	// check returns nil when the registry answers, refuses strangers and knows the agents; errUnprotected when setUp is needed.
	check(ctx context.Context) error
	// setUp protects it; what is there already stays.
	setUp(ctx context.Context) error
	close()
}

// Each kind of registry that needs a gate; a new kind is one file and one line here.
var guards = map[string]func(options *options) (guard, error){
	"consul":    guardConsul,
	"etcd":      guardEtcd,
	"zookeeper": guardZooKeeper,
}

// keeper makes sure that a registry is protected, also after it lost its data.
type keeper struct {
	guard
	log *slog.Logger
	// Closed when it was protected for the first time.
	secured chan struct{}

	mu     sync.Mutex
	reason string
}

func newKeeper(options *options, log *slog.Logger) (*keeper, error) {
	guard, err := guards[options.kind](options)
	if err != nil {
		return nil, err
	}
	return &keeper{guard: guard, log: log, secured: make(chan struct{}), reason: "starting"}, nil
}

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
		err := k.checkInTime(ctx)
		if errors.Is(err, errUnprotected) || (err == nil && !setUp) {
			err = k.protect(ctx)
			setUp = err == nil
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

func (k *keeper) checkInTime(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return k.check(ctx)
}

func (k *keeper) protect(ctx context.Context) error {
	setting, cancel := context.WithTimeout(ctx, setUpTimeout)
	defer cancel()
	if err := k.setUp(setting); err != nil {
		return fmt.Errorf("setting up authentication: %w", err)
	}
	k.log.Info("authentication set up")
	return k.checkInTime(ctx)
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
		k.log.Warn("the registry is not ready", "error", reason)
	case changed:
		k.log.Info("the registry is ready, authentication is on")
	}
}
