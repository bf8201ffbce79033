package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A process is a server that was started, with its children.
type process struct {
	cmd  *exec.Cmd
	in   *os.File      // commands to it
	out  *bufio.Reader // its answers
	gone chan struct{}
	// group accounts for it and all that descend from it, those that nobody
	// waited for too; nil where control groups cannot be had.
	group *os.File
}

// start starts a program that ends, at the latest, with this one. What it says
// on its standard error goes to log.
func start(log *os.File, env []string, name string, args ...string) (*process, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	group := newGroup()
	if group != nil {
		cmd.SysProcAttr.UseCgroupFD, cmd.SysProcAttr.CgroupFD = true, int(group.Fd())
	}
	in, stdin, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	cmd.Stdin = in
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		stdin.Close()
		return nil, err
	}
	p := &process{cmd: cmd, in: stdin, out: bufio.NewReader(stdout), gone: make(chan struct{}), group: group}
	go func() {
		cmd.Process.Wait()
		close(p.gone)
	}()
	return p, nil
}

// stop ends the process and waits until it has.
func (p *process) stop() {
	p.in.Close()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.gone:
	case <-time.After(5 * time.Second):
		p.cmd.Process.Kill()
		<-p.gone
	}
	if p.group != nil {
		removeGroup(p.group)
	}
}

// ask gives a worker a command and returns its answer.
func (p *process) ask(command string) (string, error) {
	if command != "" {
		if _, err := fmt.Fprintln(p.in, command); err != nil {
			return "", err
		}
	}
	line, err := p.out.ReadString('\n')
	return strings.TrimSpace(line), err
}

// cpu returns the processor time of the process, its threads and its children,
// those that have ended too.
func (p *process) cpu() time.Duration {
	if p.group != nil {
		return groupUsage(p.group)
	}
	var sum time.Duration
	for _, pid := range tree(p.cmd.Process.Pid) {
		sum += clock(pid) + reaped(pid)
	}
	return sum
}

// tree returns a process and all that descend from it.
func tree(pid int) []int {
	all := []int{pid}
	tasks, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	for _, task := range tasks {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, task.Name()))
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				all = append(all, tree(child)...)
			}
		}
	}
	return all
}

// clock reads the processor time clock of a process (clock_getcpuclockid(3)).
func clock(pid int) time.Duration {
	const sched = 2
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|sched), &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// reaped returns the processor time of the children that have been waited for,
// to a hundredth of a second.
func reaped(pid int) time.Duration {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 15 {
		return 0
	}
	user, _ := strconv.Atoi(fields[13])
	system, _ := strconv.Atoi(fields[14])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// resident returns the resident memory of a process and its children in bytes.
// What several of them share counts for each.
func (p *process) resident() (size float64) {
	for _, pid := range tree(p.cmd.Process.Pid) {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		fields := strings.Fields(string(text))
		if len(fields) > 1 {
			pages, _ := strconv.Atoi(fields[1])
			size += float64(pages * os.Getpagesize())
		}
	}
	return size
}
