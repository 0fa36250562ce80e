package connectclient_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// seed puts connectors c0, c1, … into the cluster, STOPPED.
func seed(worker *connectfake.Worker, number int) (names []string) {
	for i := range number {
		names = append(names, fmt.Sprintf("c%d", i))
		worker.Seed(names[i], "STOPPED", fileSource())
	}
	return names
}

// readAll reads each connector, several at the same time, and expects it to exist.
func readAll(t *testing.T, client *connectclient.Client, names []string, parallel int) {
	t.Helper()
	var group sync.WaitGroup
	queue := make(chan string)
	for range parallel {
		group.Go(func() {
			for name := range queue {
				got, status, err := client.ConnectorWithStatus(t.Context(), name)
				if err != nil || got.Name != name || !got.HasConfig(fileSource()) || status.Connector.State != connectclient.StateStopped {
					t.Errorf("%s: got %+v, %v, %v", name, got, status, err)
				}
			}
		})
	}
	for _, name := range names {
		queue <- name
	}
	close(queue)
	group.Wait()
}

func TestManyReadsAreOneListing(t *testing.T) {
	for _, parallel := range []int{1, 10, 100} {
		worker, client := newFake(t)
		readAll(t, client, seed(worker, 1000), parallel)
		if listings, all := worker.Count("GET", "/connectors"), worker.Count("", ""); listings != 1 || all > 3 {
			t.Errorf("%d at once: %d requests, %d of them listings", parallel, all, listings)
		}
	}
}

// A data source may read the connector that a resource reads at the same time.
func TestReadsOfTheFirstConnectorShareRequests(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 5)
	release := make(chan struct{})
	worker.Inject("GET", "/connectors/c0", 1, connectfake.Held(release))
	var first, others sync.WaitGroup
	first.Go(func() { readAll(t, client, names[:1], 1) })
	for worker.Count("GET", "/connectors/c0") == 0 {
		time.Sleep(time.Millisecond)
	}
	for range 20 {
		others.Go(func() { readAll(t, client, names[:1], 1) })
	}
	others.Wait()
	close(release)
	first.Wait()
	if all := worker.Count("", ""); all != 3 {
		t.Errorf("got %d requests: %v", all, worker.Requests())
	}
}

func TestOneReadAmongManyListsNothing(t *testing.T) {
	worker, client := newFake(t)
	seed(worker, 50)
	for range 3 {
		readAll(t, client, []string{"c7"}, 1)
	}
	if listings, all := worker.Count("GET", "/connectors"), worker.Count("", ""); listings != 0 || all != 2 {
		t.Errorf("%d requests, %d of them listings", all, listings)
	}
}

// Reads of the first connector do not wait for the listing.
func TestFirstReadIsNotDelayedByListing(t *testing.T) {
	worker, client := newFake(t)
	seed(worker, 2)
	release := make(chan struct{})
	worker.Inject("GET", "/connectors", 1, connectfake.Held(release))
	readAll(t, client, []string{"c0"}, 1)
	second := make(chan error)
	go func() {
		_, _, err := client.ConnectorWithStatus(t.Context(), "c1")
		second <- err
	}()
	eventually(t, func() bool { return worker.Count("GET", "/connectors") == 1 })
	readAll(t, client, []string{"c0"}, 1)
	close(release)
	if err := <-second; err != nil {
		t.Error(err)
	}
}

