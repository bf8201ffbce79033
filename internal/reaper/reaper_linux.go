package reaper

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// listenHere marks sockets that are meant for this process, though it had no number yet when they were passed on.
const listenHere = "POSTERN_LISTEN_HERE"

// Inherits says whether this process gets the orphans of others for its children: as process 1 of a container, or as a subreaper.
func Inherits() bool {
	var subreaper int32
	syscall.RawSyscall(syscall.SYS_PRCTL, unix.PR_GET_CHILD_SUBREAPER, uintptr(unsafe.Pointer(&subreaper)), 0)
	return os.Getpid() == 1 || subreaper != 0
}

// Supervise runs this command once more and returns its exit status. It passes signals on and reaps orphans, which the other one never sees: so
// neither takes the exit status of a program away from the one that waits for it.
func Supervise() (int, error) {
	path, err := os.Executable()
	if err != nil {
		path, err = exec.LookPath(os.Args[0])
	}
	if err != nil {
		return 0, err
	}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2)
	defer signal.Stop(signals)
	// In a group of its own it does not get the signals of a terminal twice. The one who starts it is a thread: this one stays.
	runtime.LockOSThread()
	child, err := os.StartProcess(path, os.Args, &os.ProcAttr{
		Env: childEnviron(), Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}, Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM},
	})
	if err != nil {
		return 0, err
	}
	go func() {
		for s := range signals {
			child.Signal(s)
		}
	}()
	return reapUntil(child.Pid)
}

// reapUntil reaps whatever ends, until it is the process pid, whose exit status it returns.
func reapUntil(pid int) (int, error) {
	for {
		var status syscall.WaitStatus
		ended, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 0, fmt.Errorf("wait: %w", err)
		case ended == pid && status.Signaled():
			return 128 + int(status.Signal()), nil
		case ended == pid:
			return status.ExitStatus(), nil
		}
	}
}

// childEnviron is the environment for the process that takes over the sockets of this one.
func childEnviron() []string {
	if os.Getenv("LISTEN_PID") == strconv.Itoa(os.Getpid()) {
		os.Setenv(listenHere, "1")
	}
	return os.Environ()
}

// TakeSockets is for the process that Supervise started, before it reads LISTEN_PID.
func TakeSockets() {
	if os.Getenv(listenHere) != "" {
		os.Unsetenv(listenHere)
		os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))
	}
}
