package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	restartPause = 500 * time.Millisecond
	pollPause    = 50 * time.Millisecond
	stopGrace    = 5 * time.Second
)

// component is a program that must run.
type component struct {
	Name    string   `json:"name"`
	Command []string `json:"command"`
	// Environment is all that it gets, as NAME=value.
	Environment []string `json:"environment"`
	// After are the addresses that must answer before it is started: a socket's path, or HOST:PORT.
	After []string `json:"after"`
}

// supervise keeps every component of a plan running until the context ends, and then ends them.
func supervise(ctx context.Context, wanted plan) error {
	if err := os.MkdirAll(wanted.Logs, 0o755); err != nil {
		return err
	}
	processes := newChildren()
	reaping, stopReaping := context.WithCancel(context.Background())
	defer stopReaping()
	go processes.reap(reaping)
	var running sync.WaitGroup
	for _, part := range wanted.Components {
		running.Go(func() { part.keepRunning(ctx, processes, wanted.Logs) })
	}
	running.Wait()
	return nil
}

func (c component) keepRunning(ctx context.Context, processes *children, logs string) {
	for awaitAnswers(ctx, c.After) {
		log.Printf("%s starts", c.Name)
		log.Printf("%s has ended: %s", c.Name, c.runOnce(ctx, processes, logs))
		select {
		case <-time.After(restartPause):
		case <-ctx.Done():
		}
	}
}

// runOnce runs a component to its end and says what that was.
func (c component) runOnce(ctx context.Context, processes *children, logs string) string {
	output, err := os.OpenFile(filepath.Join(logs, c.Name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err.Error()
	}
	defer output.Close()
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		return err.Error()
	}
	defer nothing.Close()
	process, ended, err := processes.start(c.Command, &os.ProcAttr{
		Dir:   "/",
		Env:   c.Environment,
		Files: []*os.File{nothing, output, output},
		Sys:   &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		return err.Error()
	}
	select {
	case status := <-ended:
		return describe(status)
	case <-ctx.Done():
		return describe(end(process, ended))
	}
}

func end(process *os.Process, ended <-chan syscall.WaitStatus) syscall.WaitStatus {
	_ = process.Signal(syscall.SIGTERM)
	select {
	case status := <-ended:
		return status
	case <-time.After(stopGrace):
		_ = process.Kill()
		return <-ended
	}
}

func describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return fmt.Sprintf("signal %s", status.Signal())
	}
	return fmt.Sprintf("exit code %d", status.ExitStatus())
}

// awaitAnswers returns true once all addresses answer, false when the context has ended.
func awaitAnswers(ctx context.Context, addresses []string) bool {
	for _, address := range addresses {
		for !answers(address) {
			select {
			case <-time.After(pollPause):
			case <-ctx.Done():
				return false
			}
		}
	}
	return ctx.Err() == nil
}

func answers(address string) bool {
	network := "tcp"
	if strings.HasPrefix(address, "/") {
		network = "unix"
	}
	connection, err := net.DialTimeout(network, address, time.Second)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}
