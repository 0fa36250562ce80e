package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

const (
	// startLimit is the time that a process has to become ready. It suits a busy machine.
	startLimit = 2 * time.Minute
	// stopLimit is the time that a process has to end after SIGTERM. A worker halts itself after 30 seconds, see StackWorker.
	stopLimit = 45 * time.Second
	// askLimit is the time that a process has to answer one readiness check.
	askLimit = 5 * time.Second
	// pollInterval is the pause between two checks of a process that starts or ends.
	pollInterval = 50 * time.Millisecond
	// tailLines is the number of log lines in an error.
	tailLines = 25
)

// Process is a Java process of a stack, the common part of [ZooKeeper], [Broker] and [Worker]. Its methods must not be called
// concurrently. Those of different processes may.
type Process struct {
	Name    string   `json:"name"`    // such as "broker-0"
	Folder  string   `json:"folder"`  // its files; the working folder
	Command []string `json:"command"` // java with its arguments
	PID     int      `json:"pid"`     // of the last start
	Began   string   `json:"began"`   // start time of that process, to recognize a reused process id

	tether  *tether                     // kills the process when this program ends; nil if the process outlives it
	before  func(context.Context) error // waits until the process may start; may be nil
	ready   func(context.Context) error // succeeds when the process is ready
	started func() error                // called after each start; may be nil
}

// Start starts the process, on the same port and data as in its previous run, and waits up to two minutes until it is
// ready. After an error the process may still run: call [Process.WaitReady] again, or [Process.Kill].
func (p *Process) Start(ctx context.Context) error {
	if err := p.launch(ctx); err != nil {
		return err
	}
	return p.WaitReady(ctx)
}

// launch starts the process without waiting for it.
func (p *Process) launch(ctx context.Context) error {
	if p.Running() {
		return fmt.Errorf("start %s: it is already running", p.Name)
	}
	if err := p.waitBefore(ctx); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	log, err := os.OpenFile(p.LogFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	defer log.Close()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), p.Command[0], p.Command[1:]...)
	cmd.Dir = p.Folder
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // Ctrl-C must not reach it
	if p.tether != nil {
		p.tether.attach(cmd)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	p.PID = cmd.Process.Pid
	p.Began, _ = processBegan(p.PID) // empty if it has ended already, which WaitReady reports
	go func() {
		_ = cmd.Wait() // reaps the process; its log says how it ended
		if p.tether != nil {
			p.tether.forget(cmd.Process.Pid)
		}
	}()
	if p.started != nil {
		return p.started()
	}
	return nil
}

// waitBefore waits until the process may start.
func (p *Process) waitBefore(ctx context.Context) error {
	if p.before == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	return p.before(ctx)
}

// WaitReady waits until the process is ready. The error contains the end of its log.
func (p *Process) WaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		err := p.ask(ctx)
		switch {
		case err == nil:
			return nil
		case !p.Running():
			return fmt.Errorf("%s ended before it was ready; the end of its log:\n%s", p.Name, p.logTail())
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w (%w); the end of its log:\n%s", p.Name, ctx.Err(), err, p.logTail())
		case <-time.After(pollInterval):
		}
	}
}

// ask checks once whether the process is ready.
func (p *Process) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	return p.ready(ctx)
}

// Stop sends SIGTERM and waits until the process has ended. A process that does not end within 45 seconds is killed, and
// Stop returns an error. Stop does nothing if the process does not run.
func (p *Process) Stop(ctx context.Context) error {
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	if p.waitGone(limited) == nil {
		return nil
	}
	err := fmt.Errorf("%s did not end after SIGTERM, so it was killed; the end of its log:\n%s", p.Name, p.logTail())
	return errors.Join(err, p.Kill(context.WithoutCancel(ctx)))
}

// Kill sends SIGKILL and waits until the process has ended. Its data and port are kept for the next Start.
func (p *Process) Kill(ctx context.Context) error {
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	return p.waitGone(ctx)
}

// Running reports whether the process that the last Start started is still running.
func (p *Process) Running() bool {
	if p.PID == 0 {
		return false
	}
	began, err := processBegan(p.PID)
	return err == nil && began == p.Began
}

// signal sends a signal to the process if it runs.
func (p *Process) signal(s syscall.Signal) error {
	if !p.Running() {
		return nil
	}
	if err := syscall.Kill(p.PID, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal %s: %w", p.Name, err)
	}
	return nil
}

func (p *Process) waitGone(ctx context.Context) error {
	for p.Running() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the end of %s: %w", p.Name, ctx.Err())
		case <-time.After(pollInterval):
		}
	}
	return nil
}

// LogFile returns the path of the file with the output of all runs of the process.
func (p *Process) LogFile() string { return filepath.Join(p.Folder, "output.log") }

// Log returns the content of [Process.LogFile]. It is empty before the first start.
func (p *Process) Log() string {
	text, err := os.ReadFile(p.LogFile())
	if err != nil {
		return ""
	}
	return string(text)
}

func (p *Process) logTail() []byte {
	lines := bytes.SplitAfter([]byte(p.Log()), []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-tailLines):], nil)
}
