// Command cmd starts and stops real Kafka and Kafka Connect for manual use:
//
//	go run ./internal/stack/cmd up
//	go run ./internal/stack/cmd status
//	go run ./internal/stack/cmd logs worker-0
//	go run ./internal/stack/cmd down
//	go run ./internal/stack/cmd kafka FOLDER
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
	"strings"
	"syscall"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

const usage = `Real Kafka and Kafka Connect on loopback.

  up      start it; it stays up until "down"
  down    stop what "up" started
  status  show the processes and their addresses
  logs    print the log of one process, such as "logs worker-0", or of all processes
  kafka   create a folder with the scripts of a Kafka release that the guides use

Each command has flags, such as -state FILE; "up -h" lists those of up.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		args = []string{"help"}
	}
	command, args := args[0], args[1:]
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	state := flags.String("state", filepath.Join(os.TempDir(), "kafkaconnect-stack.json"), "`file` that describes the stack")
	switch command {
	case "help", "-h", "-help", "--help":
		fmt.Fprint(out, usage)
		return nil
	case "kafka":
		if len(args) != 1 {
			return errors.New("kafka: name the folder to create")
		}
		return stack.Distribution{Folder: args[0], Log: out}.Write(ctx)
	case "up":
		return up(ctx, flags, state, args, out)
	case "down":
		return attached(flags, state, args, func(s *stack.Stack) error { return s.Down(ctx) })
	case "status":
		return attached(flags, state, args, func(s *stack.Stack) error { return status(s, out) })
	case "logs":
		name := ""
		if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
			name, args = args[0], args[1:]
		}
		return attached(flags, state, args, func(s *stack.Stack) error { return logs(s, name, out) })
	default:
		fmt.Fprint(out, usage)
		return fmt.Errorf("unknown command %q", command)
	}
}

// attached parses the flags and calls do with the stack of the state file.
func attached(flags *flag.FlagSet, state *string, args []string, do func(*stack.Stack) error) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%s: unexpected argument %q", flags.Name(), flags.Arg(0))
	}
	s, err := stack.Attach(*state)
	if err != nil {
		return err
	}
	return do(s)
}

// up starts a stack that outlives this command. An interrupt takes down the processes that have started.
func up(ctx context.Context, flags *flag.FlagSet, state *string, args []string, out io.Writer) error {
	o := stack.Options{Log: out}
	flags.IntVar(&o.Brokers, "brokers", 1, "`number` of brokers")
	flags.IntVar(&o.Workers, "workers", 1, "`number` of workers, -1 for none")
	flags.StringVar(&o.BrokerVersion, "broker-version", stack.DefaultVersion, "`version` of the brokers")
	flags.StringVar(&o.WorkerVersion, "worker-version", stack.DefaultVersion, "`version` of the workers")
	flags.BoolVar(&o.SASLSSL, "sasl-ssl", false, "add listeners with SASL_SSL and with client certificates")
	flags.StringVar((*string)(&o.RESTScheme), "rest", string(stack.HTTP), "`scheme` of the workers: http, https, or mtls for https with client certificates")
	flags.Func("plugin-path", "`folder` with connector plugins; may be repeated", func(folder string) error {
		o.PluginPath = append(o.PluginPath, folder)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("up: unexpected argument %q", flags.Arg(0))
	}
	o.StateFile = *state
	s, err := stack.Up(ctx, o)
	if err != nil {
		return err
	}
	return status(s, out)
}

func status(s *stack.Stack, out io.Writer) error {
	for _, p := range s.Processes() {
		state := "stopped"
		if p.Running() {
			state = fmt.Sprintf("running, pid %d", p.PID)
		}
		fmt.Fprintf(out, "%-10s %s; log: %s\n", p.Name, state, p.LogFile())
	}
	fmt.Fprintf(out, "Kafka:           %s\n", s.Bootstrap())
	if s.BootstrapSASL() != "" {
		u := s.Options.Users[0]
		fmt.Fprintf(out, "Kafka, SASL_SSL: %s (PLAIN or SCRAM, user %s, password %s, CA %s)\n",
			s.BootstrapSASL(), u.Name, u.Password, s.Certificates.CAFile)
		fmt.Fprintf(out, "Kafka, SSL:      %s (certificate %s, key %s)\n",
			s.BootstrapMTLS(), s.Certificates.ClientCertFile, s.Certificates.ClientKeyFile)
	}
	if len(s.Workers) > 0 {
		fmt.Fprintf(out, "Kafka Connect:   %s\n", strings.Join(s.URLs(), ","))
	}
	fmt.Fprintf(out, "Description:     %s\n", s.Options.StateFile)
	return nil
}

// logs prints the log of the named process, or of all processes without a name.
func logs(s *stack.Stack, name string, out io.Writer) error {
	var known []string
	for _, p := range s.Processes() {
		if name == p.Name {
			fmt.Fprint(out, p.Log())
			return nil
		}
		known = append(known, p.Name)
	}
	if name != "" {
		return fmt.Errorf("no process %q; the processes are: %s", name, strings.Join(known, ", "))
	}
	for _, p := range s.Processes() {
		fmt.Fprint(out, p.Log())
	}
	return nil
}
