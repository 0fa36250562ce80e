// Command meter stands in for a provider: it runs the real one, with the same input and output, and notes afterwards what
// that has used. Terraform starts several processes of a provider for one command and tells nothing about them.
//
// It stays small, because a process begins its life with the peak memory of the one that started it.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/usage"
)

func main() {
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "meter:", err)
	}
	os.Exit(code)
}

// run returns the exit code of the provider.
func run() (int, error) {
	cmd := exec.Command(os.Getenv(usage.ProviderVariable), os.Args[1:]...) //nolint:noctx // ends when Terraform ends it
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	go func() {
		for s := range signals {
			if s == syscall.SIGTERM { // an interrupt reaches the whole group anyway
				_ = cmd.Process.Signal(s)
			}
		}
	}()
	_ = cmd.Wait() // how it ended is in its state
	return max(cmd.ProcessState.ExitCode(), 0), usage.Note(os.Getenv(usage.FileVariable), cmd.ProcessState)
}
