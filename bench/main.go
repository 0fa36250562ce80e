// Command bench measures Terraform with this provider on a real Kafka Connect worker. It compares the result with plain HTTP
// requests, and with another provider or an older build of this one:
//
//	bench [-sizes 10,100] [-rounds 1] [-stopped 0] [-peer FILE [-peer-tf FILE]]
//	bench -render results.json
//
// Start it in the root of the checkout (`make bench`). It builds the provider and starts a broker and a worker, which it stops
// at the end and on interrupt. An interrupted run writes the results it has. The second form writes the tables and the plot of
// an earlier run again.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/report"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.render != "" {
		r, err := report.Load(o.render)
		if err != nil {
			return err
		}
		return o.write(r)
	}
	r, err := benchmark(ctx, o, os.Stdout)
	if ctx.Err() != nil {
		err = errors.New("interrupted: the results are partial")
	}
	if len(r.Samples) == 0 {
		return err
	}
	if o.readme != "" && !r.Complete {
		o.results, o.readme = unpublished, "" // a partial run must not replace the published results
	}
	err = errors.Join(err, o.write(r))
	fmt.Printf("\nResults: %s\n", o.results)
	return err
}

// write writes the results.
func (o options) write(r result.Run) error {
	err := report.Write(o.results, r)
	if o.readme == "" {
		return err
	}
	return errors.Join(err, report.UpdateReadme(o.readme, filepath.ToSlash(o.results), r))
}
