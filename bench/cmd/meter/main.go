// Command meter runs a provider with the same input and output, and then appends the provider's CPU time and peak memory to
// a file. Terraform starts several provider processes per command and does not report their usage.
//
// Keep it small: a child process starts with the peak memory of its parent.
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
	cmd := exec.Command(os.Getenv(usage.ProviderVariable), os.Args[1:]...) //nolint:noctx // Terraform stops it
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	go func() {
		for s := range signals {
			if s == syscall.SIGTERM { // an interrupt reaches the whole process group
				_ = cmd.Process.Signal(s)
			}
		}
	}()
	_ = cmd.Wait() // ProcessState has the exit code
	return max(cmd.ProcessState.ExitCode(), 0), usage.Append(os.Getenv(usage.FileVariable), cmd.ProcessState)
}
