package session

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestLocksEndWithTheirContext(t *testing.T) {
	t.Parallel()
	objects, workers := newObjects("connector", ""), &Workers{}
	for name, lock := range map[string]func(context.Context) (func(), error){
		"object": func(ctx context.Context) (func(), error) { return objects.Lock(ctx, "orders") },
		"files":  workers.LockFiles,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unlock, err := lock(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			waiting := make(chan error)
			go func() {
				_, err := lock(ctx)
				waiting <- err
			}()
			timedOut := errors.New("timed out")
			cancel(timedOut)
			if err := <-waiting; !errors.Is(err, timedOut) {
				t.Errorf("got %v, want the cause of the context", err)
			}
			unlock()
			if unlock, err = lock(t.Context()); err != nil {
				t.Fatalf("the lock is not free after unlock: %v", err)
			}
			unlock()
		})
	}
}

func TestObjects_lockErrorNamesTheObject(t *testing.T) {
	t.Parallel()
	objects := newObjects("connector", "")
	if _, err := objects.Lock(t.Context(), "orders"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := objects.Lock(ctx, "orders"); err == nil || !strings.Contains(err.Error(), `connector "orders"`) {
		t.Errorf("got %v", err)
	}
}
