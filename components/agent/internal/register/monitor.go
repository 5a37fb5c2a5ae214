package register

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"flotilla.dev/agent/internal/cli"
	"flotilla.dev/agent/internal/probe"
)

const (
	// While the process starts, so that it is found as soon as it can serve.
	startingInterval = 250 * time.Millisecond
	// However rare the probes: a process that is gone must be noticed well within 15 s.
	knockInterval = 5 * time.Second
)

// monitor turns single probes into a state.
type monitor struct {
	// What has to succeed once before, if anything, the probe itself, and a plain connection that tells whether anybody listens.
	first, check, knock probe.Check
	interval, timeout   time.Duration
	retries             int

	healthy  bool
	failures int
	// Nobody listens (yet).
	gone bool
	// The plain connection worked when the probe did, so that its refusal means something.
	knockable bool
}

// run probes until ctx ends. It reports nil when the process becomes healthy, and why while it is not.
func (m *monitor) run(ctx context.Context, report func(error)) {
	m.gone = true
	for {
		m.step(ctx, report)
		if !m.pause(ctx, report) {
			return
		}
	}
}

func (m *monitor) step(ctx context.Context, report func(error)) {
	err := m.probe(ctx)
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		m.failures, m.gone = 0, false
		if !m.healthy {
			m.healthy = true
			m.knockable = m.ask(ctx, m.knock) == nil
			report(nil)
		}
		return
	}
	m.failures++
	gone := m.isGone(ctx)
	// A starting process stays "gone" while it listens but does not answer yet.
	m.gone = gone || (m.gone && !m.healthy)
	if !m.healthy || gone || m.failures >= m.retries {
		m.healthy = false
		report(err)
	}
}

func (m *monitor) probe(ctx context.Context) error {
	if m.first != nil {
		if err := m.ask(ctx, m.first); err != nil {
			return fmt.Errorf("what it waits for: %w", err)
		}
		m.first = nil
	}
	return m.ask(ctx, m.check)
}

// pause waits for the next probe; a healthy process is knocked at meanwhile. It returns false when ctx ended.
func (m *monitor) pause(ctx context.Context, report func(error)) bool {
	remaining := m.interval
	if m.gone {
		remaining = min(startingInterval, m.interval)
	}
	for remaining > 0 && ctx.Err() == nil {
		nap := min(remaining, knockInterval)
		cli.Sleep(ctx, nap)
		remaining -= nap
		if remaining > 0 && m.healthy && m.isGone(ctx) {
			m.healthy, m.gone = false, true
			report(errors.New("nobody listens on its port any more"))
			return true
		}
	}
	return ctx.Err() == nil
}

func (m *monitor) isGone(ctx context.Context) bool {
	return m.knockable && errors.Is(m.ask(ctx, m.knock), syscall.ECONNREFUSED)
}

func (m *monitor) ask(ctx context.Context, check probe.Check) error {
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	err := check(ctx)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", m.timeout)
	}
	return err
}