func TestListingIsNotTrustedForAbsence(t *testing.T) {
	worker, client := newFake(t)
	seed(worker, 2)
	readAll(t, client, []string{"c0", "c1"}, 1)
	worker.Seed("late", "STOPPED", fileSource())
	readAll(t, client, []string{"late"}, 1)
	if _, _, err := client.ConnectorWithStatus(t.Context(), "absent"); !errors.Is(err, connectclient.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if worker.Count("GET", "/connectors/absent") != 1 {
		t.Error("its absence was not confirmed")
	}
}

func TestConnectorWithoutStatusIsThere(t *testing.T) {
	worker, client := newFake(t, connectfake.WithStatusLag(time.Hour))
	seed(worker, 3)
	for _, name := range []string{"c0", "c1", "c2"} {
		got, status, err := client.ConnectorWithStatus(t.Context(), name)
		if err != nil || got.Name != name || status.Connector.State != "" || status.Name != name {
			t.Errorf("got %+v, %+v, %v", got, status, err)
		}
	}
}

func TestWriteEndsCache(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 3)
	readAll(t, client, names, 1)
	worker.Inject("DELETE", "/connectors/c0", 1, connectfake.Answer(403, "", "")) // sent, and without effect
	if err := client.DeleteConnector(t.Context(), "c0"); !errors.Is(err, connectclient.ErrForbidden) {
		t.Fatal(err)
	}
	for _, name := range names {
		worker.SetTarget(name, "PAUSED")
		_, status, err := client.ConnectorWithStatus(t.Context(), name)
		if err != nil || status.Connector.State != connectclient.StatePaused {
			t.Errorf("got %v, %v", status, err)
		}
	}
	if n := worker.Count("GET", "/connectors"); n != 1 {
		t.Errorf("listed %d times", n)
	}
}

// A listing that began before a write may show the previous state, and is not used afterwards.
func TestListingInFlightDoesNotSurviveWrite(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 3)
	readAll(t, client, names[:1], 1)
	answered, release := make(chan struct{}), make(chan struct{})
	worker.Inject("GET", "/connectors", 1, connectfake.Afterwards(func() { close(answered); <-release }))
	early := make(chan connectclient.State)
	go func() {
		_, status, _ := client.ConnectorWithStatus(t.Context(), "c1")
		early <- status.Connector.State
	}()
	<-answered
	if err := client.PauseConnector(t.Context(), "c2"); err != nil {
		t.Fatal(err)
	}
	close(release)
	if state := <-early; state != connectclient.StateStopped {
		t.Errorf("the caller before the write got %s", state)
	}
	if _, status, err := client.ConnectorWithStatus(t.Context(), "c2"); err != nil || status.Connector.State != connectclient.StatePaused {
		t.Errorf("the caller after the write got %v, %v", status, err)
	}
}

// A proxy may forbid the listing and allow single connectors.
func TestReadsWithoutListing(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 20)
	worker.Inject("GET", "/connectors", connectfake.Always, connectfake.Answer(403, "", ""))
	readAll(t, client, names, 1)
	if n := worker.Count("GET", "/connectors"); n != 1 {
		t.Errorf("asked %d times for a listing that is refused", n)
	}
}

func TestListingIsRetried(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 20)
	for _, effect := range []connectfake.Effect{
		connectfake.Rebalancing(), connectfake.Starting(), connectfake.Reset(), connectfake.Truncated(), connectfake.Answer(503, "", ""),
	} {
		worker.Inject("GET", "/connectors", 1, effect)
	}
	readAll(t, client, names, 10)
}

// A caller whose context ends does not cancel the listing for the others, and does not wait for it.
func TestReadEndsWithItsOwnContext(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 3)
	readAll(t, client, names[:1], 1)
	worker.Inject("GET", "/connectors", connectfake.Always, connectfake.Rebalancing())
	hasty, cancel := context.WithCancel(t.Context())
	left, stayed := make(chan error), make(chan error)
	go func() { _, _, err := client.ConnectorWithStatus(hasty, "c1"); left <- err }()
	eventually(t, func() bool { return worker.Count("GET", "/connectors") > 1 })
	go func() { _, _, err := client.ConnectorWithStatus(t.Context(), "c2"); stayed <- err }()
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "rebalance is expected") {
		t.Errorf("got %v", err)
	}
	worker.Calm()
	if err := <-stayed; err != nil {
		t.Error(err)
	}
}

