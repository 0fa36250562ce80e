package connectclient_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// connections counts those that are open to a server.
type connections struct {
	mu         sync.Mutex
	open, most int
}

func (c *connections) note(_ net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.open++
		c.most = max(c.most, c.open)
	case http.StateClosed, http.StateHijacked:
		c.open--
	}
}

func (c *connections) count() (open, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open, c.most
}

// A thousand connectors are created and deleted, ten at the same time, with faults and with waits that are cancelled. No
// connection and no goroutine is left.
func TestNothingLeaks(t *testing.T) {
	const operations, parallel = 1000, 10
	worker := connectfake.New(t, connectfake.WithStatusLag(time.Millisecond))
	var seen connections
	server := httptest.NewUnstartedServer(worker)
	server.Config.ConnState = seen.note
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	client := newClient(t, func(cfg *connectclient.Config) { cfg.Settle = time.Millisecond }, server.URL)
	before := ours(t)

	queue := make(chan int)
	var group sync.WaitGroup
	for range parallel {
		group.Go(func() {
			for i := range queue {
				if i%50 == 0 {
					worker.Inject("", "", 1, connectfake.Reset())
				}
				if err := comeAndGo(t.Context(), client, fmt.Sprintf("c%d", i)); err != nil {
					t.Errorf("%d: %v", i, err)
				}
			}
		})
	}
	for i := range operations {
		queue <- i
	}
	close(queue)
	group.Wait()

	if open, most := seen.count(); most > 2*parallel+1 { // a broken connection and the one that replaces it may be open at the same time
		t.Errorf("%d connections were open at once, %d are", most, open)
	}
	client.Close()
	eventually(t, func() bool { open, _ := seen.count(); return open == 0 })
	deadline := time.Now().Add(10 * time.Second)
	for len(ours(t)) > len(before) {
		if time.Now().After(deadline) {
			t.Fatalf("goroutines are left:\n%s", strings.Join(ours(t), "\n\n"))
		}
		time.Sleep(time.Millisecond)
	}
}

// comeAndGo creates, changes and deletes a connector.
func comeAndGo(ctx context.Context, client *connectclient.Client, name string) error {
	created, _, err := client.CreateConnector(ctx, name, fileSource(), connectclient.StateRunning)
	if err != nil {
		return err
	}
	if _, err := client.Await(ctx, name, connectclient.StateRunning); err != nil {
		return err
	}
	hasty, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	if _, err := client.Await(hasty, name, connectclient.StatePaused); !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("a cancelled wait: %w", err)
	}
	changed := fileSource()
	changed["topic"] = "others"
	if _, _, err := client.PutConfig(ctx, created, changed); err != nil {
		return err
	}
	if _, _, err := client.ConnectorWithStatus(ctx, name); err != nil {
		return err
	}
	return client.DeleteConnector(ctx, name)
}

// ours returns the goroutines that run code of this package, except the test's own.
func ours(t *testing.T) (stacks []string) {
	t.Helper()
	runtime.GC()
	var all strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&all, 2); err != nil {
		t.Fatal(err)
	}
	for stack := range strings.SplitSeq(all.String(), "\n\n") {
		if strings.Contains(stack, "connectclient.") && !strings.Contains(stack, t.Name()) || strings.Contains(stack, "http.(*persistConn)") {
			stacks = append(stacks, stack)
		}
	}
	return stacks
}
