package registry

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"flotilla.dev/agent/internal/cli"
)

const (
	// leaseSeconds is how long an instance stays after its agent fell silent.
	leaseSeconds = 8
	// Three renewals may get lost before the lease ends.
	renewEvery = 2500 * time.Millisecond
)

// registration is one instance in a registry of some kind.
type registration interface {
	// ensure registers the instance where it is not, and renews its lease.
	ensure(ctx context.Context) error
	// remove takes it out, also when an ensure before it was cut off.
	remove(ctx context.Context) error
}

// announcement ensures a registration until it is withdrawn.
type announcement struct {
	registration
	log        *slog.Logger
	registered atomic.Bool
	// Ends keep; done is closed when it has ended.
	stop context.CancelFunc
	done chan struct{}
}

func announce(ctx context.Context, registration registration, log *slog.Logger) *announcement {
	ctx, stop := context.WithCancel(ctx)
	a := &announcement{registration: registration, log: log, stop: stop, done: make(chan struct{})}
	go a.keep(ctx)
	return a
}

func (a *announcement) Registered() bool { return a.registered.Load() }

func (a *announcement) keep(ctx context.Context) {
	defer close(a.done)
	wait := cli.Backoff{Min: 100 * time.Millisecond, Max: 2 * time.Second}
	lost := true
	for ctx.Err() == nil {
		err := a.ensure(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			if lost {
				a.log.Info("registered")
			}
			lost = false
			a.registered.Store(true)
			wait.Reset()
			cli.Sleep(ctx, renewEvery)
		default:
			if wait.Loud() {
				a.log.Warn("not registered, trying again", "error", err.Error())
			}
			lost = true
			wait.Wait(ctx)
		}
	}
}

func (a *announcement) Withdraw(ctx context.Context) {
	a.stop()
	<-a.done
	if err := a.remove(ctx); err != nil {
		a.log.Warn("could not deregister; the lease ends by itself", "seconds", leaseSeconds, "error", err.Error())
		return
	}
	a.log.Info("deregistered")
}
