package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Stack is a running Kafka cluster with Kafka Connect workers.
type Stack struct {
	Options      Options      `json:"options"` // what it was started with, defaults filled in
	Folder       string       `json:"folder"`  // where all its files are
	Certificates Certificates `json:"certificates"`
	Brokers      []*Broker    `json:"brokers"`
	Workers      []*Worker    `json:"workers"`

	brokerJars string
	ports      ports
	tether     *tether // what ends the processes that must not outlive this one
	own        string  // where the files of these are: Folder, or one apart when the stack outlives this process
}

// Bootstrap returns the PLAINTEXT addresses of all brokers, separated by commas.
func (s *Stack) Bootstrap() string {
	return s.addresses(func(b *Broker) string { return b.Plaintext })
}

// BootstrapSASL returns the SASL_SSL addresses of all brokers, separated by commas; empty without [Options.SASLSSL].
func (s *Stack) BootstrapSASL() string {
	return s.addresses(func(b *Broker) string { return b.SASL })
}

// BootstrapMTLS returns the addresses of the SSL listeners, which require a client certificate, separated by commas;
// empty without [Options.SASLSSL].
func (s *Stack) BootstrapMTLS() string {
	return s.addresses(func(b *Broker) string { return b.MutualTLS })
}

func (s *Stack) addresses(of func(*Broker) string) string {
	var list []string
	for _, b := range s.Brokers {
		if address := of(b); address != "" {
			list = append(list, address)
		}
	}
	return strings.Join(list, ",")
}

// URLs returns the URLs of the REST APIs of all workers.
func (s *Stack) URLs() []string {
	var urls []string
	for _, w := range s.Workers {
		urls = append(urls, w.URL)
	}
	return urls
}

// Processes returns the processes of all brokers and workers.
func (s *Stack) Processes() []*Process {
	var list []*Process
	for _, b := range s.Brokers {
		list = append(list, &b.Process)
	}
	for _, w := range s.Workers {
		list = append(list, &w.Process)
	}
	return list
}

// FreePort returns a loopback port that nobody else gets while the stack is up, such as for the listener of a worker that
// starts from a properties file.
func (s *Stack) FreePort() (int, error) { return s.ports.take() }

// AddWorker starts one more worker and waits until it is ready. It ends with the stack or with this process, whichever
// comes first. A worker that did not get ready comes with the error, for a look at its log or another try.
func (s *Stack) AddWorker(ctx context.Context, o WorkerOptions) (*Worker, error) {
	if err := s.ensureTether(); err != nil {
		return nil, err
	}
	w, err := s.newWorker(ctx, o)
	if err != nil {
		return nil, err
	}
	s.tie(&w.Process)
	return w, w.Start(ctx)
}

// Down ends all processes at once and removes everything that they wrote.
func (s *Stack) Down(ctx context.Context) error {
	var errs []error
	for _, p := range s.Processes() {
		errs = append(errs, p.Kill(ctx))
	}
	errs = append(errs, os.RemoveAll(s.Folder))
	if s.Options.StateFile != "" {
		errs = append(errs, os.RemoveAll(s.Options.StateFile))
	}
	if s.tether != nil {
		s.tether.cut()
	}
	s.ports.release()
	return errors.Join(errs...)
}

// Up starts a stack and waits until every broker and worker is ready. After an error nothing is left running.
func Up(ctx context.Context, o Options) (*Stack, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := requireTools(javaTool); err != nil {
		return nil, err
	}
	if err := refuseSecond(o.StateFile); err != nil {
		return nil, err
	}
	s := &Stack{Options: o}
	if s.Folder, err = os.MkdirTemp("", "kafkaconnect-stack-"); err != nil {
		return nil, err
	}
	if err := s.up(ctx); err != nil {
		return nil, errors.Join(err, s.Down(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func (s *Stack) up(ctx context.Context) error {
	s.own = s.Folder
	if s.Options.StateFile == "" {
		if err := s.ensureTether(); err != nil {
			return err
		}
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	for _, p := range s.Processes() {
		s.tie(p)
	}
	if err := s.startBrokers(ctx); err != nil {
		return err
	}
	return s.startWorkers(ctx)
}

// prepare makes everything that the processes need before the first of them starts.
func (s *Stack) prepare(ctx context.Context) (err error) {
	if s.Certificates, err = makeCertificates(filepath.Join(s.Folder, "tls")); err != nil {
		return fmt.Errorf("make certificates: %w", err)
	}
	if err := errors.Join(writeLogSettings(s.Folder), writeRESTLogin(s.Folder, s.Options.RESTUser)); err != nil {
		return err
	}
	if s.brokerJars, err = install(ctx, brokerComponent, s.Options.BrokerVersion, s.Options.Log); err != nil {
		return err
	}
	if err := s.newBrokers(); err != nil {
		return err
	}
	for range s.Options.Workers {
		if _, err := s.newWorker(ctx, WorkerOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// startBrokers starts all brokers at once, since one alone may be no quorum, and lets the SCRAM users in.
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

// newProcess makes the folder of a process.
func (s *Stack) newProcess(name string) (Process, error) {
	folder := filepath.Join(s.own, name)
	return Process{Name: name, Folder: folder}, os.MkdirAll(folder, 0o700)
}

// ensureTether makes the tether, and the folder that it removes, unless they are there.
func (s *Stack) ensureTether() (err error) {
	if s.tether != nil {
		return nil
	}
	if s.Options.StateFile != "" {
		if s.own, err = os.MkdirTemp("", "kafkaconnect-stack-"); err != nil {
			return err
		}
	}
	s.tether, err = newTether(s.own)
	return err
}

// tie decides what a process that is about to start is tied to: this process, or the stack's description in a file.
func (s *Stack) tie(p *Process) {
	if p.tether = s.tether; p.tether == nil {
		p.started = s.save
	}
}

// javaCommand is the command that runs a class, with all that goes for brokers and workers alike.
func (s *Stack) javaCommand(jars, heap, class string, arguments ...string) ([]string, error) {
	java, err := javaTool.path()
	if err != nil {
		return nil, err
	}
	// These two start faster than the defaults, and none of these processes gets old enough to miss what they leave out.
	command := []string{java, "-Xmx" + heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"}
	command = append(command, logOptions(s.Folder)...)
	command = append(command, restLoginOptions(s.Folder)...)
	command = append(command, "-cp", classPath(jars), class)
	return append(command, arguments...), nil
}
