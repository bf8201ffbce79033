package main

import (
	"context"
	"fmt"
	"os/exec"
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
		results = append(results, summary(name, samples[i]))
	}
	return results, nil
}

func (s *site) runProgram(ctx context.Context, program string) (spent time.Duration, err error) {
	for range runs {
		cmd := exec.CommandContext(ctx, s.path(program))
		cmd.Env = []string{"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "SCRIPT_NAME=/hello", "REQUEST_URI=/hello", "QUERY_STRING=",
			"SERVER_PROTOCOL=HTTP/1.1", "SERVER_SOFTWARE=bench", "SERVER_NAME=localhost", "SERVER_PORT=80", "REMOTE_ADDR=127.0.0.1",
			"HTTP_HOST=localhost", "HTTP_USER_AGENT=bench/1.0", "HTTP_ACCEPT=*/*", "PATH=/usr/bin:/bin"}
		output, err := cmd.Output()
		if err != nil || len(output) < 13 {
			return 0, fmt.Errorf("%w, output %q", err, output)
		}
		usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		spent += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	return spent, nil
}
