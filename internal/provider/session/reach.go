package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// reach is what a run has found out about the workers while Terraform refreshes and plans: whether one answers, and if not,
// whether waiting can change that. A run waits once, and reports what it found once, for all objects.
type reach struct {
	limits reachLimits

	ask      sync.Once
	asked    chan struct{} // closed when cluster and err are set
	cluster  connectclient.Cluster
	err      error
	answered atomic.Bool // a read of this run succeeded
	found    atomic.Pointer[NoWorkerError]
	reported atomic.Bool
}

// reachLimits bound the waiting to 12 seconds, of which reads take the first.
type reachLimits struct {
	doubt    time.Duration // how long a read may take before the workers are asked whether one answers
	patience connectclient.Patience
}

func newReach() *reach {
	return &reach{
		asked:  make(chan struct{}),
		limits: reachLimits{time.Second, connectclient.Patience{Refused: 4 * time.Second, Silent: 11 * time.Second}},
	}
}

// NoWorkerError tells that no worker of connect.urls answers.
type NoWorkerError struct {
	Err  error
	Wait bool // waiting may cure it: the workers are down, starting or busy
}

func (e *NoWorkerError) Error() string { return e.Err.Error() }

// Unwrap returns the error of the last request.
func (e *NoWorkerError) Unwrap() error { return e.Err }

// Probe returns the version and the id of the cluster, or a [NoWorkerError] after at most 12 seconds. It asks once in a run
// and is for checks while Terraform plans. Operations of an apply use the client, which waits for their own timeouts.
func (s *Session) Probe(ctx context.Context, client *connectclient.Client) (connectclient.Cluster, error) {
	r := s.reach
	r.ask.Do(func() {
		go func() { // no caller can cancel it for the others
			defer close(r.asked)
			r.cluster, r.err = client.Reach(context.WithoutCancel(ctx), r.limits.patience)
			switch {
			case r.err != nil && r.answered.Load() && !connectclient.MayRecover(r.err):
				r.err = nil // a proxy permits the requests about single connectors only
			case r.err != nil:
				r.err = r.find(r.err)
				s.probeOthers(ctx)
			}
		}()
	})
	select {
	case <-r.asked:
		return r.cluster, r.err
	case <-ctx.Done():
		return connectclient.Cluster{}, ctx.Err()
	}
}

// probeOthers asks the workers of all other clusters that have not answered yet, at the same time. If none of them answers
// either, the run waits for them together.
func (s *Session) probeOthers(ctx context.Context) {
	for _, other := range s.all() {
		if client := other.Connect.ClientOrNil(); other != s && client != nil && !other.reach.answered.Load() {
			go func() { _, _ = other.Probe(context.WithoutCancel(ctx), client) }()
		}
	}
}

// find keeps the first error of the run that says that no worker answers.
func (r *reach) find(err error) *NoWorkerError {
	r.found.CompareAndSwap(nil, &NoWorkerError{Err: err, Wait: connectclient.MayRecover(err)})
	return r.found.Load()
}

// Ask reads from the workers while Terraform refreshes or plans. If no worker answers, it returns a [NoWorkerError]: after at
// most 12 seconds, or immediately if the run knows that already.
func (s *Session) Ask(ctx context.Context, client *connectclient.Client, read func(context.Context) error) error {
	if found := s.reach.found.Load(); found != nil {
		return found
	}
	readCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	var readErr error
	done := make(chan struct{})
	go func() { defer close(done); readErr = read(readCtx) }()
	select {
	case <-done:
		return s.conclude(ctx, client, readErr)
	case <-time.After(s.reach.limits.doubt):
	}
	_, err := s.Probe(ctx, client)
	found, noWorker := errors.AsType[*NoWorkerError](err)
	if noWorker {
		cancel()
	}
	<-done
	if noWorker {
		return found
	}
	return s.conclude(ctx, client, readErr)
}

// conclude decides whether the error of a read concerns this object only, or the whole run.
func (s *Session) conclude(ctx context.Context, client *connectclient.Client, err error) error {
	switch {
	case err == nil:
		s.reach.answered.Store(true)
		return nil
	case errors.Is(err, connectclient.ErrNotFound), errors.Is(ctx.Err(), context.Canceled):
		return err
	case ctx.Err() != nil && connectclient.MayRecover(err): // timeouts.read has ended
		return s.reach.find(fmt.Errorf("the read of a connector timed out, see timeouts.read: %w", err))
	}
	_, probeErr := s.Probe(ctx, client)
	if found, ok := errors.AsType[*NoWorkerError](probeErr); ok {
		return found
	}
	return err
}

// NoWorker returns what the run has found: nil while workers answer. It asks them if nothing has been read yet.
func (s *Session) NoWorker(ctx context.Context, client *connectclient.Client) *NoWorkerError {
	if found := s.reach.found.Load(); found != nil || s.reach.answered.Load() {
		return found
	}
	_, err := s.Probe(ctx, client)
	found, _ := errors.AsType[*NoWorkerError](err)
	return found
}

// ReportDestroy returns the one diagnostic of a run that plans to destroy an object for which no worker answered. For a
// destroy, Terraform reads the objects in another run and drops the warnings of that run.
func (s *Session) ReportDestroy() (diags diag.Diagnostics) {
	if s.reach.reported.CompareAndSwap(false, true) {
		diags.AddWarning("The destroy is planned without the workers"+s.ofCluster(),
			"No worker answered when Terraform read the connectors. The apply waits for a worker within timeouts.delete of each connector. If the workers should run, start them, or correct connect.urls of the provider. "+
				"If the workers no longer exist, run terraform state rm for their connectors. This warning is shown once.")
	}
	return diags
}

// Report returns the one diagnostic of the run that says that no worker answers: a warning if waiting may cure it. Later
// calls return none.
func (s *Session) Report(found *NoWorkerError) (diags diag.Diagnostics) {
	if !s.reach.reported.CompareAndSwap(false, true) {
		return nil
	}
	if !found.Wait {
		diags.Append(diagnostics.FromConnect("Kafka Connect cannot be used at the address in connect.urls"+s.ofCluster(), found.Err))
		return diags
	}
	diags.AddWarning("Connectors are planned without the workers, because no worker"+s.ofCluster()+" answers", diagnostics.Sentence(found.Err.Error())+
		"\n\nThe plan keeps connectors as they are in the state. With on_failure = \"restart\", it shows state as a change from \"UNREACHABLE\". "+
		"New and changed connectors were not checked. "+
		"The apply waits for a worker within the timeouts of each connector, then changes only what differs. "+
		"-refresh=false is not needed. If the workers should run, start them, or correct connect.urls of the provider. This warning is shown once.")
	return diags
}
