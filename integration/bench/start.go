package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// runs is how many processes cgi-start runs in one measurement.
const runs = 100

// measureRuns runs CGI programs.
func (s *site) measureRuns(ctx context.Context, p plan, r row) ([]result, error) {
	samples := make([][]sample, len(r.peers))
	for round := -1; round < p.rounds; round++ {
		for i, name := range r.peers {
			spent, err := s.runProgram(ctx, programs[name])
			if err != nil {
				return nil, fmt.Errorf("bench: %s: %w", name, err)
			}
			if round >= 0 {
				samples[i] = append(samples[i], sample{cpu: spent.Seconds() * 1e6 / runs})
			}
		}
	}
	var results []result
	for i, name := range r.peers {
		if err := s.countProgram(ctx, programs[name], samples[i][0]); err != nil {
			return nil, fmt.Errorf("bench: %s: %w", name, err)
		}
		results = append(results, summary(name, samples[i]))
	}
	return results, nil
}

// environment is that of a CGI program.
var environment = []string{"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "SCRIPT_NAME=/hello", "REQUEST_URI=/hello", "QUERY_STRING=",
	"SERVER_PROTOCOL=HTTP/1.1", "SERVER_SOFTWARE=bench", "SERVER_NAME=localhost", "SERVER_PORT=80", "REMOTE_ADDR=127.0.0.1",
	"HTTP_HOST=localhost", "HTTP_USER_AGENT=bench/1.0", "HTTP_ACCEPT=*/*", "PATH=/usr/bin:/bin"}

// countProgram notes how many system calls a program makes, where perf may count
// them, and how much memory it had at most. What the kernel says of that to its
// parent counts the parent's, too, so a small one is between.
func (s *site) countProgram(ctx context.Context, program string, one sample) error {
	run := func(name string, args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, name, append(args, s.path(program))...)
		var log strings.Builder
		cmd.Env, cmd.Stderr = environment, &log
		_, err := cmd.Output()
		return strings.TrimSpace(log.String()), err
	}
	text, err := run("time", "-f", "%M")
	if err != nil {
		return fmt.Errorf("time: %w: %s", err, text)
	}
	kib, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return err
	}
	one[memory] = kib * 1024
	if text, err := run("perf", "stat", "-x,", "-e", perfEvents()); err == nil {
		one.countCalls(perfCounts(text), 1)
	}
	return nil
}

func (s *site) runProgram(ctx context.Context, program string) (spent time.Duration, err error) {
	for range runs {
		cmd := exec.CommandContext(ctx, s.path(program))
		cmd.Env = environment
		output, err := cmd.Output()
		if err != nil || len(output) < 13 {
			return 0, fmt.Errorf("%w, output %q", err, output)
		}
		usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		spent += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	return spent, nil
}
