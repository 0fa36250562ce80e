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
	// startLimit is how long a process may take to get ready, on a machine that has much else to do.
	startLimit = 2 * time.Minute
	// stopLimit is how long a process may take to end after SIGTERM. A broker hands its partitions over before. A worker
	// gives its REST server up to a minute (Jetty's stop timeout, sto=60000 in its log), and its tasks some seconds more.
	stopLimit = 2 * time.Minute
	// askLimit is how long a process may take to answer whether it is ready.
	askLimit = 5 * time.Second
	// pollInterval is the pause between two looks at a process that starts or ends.
	pollInterval = 50 * time.Millisecond
	// tailLines is how many lines of a log an error shows.
	tailLines = 25
)

// Process is a Java process of a stack: what a [Broker] and a [Worker] have in common. Different processes may be started
// and ended at the same time, one only by one goroutine at a time.
type Process struct {
	Name    string   `json:"name"`    // such as "broker-0"
	Folder  string   `json:"folder"`  // its files; the working folder
	Command []string `json:"command"` // java with its arguments
	PID     int      `json:"pid"`     // of the last start
	Began   string   `json:"began"`   // when that process started, so that a reused id is never taken for it

	tether  *tether                     // what ends it with us; nil for one that outlives us
	ready   func(context.Context) error // asks it for a sign of life
	started func() error                // called after each start; may be nil
}

// Start starts the process, again on the same port and data if it ran before, and waits until it is ready.
// The wait ends with the context, or after two minutes. After an error the process may still be there, for another
// [Process.WaitReady] or for [Process.Kill].
func (p *Process) Start(ctx context.Context) error {
	if err := p.launch(ctx); err != nil {
		return err
	}
	return p.WaitReady(ctx)
}

// launch starts the process without waiting for it.
func (p *Process) launch(ctx context.Context) error {
	if p.Running() {
		return fmt.Errorf("start %s: it runs already", p.Name)
	}
	log, err := os.OpenFile(p.LogFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	defer log.Close()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), p.Command[0], p.Command[1:]...)
	cmd.Dir = p.Folder
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a Ctrl-C is for us, not for it
	if p.tether != nil {
		p.tether.attach(cmd)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	p.PID = cmd.Process.Pid
	p.Began, _ = processBegan(p.PID) // empty when it has ended already, which WaitReady reports
	go func() {
		_ = cmd.Wait() // only to reap it: how it ended is in its log
		if p.tether != nil {
			p.tether.forget(cmd.Process.Pid)
		}
	}()
	if p.started != nil {
		return p.started()
	}
	return nil
}

// WaitReady waits until the process answers as one that is ready. The error shows the end of its log.
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

// ask asks the process once whether it is ready.
func (p *Process) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	return p.ready(ctx)
}

// Stop asks the process to end (SIGTERM) and waits until it has. One that does not end within two minutes is killed, with an
// error. Stopping what does not run is not an error.
func (p *Process) Stop(ctx context.Context) error {
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	patience, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	if p.waitGone(patience) == nil {
		return nil
	}
	err := fmt.Errorf("%s did not end after SIGTERM, so it was killed; the end of its log:\n%s", p.Name, p.logTail())
	return errors.Join(err, p.Kill(context.WithoutCancel(ctx)))
}

// Kill ends the process at once (SIGKILL) and waits until it is gone. Its data and its port stay for the next Start.
func (p *Process) Kill(ctx context.Context) error {
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	return p.waitGone(ctx)
}

// Running reports whether the process of the last start still runs.
func (p *Process) Running() bool {
	if p.PID == 0 {
		return false
	}
	began, err := processBegan(p.PID)
	return err == nil && began == p.Began
}

// signal signals the process if it runs.
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

// LogFile is the file that takes the output of every start of the process.
func (p *Process) LogFile() string { return filepath.Join(p.Folder, "output.log") }

// Log returns what the process has logged so far; empty when it has not started yet.
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