func TestReadHidesSecretsInTraces(t *testing.T) {
	worker, client := newFake(t)
	for _, name := range []string{"a", "b"} {
		config := fileSource()
		config["some.password"] = "s3cr3t-" + name
		worker.Break(name, "X: cannot log in with s3cr3t-"+name)
		worker.Seed(name, "RUNNING", config)
	}
	for _, name := range []string{"a", "b", "b"} {
		_, status, err := client.ConnectorWithStatus(t.Context(), name, "some.password")
		if err != nil || status.Tasks[0].Trace != "X: cannot log in with (hidden)" {
			t.Errorf("got %+v, %v", status, err)
		}
	}
}

// A failure that the client does not recognise and that lasts stops listings only for a while.
func TestListingIsSentAgainAfterFailure(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 200)
	worker.Inject("GET", "/connectors", 3, connectfake.Fails(500, "something else"))
	readAll(t, client, names[:3], 1)
	eventually(t, func() bool {
		readAll(t, client, names[3:5], 1)
		worker.Forget()
		readAll(t, client, names[5:], 1)
		return worker.Count("", "") <= 1
	})
}

func TestValidationKeepsCache(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 20)
	readAll(t, client, names[:2], 1)
	if _, err := client.Validate(t.Context(), connectfake.FileSource, fileSource()); err != nil {
		t.Fatal(err)
	}
	worker.Forget()
	readAll(t, client, names, 1)
	if n := worker.Count("", ""); n != 0 {
		t.Errorf("sent %d requests", n)
	}
}

func TestConnectorsHidesSecretsInTraces(t *testing.T) {
	worker, client := newFake(t)
	worker.Break("a", "X: cannot log in with s3cr3t")
	worker.Seed("a", "RUNNING", fileSource())
	got, err := client.Connectors(connectclient.WithSecrets(t.Context(), "s3cr3t"))
	if err != nil || got["a"].Status.Tasks[0].Trace != "X: cannot log in with (hidden)" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A worker lists a connector that is deleted at the same time with "info": null.
func TestListingWithDeletedConnector(t *testing.T) {
	worker, client := newFake(t)
	worker.Inject(http.MethodGet, "/connectors", 1, connectfake.Answer(http.StatusOK, "application/json", `{
		"gone": {"info": null, "status": {"name": "gone", "connector": {"state": "RUNNING", "worker_id": "w"}, "tasks": [], "type": "source"}},
		"here": {"info": {"name": "here", "config": {"name": "here"}, "tasks": [], "type": "source"},
			"status": {"name": "here", "connector": {"state": "RUNNING", "worker_id": "w"}, "tasks": [], "type": "source"}}
	}`))
	got, err := client.Connectors(t.Context())
	if err != nil || len(got) != 1 || got["here"].Connector.Name != "here" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// eventually waits until the condition holds.
func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the condition does not hold after a minute")
		}
	}
}

