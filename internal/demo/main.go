// Command demo shows the provider at work on a real Kafka and Kafka Connect, from `go build` to `terraform destroy`:
//
//	demo [-keep]
//	demo tell METHOD URL [FILE]
//
// It is started in the root of the checkout (`make demo`), works in a temporary folder, and stops and removes
// everything at the end, on failure and interrupt too; with -keep it says how to go on and waits for an interrupt first. The second form is what its Terraform configuration
// starts and stops the worker with.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// user is the only one whom the brokers let in. The password is of the kind that breaks files written by hand.
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

// demo goes through the whole of it in a folder of its own.
func demo(ctx context.Context, keep bool) error {
	dir, err := os.MkdirTemp("", "kafkaconnect-demo-")
	if err != nil {
		return err
	}
	d := &show{dir: dir, start: time.Now()}
	err = d.run(ctx)
	if err == nil && keep {
		d.printHowToGoOn()
		<-ctx.Done()
		return d.stop(context.WithoutCancel(ctx))
	}
	if err == nil {
		d.step("Destroying it all: connectors, worker, file, topics")
		err = d.terraform(ctx, "destroy", "-auto-approve", "-input=false")
	}
	if ctx.Err() != nil {
		err = errors.New("interrupted") // what failed because of that is of no interest
	}
	// Not by ctx: it may have been cancelled, and then stopping matters most.
	return errors.Join(err, d.stop(context.WithoutCancel(ctx)))
}

// show is one run of the demo.
type show struct {
	dir        string // where everything is
	start      time.Time
	cluster    *stack.Stack // nil until it is up
	supervisor *supervisor  // nil until then
	connectURL string       // where the worker is going to be
}

// run goes as far as the running pipeline and the empty plan.
func (d *show) run(ctx context.Context) error {
	d.step("Building the provider")
	if err := command(ctx, "go", "build", "-o", d.path("bin")+"/", ".").Run(); err != nil {
		return fmt.Errorf("unable to build the provider: %w", err)
	}
	d.step("Starting a Kafka broker that wants TLS and a password (the first time, this downloads Kafka)")
	if err := d.up(ctx); err != nil {
		return err
	}
	d.step("Applying examples/demo: topics, worker file, worker, connectors")
	if err := errors.Join(d.prepareTerraform("examples/demo", d.variables()), writeLines(d.source())); err != nil {
		return err
	}
	if err := d.terraform(ctx, "apply", "-auto-approve", "-input=false"); err != nil {
		return err
	}
	d.step("Waiting for the lines at the other end")
	if err := followLines(ctx, d.sink()); err != nil {
		return err
	}
	d.step("Planning once more: there is nothing to do")
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

// stop leaves nothing behind.
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

// step says what comes next, and when.
func (d *show) step(what string) {
	fmt.Printf("\n[%5.1f s] %s\n", time.Since(d.start).Seconds(), what)
}

func (d *show) printHowToGoOn() {
	d.step("Left running, as you asked, until Ctrl-C")
	fmt.Printf(`
Kafka:      %s, and without security %s
Connect:    curl '%s/connectors?expand=status'
Lines:      echo hello >>%s; cat %s
Terraform:  export TF_CLI_CONFIG_FILE=%s
            cd %s; terraform plan
`, d.cluster.BootstrapSASL(), d.cluster.Bootstrap(), d.connectURL, d.source(), d.sink(), d.path(cliConfig), d.path(workspace))
}

func (d *show) path(name string) string { return filepath.Join(d.dir, name) }
func (d *show) source() string          { return d.path("source.txt") }
func (d *show) sink() string            { return d.path("sink.txt") }
