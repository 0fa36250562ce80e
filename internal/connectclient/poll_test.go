package connectclient_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// awaitAll waits for all connectors at the same time and returns an error for each.
func awaitAll(ctx context.Context, client *connectclient.Client, names []string, want connectclient.State) []error {
	errs := make([]error, len(names))
	var group sync.WaitGroup
	for i, name := range names {
		group.Go(func() { _, errs[i] = client.Await(ctx, name, want) })
	}
	group.Wait()
	return errs
}

func TestManyWaitersAreOnePoll(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 200)
	var together, most atomic.Int32
	worker.Inject("GET", "/connectors", connectfake.Always, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		now := together.Add(1)
		defer together.Add(-1)
		for was := most.Load(); now > was && !most.CompareAndSwap(was, now); was = most.Load() {
		}
		next.ServeHTTP(rw, r)
	})
	time.AfterFunc(50*time.Millisecond, func() {
		for _, name := range names {
			worker.SetTarget(name, "PAUSED")
		}
	})
	for i, err := range awaitAll(t.Context(), client, names, connectclient.StatePaused) {
		if err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
	}
	if most.Load() != 1 {
		t.Errorf("%d listings at once", most.Load())
	}
	// The first and the last waiter read a single connector.
	if single, listings := worker.Count("GET", "/connectors/*/status"), worker.Count("GET", "/connectors"); single > 3 || listings == 0 {
		t.Errorf("%d reads of single connectors, %d listings", single, listings)
	}
	for _, request := range worker.Requests() {
		if request.Path == "/connectors" && request.Query != "expand=status" {
			t.Errorf("asked for %q", request.Query)
		}
	}
}

func TestOneWaiterListsNothing(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "RUNNING", fileSource())
	if _, err := client.Await(t.Context(), "a", connectclient.StateRunning); err != nil {
		t.Fatal(err)
	}
	if n := worker.Count("GET", "/connectors"); n != 0 {
		t.Errorf("listed %d times", n)
	}
}

// A listing that began before a change may show the previous state.
func TestWaiterUsesNoOlderListing(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 3)
	answered, release := make(chan struct{}), make(chan struct{})
	worker.Inject("GET", "/connectors", 1, connectfake.Afterwards(func() { close(answered); <-release }))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	others := make(chan []error)
	go func() { others <- awaitAll(ctx, client, names[:2], connectclient.StateRunning) }()
	<-answered
	if err := client.PauseConnector(t.Context(), "c2"); err != nil { // the listing shows it STOPPED
		t.Fatal(err)
	}
	waited := make(chan error)
	go func() { _, err := client.Await(t.Context(), "c2", connectclient.StateStopped); waited <- err }()
	select {
	case err := <-waited:
		t.Fatalf("used an older listing: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	if err := client.StopConnector(t.Context(), "c2"); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Error(err)
	}
	cancel()
	<-others
}

func TestEachWaiterGetsItsOwnOutcome(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 4)
	worker.Break("c1", "X: outer\nCaused by: Y: cause")
	for _, name := range names[:2] {
		worker.SetTarget(name, "RUNNING")
	}
	time.AfterFunc(20*time.Millisecond, func() { worker.Remove("c2") })
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	errs := awaitAll(ctx, client, names, connectclient.StateRunning)
	var failed *connectclient.FailedError
	if errs[0] != nil {
		t.Errorf("got %v", errs[0])
	}
	if !errors.As(errs[1], &failed) || failed.Failures[0].Cause != "Y: cause" {
		t.Errorf("got %v", errs[1])
	}
	if !errors.Is(errs[2], connectclient.ErrNotFound) {
		t.Errorf("got %v", errs[2])
	}
	if !errors.Is(errs[3], context.DeadlineExceeded) || !strings.Contains(errs[3].Error(), "last status: connector STOPPED, no tasks") {
		t.Errorf("got %v", errs[3])
	}
}

func TestPollIsRetried(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 20)
	worker.Inject("", "", 30, connectfake.Rebalancing())
	worker.Inject("GET", "/connectors", 3, connectfake.Truncated())
	for i, err := range awaitAll(t.Context(), client, names, connectclient.StateStopped) {
		if err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
	}
}

func TestWaitersWithoutListing(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 5)
	worker.Inject("GET", "/connectors", connectfake.Always, connectfake.Answer(403, "", ""))
	for i, err := range awaitAll(t.Context(), client, names, connectclient.StateStopped) {
		if err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
	}
	if n := worker.Count("GET", "/connectors"); n > 2 { // one in flight, one that others joined in the meantime
		t.Errorf("asked %d times for a listing that is refused", n)
	}
}

// A failure that the client does not recognise and that lasts stops shared polls only for a while.
func TestPollIsSharedAgainAfterFailure(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 20)
	worker.Inject("GET", "/connectors", 3, connectfake.Fails(500, "something else"))
	time.AfterFunc(200*time.Millisecond, func() {
		for _, name := range names {
			worker.SetTarget(name, "PAUSED")
		}
	})
	for i, err := range awaitAll(t.Context(), client, names, connectclient.StatePaused) {
		if err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
	}
	if n := worker.Count("GET", "/connectors"); n < 5 {
		t.Errorf("listed %d times within 200 ms", n)
	}
}

// A waiter whose context ends while the poll is being retried gets the last answer.
func TestWaitersReportLastAnswer(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 3)
	worker.Inject("GET", "", connectfake.Always, connectfake.Rebalancing())
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	for i, err := range awaitAll(ctx, client, names, connectclient.StateStopped) {
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "a rebalance is expected") {
			t.Errorf("%s: got %v", names[i], err)
		}
	}
}

func TestWaitersHideTheirSecrets(t *testing.T) {
	worker, client := newFake(t)
	names := make([]string, 5)
	errs := make([]error, len(names))
	var group sync.WaitGroup
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
		worker.Break(names[i], "X: cannot log in with s3cr3t-"+names[i])
		worker.Seed(names[i], "RUNNING", fileSource())
		group.Go(func() {
			ctx := connectclient.WithSecrets(t.Context(), "s3cr3t-"+names[i])
			_, errs[i] = client.Await(ctx, names[i], connectclient.StateRunning)
		})
	}
	group.Wait()
	for i, err := range errs {
		if err == nil || strings.Contains(err.Error(), "s3cr3t") || !strings.Contains(err.Error(), "(hidden)") {
			t.Errorf("%s: got %v", names[i], err)
		}
	}
}