// One failure that the client does not recognise costs one more listing, not two requests for each connector.
func TestUnknownFailureDoesNotEndListings(t *testing.T) {
	for name, change := range map[string]func(*connectfake.Worker, *connectclient.Client, []string){
		"reads": func(_ *connectfake.Worker, client *connectclient.Client, names []string) {
			readAll(t, client, names, 10)
		},
		"waits": func(_ *connectfake.Worker, client *connectclient.Client, names []string) {
			for i, err := range awaitAll(t.Context(), client, names, connectclient.StateStopped) {
				if err != nil {
					t.Errorf("%s: %v", names[i], err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			worker := connectfake.New(t)
			names := seed(worker, 50)
			client := newClient(t, func(cfg *connectclient.Config) { cfg.Retry.Max = time.Minute }, worker.URL())
			if name == "waits" { // a slow poll first, so that all waiters share the next one
				worker.Inject("GET", "/connectors", 1, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
					time.Sleep(50 * time.Millisecond)
					next.ServeHTTP(rw, r)
				})
			}
			worker.Inject("GET", "/connectors", 1, connectfake.Fails(500, "something else"))
			change(worker, client, names)
			if n := worker.Count("GET", "/connectors/*/status"); n > 2 { // the first one
				t.Errorf("%d connectors were read with their own requests", n)
			}
		})
	}
}

// waiting starts a wait for a connector, which lasts until the test ends.
func waiting(t *testing.T, worker *connectfake.Worker, client *connectclient.Client) {
	t.Helper()
	worker.Seed("waiting", "PAUSED", fileSource())
	var group sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	group.Go(func() { _, _ = client.Await(ctx, "waiting", connectclient.StateRunning) })
	t.Cleanup(func() { cancel(); group.Wait() })
	for worker.Count("GET", "/connectors/waiting/status") == 0 {
		time.Sleep(time.Millisecond)
	}
}

// count returns the number of requests that are no polls of waiting.
func count(worker *connectfake.Worker) int {
	return worker.Count("", "") - worker.Count("GET", "/connectors/waiting/status")
}

// Updates that begin at the same time share one listing. A name that it lacks is read with its own request.
func TestRecentReadsAreOneListing(t *testing.T) {
	worker, client := newFake(t)
	names := append(seed(worker, 100), "missing")
	waiting(t, worker, client)
	var group sync.WaitGroup
	for _, name := range names {
		group.Go(func() {
			got, err := client.RecentConnector(t.Context(), name)
			if name == "missing" {
				if !errors.Is(err, connectclient.ErrNotFound) {
					t.Errorf("got %v, %v", got, err)
				}
			} else if err != nil || got.Name != name || !got.HasConfig(fileSource()) {
				t.Errorf("%s: got %+v, %v", name, got, err)
			}
		})
	}
	group.Wait()
	if listings, all := worker.Count("GET", "/connectors"), count(worker); listings != 1 || all > 2 {
		t.Errorf("%d requests, %d of them listings", all, listings)
	}
}

// An operation that is alone lists nothing.
func TestOneRecentReadListsNothing(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 3)
	for _, name := range names {
		if _, err := client.RecentConnector(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if n := worker.Count("GET", "/connectors"); n != 0 {
		t.Errorf("listed %d times", n)
	}
}

// A worker that forbids the listing answers the connectors' own requests.
func TestRecentReadsWithoutListing(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 3)
	waiting(t, worker, client)
	worker.Inject("GET", "/connectors", connectfake.Always, connectfake.Answer(403, "", ""))
	for i, name := range names {
		if got, err := client.RecentConnector(t.Context(), name); err != nil || got.Name != name {
			t.Errorf("got %v, %v", got, err)
		}
		if n := worker.Count("GET", "/connectors"); n != 1 {
			t.Errorf("asked %d times for a listing after %d reads", n, i+1)
		}
	}
}

// What was changed more than two seconds ago is read again.
func TestRecentReadsAreRecent(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 2)
	waiting(t, worker, client)
	read := func() string {
		t.Helper()
		got, err := client.RecentConnector(t.Context(), names[1])
		if err != nil {
			t.Fatal(err)
		}
		return got.Config["file"]
	}
	read()
	changed := "/tmp/other.txt"
	worker.Edit(names[1], map[string]*string{"file": &changed})
	for began := time.Now(); read() != changed; time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal("the listing is never renewed")
		}
	}
}

// The answer to a listing that took longer than two seconds is not recent any more.
func TestRecentReadsUseNoLateListing(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 2)
	waiting(t, worker, client)
	changed := "/tmp/other.txt"
	worker.Inject("GET", "/connectors", 1, connectfake.Afterwards(func() {
		worker.Edit(names[1], map[string]*string{"file": &changed})
		time.Sleep(2100 * time.Millisecond)
	}))
	got, err := client.RecentConnector(t.Context(), names[1])
	if err != nil {
		t.Fatal(err)
	}
	if worker.Count("GET", "/connectors") != 1 || got.Config["file"] != changed {
		t.Errorf("got %v", got.Config)
	}
}

