package connectclient_test

import (
	"context"
	"errors"
	"fmt"
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

// lookAt looks at each of the connectors, some at once, and each has to be there.
func lookAt(t *testing.T, client *connectclient.Client, names []string, parallel int) {
	t.Helper()
	var group sync.WaitGroup
	queue := make(chan string)
	for range parallel {
		group.Go(func() {
			for name := range queue {
				got, status, err := client.Look(t.Context(), name)
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

func TestManyLooksAreOneListing(t *testing.T) {
	for _, parallel := range []int{1, 10, 100} {
		worker, client := newFake(t)
		lookAt(t, client, seed(worker, 1000), parallel)
		if listings, all := worker.Count("GET", "/connectors"), worker.Count("", ""); listings != 1 || all > 3 {
			t.Errorf("%d at once: %d requests, %d of them listings", parallel, all, listings)
		}
	}
}

func TestOneLookAmongManyListsNothing(t *testing.T) {
	worker, client := newFake(t)
	seed(worker, 50)
	for range 3 {
		lookAt(t, client, []string{"c7"}, 1)
	}
	if listings, all := worker.Count("GET", "/connectors"), worker.Count("", ""); listings != 0 || all != 2 {
		t.Errorf("%d requests, %d of them listings", all, listings)
	}
}

// The first looks do not wait for others to come.
func TestFirstLookIsNotDelayedByListing(t *testing.T) {
	worker, client := newFake(t)
	seed(worker, 2)
	release := make(chan struct{})
	worker.Inject("GET", "/connectors", 1, connectfake.Held(release))
	lookAt(t, client, []string{"c0"}, 1)
	second := make(chan error)
	go func() {
		_, _, err := client.Look(t.Context(), "c1")
		second <- err
	}()
	eventually(t, func() bool { return worker.Count("GET", "/connectors") == 1 })
	lookAt(t, client, []string{"c0"}, 1)
	close(release)
	if err := <-second; err != nil {
		t.Error(err)
	}
}

func TestListingIsNotTrustedForAbsence(t *testing.T) {
	worker, client := newFake(t)
	seed(worker, 2)
	lookAt(t, client, []string{"c0", "c1"}, 1)
	worker.Seed("late", "STOPPED", fileSource())
	lookAt(t, client, []string{"late"}, 1)
	if _, _, err := client.Look(t.Context(), "absent"); !errors.Is(err, connectclient.ErrNotFound) {
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
		got, status, err := client.Look(t.Context(), name)
		if err != nil || got.Name != name || status.Connector.State != "" || status.Name != name {
			t.Errorf("got %+v, %+v, %v", got, status, err)
		}
	}
}

func TestNoSnapshotSurvivesWrite(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 3)
	lookAt(t, client, names, 1)
	worker.Inject("DELETE", "/connectors/c0", 1, connectfake.Answer(403, "", "")) // sent, and without effect
	if err := client.DeleteConnector(t.Context(), "c0"); !errors.Is(err, connectclient.ErrForbidden) {
		t.Fatal(err)
	}
	for _, name := range names {
		worker.SetTarget(name, "PAUSED")
		_, status, err := client.Look(t.Context(), name)
		if err != nil || status.Connector.State != connectclient.StatePaused {
			t.Errorf("got %v, %v", status, err)
		}
	}
	if n := worker.Count("GET", "/connectors"); n != 1 {
		t.Errorf("listed %d times", n)
	}
}

// A listing that began before a write may show what was before it, and is kept for nobody.
func TestListingUnderWayDoesNotSurviveWrite(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 3)
	lookAt(t, client, names[:1], 1)
	answered, release := make(chan struct{}), make(chan struct{})
	worker.Inject("GET", "/connectors", 1, connectfake.Afterwards(func() { close(answered); <-release }))
	early := make(chan connectclient.State)
	go func() {
		_, status, _ := client.Look(t.Context(), "c1")
		early <- status.Connector.State
	}()
	<-answered
	if err := client.PauseConnector(t.Context(), "c2"); err != nil {
		t.Fatal(err)
	}
	close(release)
	if state := <-early; state != connectclient.StateStopped {
		t.Errorf("who asked before the write got %s", state)
	}
	if _, status, err := client.Look(t.Context(), "c2"); err != nil || status.Connector.State != connectclient.StatePaused {
		t.Errorf("who asked after the write got %v, %v", status, err)
	}
}

// Where a proxy shows single connectors only, these have to do.
func TestLookWithoutListing(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 20)
	worker.Inject("GET", "/connectors", connectfake.Always, connectfake.Answer(403, "", ""))
	lookAt(t, client, names, 1)
	if n := worker.Count("GET", "/connectors"); n != 1 {
		t.Errorf("asked %d times for a listing that is refused", n)
	}
}

func TestListingRidesOutFaults(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 20)
	for _, effect := range []connectfake.Effect{
		connectfake.Rebalancing(), connectfake.Starting(), connectfake.Reset(), connectfake.Truncated(), connectfake.Answer(503, "", ""),
	} {
		worker.Inject("GET", "/connectors", 1, effect)
	}
	lookAt(t, client, names, 10)
}

// One who has no more time neither takes the listing from the others nor waits for it.
func TestLookEndsWithItsOwnContext(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 3)
	lookAt(t, client, names[:1], 1)
	worker.Inject("GET", "/connectors", connectfake.Always, connectfake.Rebalancing())
	hasty, cancel := context.WithCancel(t.Context())
	left, stayed := make(chan error), make(chan error)
	go func() { _, _, err := client.Look(hasty, "c1"); left <- err }()
	eventually(t, func() bool { return worker.Count("GET", "/connectors") > 1 })
	go func() { _, _, err := client.Look(t.Context(), "c2"); stayed <- err }()
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "rebalance is expected") {
		t.Errorf("got %v", err)
	}
	worker.Calm()
	if err := <-stayed; err != nil {
		t.Error(err)
	}
}

func TestLookHidesSecretsInTraces(t *testing.T) {
	worker, client := newFake(t)
	for _, name := range []string{"a", "b"} {
		config := fileSource()
		config["some.password"] = "s3cr3t-" + name
		worker.Break(name, "X: cannot log in with s3cr3t-"+name)
		worker.Seed(name, "RUNNING", config)
	}
	for _, name := range []string{"a", "b", "b"} {
		_, status, err := client.Look(t.Context(), name, "some.password")
		if err != nil || status.Tasks[0].Trace != "X: cannot log in with (hidden)" {
			t.Errorf("got %+v, %v", status, err)
		}
	}
}

// eventually waits until the condition holds.
func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not so after a minute")
		}
	}
}
