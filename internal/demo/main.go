// Command demo shows on a real Kafka and Kafka Connect that the provider keeps its promises:
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
	"io"
	"os"
	"os/signal"
	"path/filepath"
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
	run := func() error { return demo(ctx, *keep, os.Stdout) }
	if flag.Arg(0) == "tell" {
		run = func() error { return tell(ctx, flag.Args()[1:]) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// demo tells the story in a temporary folder. Its text goes to out, and the output of Terraform to the file logFile.
func demo(ctx context.Context, keep bool, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "kafkaconnect-demo-")
	if err != nil {
		return err
	}
	log, err := createLog()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	d := &show{dir: dir, start: time.Now(), out: out, log: log}
	err = d.tell(ctx)
	if err == nil && keep {
		d.printAddresses()
		<-ctx.Done()
		return d.stop(context.WithoutCancel(ctx))
	}
	if err == nil {
		d.chapter("terraform destroy removes the connectors, the worker, its file and the topics.")
		err = d.terraform(ctx, "destroy", "-auto-approve", "-input=false")
	}
	if err == nil {
		d.say("Read next: examples/demo/main.tf, and " + logFile + " for what Terraform shows. make demo KEEP=1 leaves all running.")
	}
	if ctx.Err() != nil {
		err = errors.New("interrupted") // hides the errors that the interrupt caused
	}
	// The processes must be stopped also if ctx was cancelled.
	return errors.Join(err, d.stop(context.WithoutCancel(ctx)))
}

// logFile is the file with the output of Terraform, in the checkout.
const logFile = "bin/demo.log"

func createLog() (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(logFile), 0o755); err != nil {
		return nil, err
	}
	return os.Create(logFile)
}

// show is one run of the demo.
type show struct {
	dir        string // contains all files
	start      time.Time
	out        io.Writer    // the story
	log        io.Writer    // the output of Terraform
	cluster    *stack.Stack // nil until it is up
	supervisor *supervisor  // nil until then
	connectURL string       // of the worker
}

func (d *show) up(ctx context.Context) (err error) {
	d.cluster, err = stack.Up(ctx, stack.Options{Log: d.out, Workers: stack.NoWorkers, SASLSSL: true, Users: []stack.User{user}})
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
	if d.supervisor != nil {
		err = d.supervisor.close()
	}
	if d.cluster != nil {
		err = errors.Join(err, d.cluster.Down(ctx))
	}
	return errors.Join(err, os.RemoveAll(d.dir))
}

func (d *show) printAddresses() {
	d.chapter("Everything keeps running until Ctrl-C.")
	fmt.Fprintf(d.out, `
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
