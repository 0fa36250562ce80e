package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// supervisor starts and stops a worker on request, as an init system does. Terraform's local-exec sends the requests, by
// the commands of startCommand and stopCommand.
type supervisor struct {
	cluster *stack.Stack
	server  *http.Server
	url     string
	program string          // path of this program
	ctx     context.Context // of the worker, which outlives the request that starts it
	cancel  context.CancelFunc

	mu      sync.Mutex
	started chan struct{} // nil without a worker; closed when worker and err are set
	worker  *stack.Worker
	err     error
}

// supervise starts a supervisor, which serves until close.
func supervise(ctx context.Context, cluster *stack.Stack) (*supervisor, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &supervisor{cluster: cluster, url: "http://" + listener.Addr().String() + "/worker", program: program}
	s.ctx, s.cancel = context.WithCancel(ctx)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /worker", s.start)
	mux.HandleFunc("DELETE /worker", s.stop)
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Println("supervisor:", err)
		}
	}()
	return s, nil
}

// startCommand returns a shell command. The path of the worker's file must be appended.
func (s *supervisor) startCommand() string { return s.command(http.MethodPost) }

func (s *supervisor) stopCommand() string { return s.command(http.MethodDelete) }

// command returns a shell command that sends a request to the supervisor. It runs this program with the argument tell.
func (s *supervisor) command(method string) string {
	return fmt.Sprintf("'%s' tell %s %s", s.program, method, s.url)
}

// tell sends a request to a supervisor. Its arguments are the method, the URL and, for a start, the path of the worker's
// file.
func tell(ctx context.Context, args []string) error {
	if len(args) < 2 {
		return errors.New("tell: method and URL are missing")
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, args[0], args[1], strings.NewReader(strings.Join(args[2:], " ")))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("%s: %s", resp.Status, answer)
	}
	return nil
}

// start starts a worker from the file that the request names. It does not wait until the worker is ready, because the
// provider does.
func (s *supervisor) start(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file, err := io.ReadAll(r.Body)
	if err != nil || s.started != nil {
		http.Error(w, "a worker is already running, or the request names no file", http.StatusBadRequest)
		return
	}
	started := make(chan struct{})
	s.started = started
	go func() {
		defer close(started)
		s.worker, s.err = s.cluster.AddWorker(s.ctx, stack.WorkerOptions{PropertiesFile: string(file)})
		if s.err != nil && s.ctx.Err() == nil {
			fmt.Println("supervisor:", s.err)
		}
	}()
}

// stop stops the worker, if one runs, and waits until it has left its group.
func (s *supervisor) stop(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started == nil {
		return
	}
	<-s.started
	s.started = nil
	err := s.err
	if err == nil {
		err = s.worker.Stop(r.Context())
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// close ends the service and the start of a worker in progress. A running worker ends with the stack.
func (s *supervisor) close() error {
	s.cancel()
	err := s.server.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started != nil {
		<-s.started
		s.started = nil
	}
	return err
}
