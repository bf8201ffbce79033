package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	short := set.Bool("short", false, "measure less: three minutes instead of ten")
	only := set.String("only", "", "measure the rows whose id matches this `regexp`")
	out := set.String("out", "", "write results.md, results.csv and results.svg into this `directory`")
	if err := set.Parse(args); err != nil {
		return err
	}
	match, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	p := plan{rounds: 7, period: 700 * time.Millisecond}
	if *short {
		p = plan{rounds: 5, period: 200 * time.Millisecond}
	}
	s, err := newSite()
	if err != nil {
		return err
	}
	defer s.close()
	var all report
	for _, r := range rows {
		if !match.MatchString(r.id) {
			continue
		}
		results, err := s.measure(ctx, p, r)
		if err != nil {
			log, _ := os.ReadFile(s.log.Name())
			return fmt.Errorf("%w\n%s", err, log)
		}
		all = append(all, finding{r, results})
		fmt.Print(all[len(all)-1].markdown())
	}
	fmt.Print("\n", all.targets())
	if *out == "" {
		return nil
	}
	return all.write(*out)
}