// A listing that is asked for and the listing that answers reads are one, whichever comes first.
func TestCachedConnectorsShareTheListing(t *testing.T) {
	for _, first := range []bool{true, false} {
		worker, client := newFake(t)
		names := seed(worker, 20)
		list := func() {
			t.Helper()
			if all, err := client.CachedConnectors(t.Context()); err != nil || len(all) != len(names) {
				t.Errorf("got %d, %v", len(all), err)
			}
		}
		want := 3 // the first connector is read with its own requests
		if first {
			list()
			want = 1
		}
		readAll(t, client, names, 10)
		list()
		if listings, all := worker.Count("GET", "/connectors"), worker.Count("", ""); listings != 1 || all != want {
			t.Errorf("%d requests, %d of them listings", all, listings)
		}
	}
}

func TestCachedConnectorsAfterAWriteAreCurrent(t *testing.T) {
	worker, client := newFake(t)
	seed(worker, 2)
	for _, want := range []int{2, 1, 1} {
		if all, err := client.CachedConnectors(t.Context()); err != nil || len(all) != want {
			t.Errorf("got %d, %v", len(all), err)
		}
		if want == 2 {
			if err := client.DeleteConnector(t.Context(), "c0"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := worker.Count("GET", "/connectors"); n != 3 {
		t.Errorf("%d listings", n)
	}
}

func TestCachedConnectorsReturnTheError(t *testing.T) {
	worker, client := newFake(t)
	seed(worker, 2)
	worker.Inject("GET", "/connectors", connectfake.Always, connectfake.Answer(403, "", ""))
	for range 2 { // the second one while listings are paused
		if _, err := client.CachedConnectors(t.Context()); !errors.Is(err, connectclient.ErrForbidden) {
			t.Errorf("got %v", err)
		}
	}
}

func TestActiveTopics(t *testing.T) {
	worker, client := newFake(t, connectfake.WithoutTopicTracking())
	seed(worker, 1)
	if _, err := client.ActiveTopics(t.Context(), "c0"); !errors.Is(err, connectclient.ErrNoTopicTracking) || !errors.Is(err, connectclient.ErrForbidden) {
		t.Errorf("without tracking: %v", err)
	}
	worker.Inject("GET", "/connectors/c0/topics", 1, connectfake.Answer(403, "", ""))
	if _, err := client.ActiveTopics(t.Context(), "c0"); errors.Is(err, connectclient.ErrNoTopicTracking) || !errors.Is(err, connectclient.ErrForbidden) {
		t.Errorf("without permission: %v", err)
	}
	worker.Inject("GET", "/connectors/c0/topics", 1, connectfake.Answer(200, "application/json", `{"other":{"topics":["t"]}}`))
	if _, err := client.ActiveTopics(t.Context(), "c0"); !errors.Is(err, connectclient.ErrOtherConnector) {
		t.Errorf("an answer about another connector: %v", err)
	}
}

// What the plugin defines as PASSWORD is hidden in stack traces, in a listing and in the status of one connector.
func TestTracesHidePasswordsByType(t *testing.T) {
	worker, client := newFake(t)
	worker.Break("a", "X: vault refuses 1234567")
	for _, name := range []string{"a", "b"} {
		worker.Seed(name, "RUNNING", map[string]string{"connector.class": connectfake.Vault, "vault.url": "http://v", "vault.pin": "1234567"})
	}
	all, err := client.CachedConnectors(t.Context())
	_, one, oneErr := client.ConnectorWithStatus(t.Context(), "a")
	for _, status := range []connectclient.Status{all["a"].Status, one} {
		if err != nil || oneErr != nil || len(status.Tasks) == 0 || status.Tasks[0].Trace != "X: vault refuses (hidden)" {
			t.Errorf("got %+v, %v, %v", status, err, oneErr)
		}
	}
	if n := worker.Count("GET", "/connector-plugins/*/config"); n != 1 {
		t.Errorf("%d requests for the keys of the class", n)
	}
}
