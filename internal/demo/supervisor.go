package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// supervisor starts and stops a worker when it is asked to, as an init system would: by the commands with which Terraform's
// local-exec stands for the user's own way to do that.
type supervisor struct {
	cluster *stack.Stack
	server  *http.Server
	url     string
	ctx     context.Context // of the worker, which outlives the request that starts it
	cancel  context.CancelFunc

	mu      sync.Mutex
	started chan struct{} // nil without a worker, closed when it is ready or has failed, as worker and err then tell
	worker  *stack.Worker
	err     error
}

// supervise serves until close.
func supervise(ctx context.Context, cluster *stack.Stack) (*supervisor, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &supervisor{cluster: cluster, url: "http://" + listener.Addr().String() + "/worker"}
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

// startCommand takes the path of the worker's file as one more word.
func (s *supervisor) startCommand() string { return "curl -fsS " + s.url + " --data-raw" }

func (s *supervisor) stopCommand() string { return "curl -fsS -X DELETE " + s.url }

// start starts a worker from the file that the request names, and does not wait until it is ready: that is the provider's
// part.
func (s *supervisor) start(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file, err := io.ReadAll(r.Body)
	if err != nil || s.started != nil {
		http.Error(w, "a worker runs already, or no file was named", http.StatusBadRequest)
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

// stop stops the worker, if there is one, and waits until it has left its group.
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

// close ends the service, and the start of a worker that is under way. A worker that runs ends with the cluster.
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
