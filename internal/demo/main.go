// Command demo shows the provider at work on a real Kafka and Kafka Connect, from `go build` to `terraform destroy`:
//
//	demo [-keep]
//	demo tell METHOD URL [FILE]
//
// Start it in the root of the checkout (`make demo`). It works in a temporary folder. At the end, and after a failure or an
// interrupt, it stops and removes everything. With -keep it first waits for an interrupt. Its Terraform configuration runs
// the second form to start and stop the worker.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// user is the only user of the brokers. Its password has characters that need escapes in JAAS and properties files.
var user = stack.User{Name: "demo", Password: ` a"b\c;#=${x}é漢 `}

func main() {
	keep := flag.Bool("keep", false, "leave everything running until Ctrl-C")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := func() error { return demo(ctx, *keep) }
	if flag.Arg(0) == "tell" {
		run = func() error { return tell(ctx, flag.Args()[1:]) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// demo runs all steps in a temporary folder.
func demo(ctx context.Context, keep bool) error {
	dir, err := os.MkdirTemp("", "kafkaconnect-demo-")
	if err != nil {
		return err
	}
	d := &show{dir: dir, start: time.Now()}
	err = d.run(ctx)
	if err == nil && keep {
		d.printAddresses()
		<-ctx.Done()
		return d.stop(context.WithoutCancel(ctx))
	}
	if err == nil {
		d.step("Destroying connectors, worker, worker file and topics")
		err = d.terraform(ctx, "destroy", "-auto-approve", "-input=false")
	}
	if ctx.Err() != nil {
		err = errors.New("interrupted") // hides the errors that the interrupt caused
	}
	// The processes must be stopped also if ctx was cancelled.
	return errors.Join(err, d.stop(context.WithoutCancel(ctx)))
}

// show is one run of the demo.
type show struct {
	dir        string // contains all files
	start      time.Time
	cluster    *stack.Stack // nil until it is up
	supervisor *supervisor  // nil until then
	connectURL string       // of the worker
}

// run builds the provider, applies the example, changes the partitions of a topic, and checks that the next plan is empty.
func (d *show) run(ctx context.Context) error {
	d.step("Building the provider")
	if err := command(ctx, "go", "build", "-o", d.path("bin")+"/", ".").Run(); err != nil {
		return fmt.Errorf("unable to build the provider: %w", err)
	}
	d.step("Starting a Kafka broker with TLS and SCRAM (the first run downloads Kafka)")
	if err := d.up(ctx); err != nil {
		return err
	}
	d.step("Applying examples/demo: topics, worker file, worker and connectors")
	variables := d.variables()
	if err := errors.Join(copyExample("examples/demo", d.path(workspace)), d.setVariables(variables), appendLines(d.source(), firstLines)); err != nil {
		return err
	}
	if err := d.terraform(ctx, "apply", "-auto-approve", "-input=false"); err != nil {
		return err
	}
	d.step("Waiting for the lines in the sink file")
	if err := followLines(ctx, d.sink(), firstLines, 0); err != nil {
		return err
	}
	d.step("Applying another number of partitions of the offset topic: the apply stops the worker, changes the topic and starts the worker")
	variables["offset_partitions"] = 50
	if err := d.setVariables(variables); err != nil {
		return err
	}
	if err := d.terraform(ctx, "apply", "-auto-approve", "-input=false"); err != nil {
		return err
	}
	d.step("Waiting for more lines in the sink file")
	err := appendLines(d.source(), secondLines)
	if err == nil {
		err = followLines(ctx, d.sink(), slices.Concat(firstLines, secondLines), len(firstLines))
	}
	if err != nil {
		return err
	}
	d.step("Planning again: no changes")
	return d.terraform(ctx, "plan", "-detailed-exitcode", "-input=false")
}

func (d *show) up(ctx context.Context) (err error) {
	d.cluster, err = stack.Up(ctx, stack.Options{Log: os.Stdout, Workers: stack.NoWorkers, SASLSSL: true, Users: []stack.User{user}})
	if err != nil {
		return err
	}
	port, err := d.cluster.FreePort()
	if err != nil {
		return err
	}
	d.connectURL = fmt.Sprintf("http://127.0.0.1:%d", port)
	d.supervisor, err = supervise(ctx, d.cluster)
	return err
}

// stop stops all processes and removes all files.
func (d *show) stop(ctx context.Context) (err error) {
	d.step("Stopping everything")
	if d.supervisor != nil {
		err = d.supervisor.close()
	}
	if d.cluster != nil {
		err = errors.Join(err, d.cluster.Down(ctx))
	}
	return errors.Join(err, os.RemoveAll(d.dir))
}

// step prints the next step and the time since the start.
func (d *show) step(what string) {
	fmt.Printf("\n[%5.1f s] %s\n", time.Since(d.start).Seconds(), what)
}

func (d *show) printAddresses() {
	d.step("Everything keeps running until Ctrl-C")
	fmt.Printf(`
Kafka:      %s (SASL_SSL), %s (PLAINTEXT)
Connect:    curl '%s/connectors?expand=status'
Lines:      echo hello >>%s; cat %s
Terraform:  export TF_CLI_CONFIG_FILE=%s
            cd %s; terraform plan
`, d.cluster.BootstrapSASL(), d.cluster.Bootstrap(), d.connectURL, d.source(), d.sink(), d.path(cliConfig), d.path(workspace))
}

func (d *show) path(name string) string { return filepath.Join(d.dir, name) }
func (d *show) source() string          { return d.path("source.txt") }
func (d *show) sink() string            { return d.path("sink.txt") }
