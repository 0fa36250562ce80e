// Package stack runs real Apache Kafka and real Kafka Connect for the tests and the demo. Brokers run with KRaft, those
// before 3.3 with ZooKeeper.
//
// Maven downloads both into the user's cache folder, once for each version. They run as child processes on free loopback
// ports and write to temporary folders only.
//
//   - [Start] starts a stack for one test. [Shared] returns the stack that all tests of a run share.
//   - [Up] starts a stack without a test. With [Options.StateFile] it outlives the process, and [Attach] opens it again.
//   - [Stack] holds the brokers and workers. Each [Broker] and [Worker] can be stopped, killed and started again, on the
//     same port and data.
//
// All processes end with their test, with [Stack.Down], or with the process that started them, also if that process is
// killed (see tether). A JDK (17 or newer) and Maven are needed.
package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Stack is a running Kafka cluster with Kafka Connect workers.
type Stack struct {
	Options      Options      `json:"options"` // with all defaults set
	Folder       string       `json:"folder"`  // contains all files of the stack
	Certificates Certificates `json:"certificates"`
	ZooKeeper    *ZooKeeper   `json:"zookeeper,omitempty"` // nil with KRaft
	Brokers      []*Broker    `json:"brokers"`
	Workers      []*Worker    `json:"workers"` // without those of AddWorker

	ports  ports
	mu     sync.Mutex // guards the fields below
	own    string     // folder of new processes: Folder, or another one if the stack outlives this process
	tether *tether    // kills the processes that must not outlive this one
	added  []*Worker
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

// URLs returns the URLs of the REST APIs of all Workers.
func (s *Stack) URLs() []string {
	var urls []string
	for _, w := range s.Workers {
		urls = append(urls, w.URL)
	}
	return urls
}

// Processes returns the processes of ZooKeeper, all brokers and all workers, those of AddWorker last.
func (s *Stack) Processes() []*Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*Process
	if s.ZooKeeper != nil {
		list = append(list, &s.ZooKeeper.Process)
	}
	for _, b := range s.Brokers {
		list = append(list, &b.Process)
	}
	for _, w := range slices.Concat(s.Workers, s.added) {
		list = append(list, &w.Process)
	}
	return list
}

// FreePort returns a loopback port that no other process gets while the stack is up. It is for the listener of a worker
// that starts from a properties file.
func (s *Stack) FreePort() (int, error) { return s.ports.take() }

// AddWorker starts another worker and waits until it is ready. The worker ends with the stack or with this process. If it
// does not become ready, AddWorker returns it together with the error, so that the caller can read its log or retry.
func (s *Stack) AddWorker(ctx context.Context, o WorkerOptions) (*Worker, error) {
	version := o.Version
	setDefault(&version, s.Options.WorkerVersion)
	if err := installWorker(ctx, version, s.Options.Log); err != nil {
		return nil, err
	}
	w, err := s.addWorker(o)
	if err != nil {
		return nil, err
	}
	return w, w.Start(ctx)
}

func (s *Stack) addWorker(o WorkerOptions) (*Worker, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ensureTether(); err != nil {
		return nil, err
	}
	w, err := s.newWorker(fmt.Sprintf("worker-%d", len(s.Workers)+len(s.added)), o)
	if err != nil {
		return nil, err
	}
	w.tether = s.tether
	s.added = append(s.added, w)
	return w, nil
}

// ensureTether creates the tether and the folder that it removes, unless they exist.
func (s *Stack) ensureTether() (err error) {
	if s.tether != nil {
		return nil
	}
	if s.Options.StateFile != "" {
		if s.own, err = newFolder(); err != nil {
			return err
		}
	}
	s.tether, err = newTether(s.own)
	return err
}

// newProcess creates the folder of a process.
func (s *Stack) newProcess(name string) (Process, error) {
	folder := filepath.Join(s.own, name)
	return Process{Name: name, Folder: folder}, os.MkdirAll(folder, 0o700)
}

// javaCommand returns the command of a process, with the options that brokers and workers share.
func (s *Stack) javaCommand(heap string, options, arguments []string) ([]string, error) {
	java, err := javaTool.path()
	if err != nil {
		return nil, err
	}
	// These two options shorten the start. The optimizations that they turn off matter only for long-running processes.
	command := []string{java, "-Xmx" + heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"}
	command = append(command, logOptions(s.Folder)...)
	command = append(command, options...)
	return append(command, arguments...), nil
}

// Down kills all processes and removes all their files.
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
		errs = append(errs, s.tether.cut())
	}
	s.ports.release()
	return errors.Join(errs...)
}

func newFolder() (string, error) { return os.MkdirTemp("", "kafkaconnect-stack-") }

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
	if s.ZooKeeper != nil {
		if err := s.startAll(ctx, []*Process{&s.ZooKeeper.Process}); err != nil {
			return err
		}
	}
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

// ports allocates free loopback ports and reserves them for the stack, also while the listening process is down.
type ports struct {
	mu   sync.Mutex
	held []int // descriptors of the sockets that reserve the ports
}

// loopback is the address of all listeners. The name "localhost" could be IPv4 or IPv6.
const loopback = "127.0.0.1"

// take returns a port that no other process gets until release.
//
// A socket that is bound to the port but does not listen reserves it. If both sockets set SO_REUSEADDR, as Java does, Linux
// lets a second socket bind and listen. Linux neither allocates the port to others nor uses it for outgoing connections.
// Other systems reject the second bind, so there the port is only free at the moment.
func (p *ports) take() (int, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return 0, fmt.Errorf("socket: %w", err)
	}
	syscall.CloseOnExec(fd)
	port, err := bindFree(fd)
	if err != nil || runtime.GOOS != "linux" {
		syscall.Close(fd)
		return port, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = append(p.held, fd)
	return port, nil
}

func bindFree(fd int) (int, error) {
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return 0, fmt.Errorf("set SO_REUSEADDR: %w", err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, fmt.Errorf("bind a free port: %w", err)
	}
	address, err := syscall.Getsockname(fd)
	if err != nil {
		return 0, fmt.Errorf("getsockname: %w", err)
	}
	inet4, ok := address.(*syscall.SockaddrInet4)
	if !ok {
		return 0, fmt.Errorf("getsockname: unexpected address type %T", address)
	}
	return inet4.Port, nil
}

// release ends the reservation of all ports.
func (p *ports) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, fd := range p.held {
		syscall.Close(fd)
	}
	p.held = nil
}
