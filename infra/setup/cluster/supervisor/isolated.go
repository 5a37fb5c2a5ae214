package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// isolated starts a plan in process and mount namespaces of its own and prints the process id of their init. Its end takes
// every process and every mount with it, whatever containers have made of them.
func isolated(args []string) error {
	if _, err := readPlan(args); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	init := exec.Command(program, append([]string{"init"}, args...)...)
	init.Stderr = os.Stderr
	init.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Setsid:     true,
	}
	if err := init.Start(); err != nil {
		return fmt.Errorf("namespaces of its own cannot be made: %w", err)
	}
	fmt.Println(init.Process.Pid)
	return nil
}

func runAsInit(args []string) error {
	wanted, err := readPlan(args)
	if err != nil {
		return err
	}
	if err := mountApart(wanted.Private); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	return supervise(ctx, wanted)
}

// mountApart hides our mounts from the machine and shows us its own, later ones too; pods may share theirs among them.
func mountApart(private []string) error {
	for _, propagation := range []uintptr{syscall.MS_SLAVE, syscall.MS_SHARED} {
		if err := syscall.Mount("", "/", "", propagation|syscall.MS_REC, ""); err != nil {
			return fmt.Errorf("mounts cannot be set apart: %w", err)
		}
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("/proc cannot be mounted: %w", err)
	}
	for _, folder := range private {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "mode=755"); err != nil {
			return fmt.Errorf("%s cannot be mounted: %w", folder, err)
		}
	}
	return nil
}
