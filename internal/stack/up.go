package stack

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// Up starts a stack and waits until every broker and worker is ready. After an error no process is left running.
func Up(ctx context.Context, o Options) (*Stack, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := refuseSecond(o.StateFile); err != nil {
		return nil, err
	}
	if err := installAll(ctx, o); err != nil {
		return nil, err
	}
	if err := requireTools(javaTool); err != nil { // after the installation, whose error names Maven too
		return nil, err
	}
	s := &Stack{Options: o}
	if s.Folder, err = newFolder(); err != nil {
		return nil, err
	}
	if err := s.up(ctx); err != nil {
		return nil, errors.Join(err, s.Down(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func installAll(ctx context.Context, o Options) error {
	if _, err := install(ctx, brokerComponent, o.BrokerVersion, o.Log); err != nil {
		return err
	}
	if o.Workers == 0 {
		return nil // AddWorker installs its version
	}
	return installWorker(ctx, o.WorkerVersion, o.Log)
}

func (s *Stack) up(ctx context.Context) error {
	s.own = s.Folder
	if s.Options.StateFile == "" {
		if err := s.ensureTether(); err != nil {
			return err
		}
	}
	if err := s.prepare(); err != nil {
		return err
	}
	for _, p := range s.Processes() {
		if p.tether = s.tether; p.tether == nil {
			p.started = s.save
		}
	}
	if err := s.startBrokers(ctx); err != nil {
		return err
	}
	return s.startWorkers(ctx)
}

// prepare creates all files and ports of the processes.
func (s *Stack) prepare() (err error) {
	if s.Certificates, err = makeCertificates(filepath.Join(s.Folder, "tls")); err != nil {
		return fmt.Errorf("make certificates: %w", err)
	}
	if err := writeLogSettings(s.Folder); err != nil {
		return err
	}
	if err := s.newBrokers(); err != nil {
		return err
	}
	for i := range s.Options.Workers {
		w, err := s.newWorker(fmt.Sprintf("worker-%d", i), WorkerOptions{})
		if err != nil {
			return err
		}
		s.Workers = append(s.Workers, w)
	}
	return nil
}

// startBrokers starts all brokers at once, because a single one may not be a quorum, and creates the SCRAM users.
func (s *Stack) startBrokers(ctx context.Context) error {
	var list []*Process
	for _, b := range s.Brokers {
		list = append(list, &b.Process)
	}
	if err := s.startAll(ctx, list); err != nil || !s.Options.SASLSSL {
		return err
	}
	return s.createSCRAM(ctx)
}

func (s *Stack) startWorkers(ctx context.Context) error {
	var list []*Process
	for _, w := range s.Workers {
		list = append(list, &w.Process)
	}
	return s.startAll(ctx, list)
}

// startAll starts the processes and waits until each is ready.
func (s *Stack) startAll(ctx context.Context, list []*Process) error {
	began := time.Now()
	for _, p := range list {
		if err := p.launch(ctx); err != nil {
			return err
		}
	}
	for _, p := range list {
		if err := p.WaitReady(ctx); err != nil {
			return err
		}
		fmt.Fprintf(s.Options.Log, "%s: ready after %.1f s\n", p.Name, time.Since(began).Seconds())
	}
	return nil
}
