package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// children knows the processes that were started here, and buries those of others whose parent has died: an init must.
type children struct {
	lock  sync.Mutex
	ended map[int]chan syscall.WaitStatus
}

func newChildren() *children {
	return &children{ended: map[int]chan syscall.WaitStatus{}}
}

// start starts a program; its status comes once it has ended.
func (c *children) start(command []string, attributes *os.ProcAttr) (*os.Process, <-chan syscall.WaitStatus, error) {
	// Held until the process is known, else its status might be taken for an orphan's.
	c.lock.Lock()
	defer c.lock.Unlock()
	process, err := os.StartProcess(command[0], command, attributes)
	if err != nil {
		return nil, nil, err
	}
	ended := make(chan syscall.WaitStatus, 1)
	c.ended[process.Pid] = ended
	return process, ended, nil
}

// reap takes the status of every process that ends, until the context ends.
func (c *children) reap(ctx context.Context) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCHLD)
	defer signal.Stop(signals)
	for {
		c.reapEnded()
		select {
		case <-signals:
		case <-ctx.Done():
			return
		}
	}
}

func (c *children) reapEnded() {
	c.lock.Lock()
	defer c.lock.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid == 0 {
			return
		}
		if ended, ours := c.ended[pid]; ours {
			delete(c.ended, pid)
			ended <- status
		}
	}
}
